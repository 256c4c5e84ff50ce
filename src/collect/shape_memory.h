// Which type each property of each source had, over a restart: under keyed hashes, for a name may be anybody's words and
// would outlive its erasure here. A plain value.
//
//   shapes 1
//   <hash, 16 hex> <type> <day>      the day, since 1970, on which it was last heard so
//
// A line of another shape is passed over: what is missing is learnt again.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/time.h"

namespace hospes::collect {

/// Of a value as it came. `object`: the property has parts, which stand under their dotted names.
enum class ShapeType : std::uint8_t { text, number, boolean, list, object };
std::string_view to_string(ShapeType type);

class ShapeMemory {
 public:
  static constexpr std::size_t words_max = 131'072;  // 32 B each
  static constexpr std::int64_t days_max = 30;       // a word that nobody said for so long is forgotten
  using Key = std::uint64_t;
  static std::int64_t day_of(Instant at) { return at.us / 86'400'000'000; }

  ShapeMemory() : secret_() {}
  explicit ShapeMemory(const HashSecret& secret) : secret_(secret) {}

  Key key(std::string_view source, std::string_view event, std::string_view property) const;
  std::optional<ShapeType> find(Key key) const;
  /// Heard so on that day. Full: what was not heard today goes; nothing did: it is not kept.
  void put(Key key, ShapeType type, std::int64_t day);

  void read(std::string_view text, std::int64_t today);
  std::string written() const;
  std::size_t size() const { return words_.size(); }

 private:
  struct Word {
    ShapeType type = ShapeType::text;
    std::int32_t day = 0;
  };
  HashSecret secret_;
  boost::unordered_flat_map<Key, Word> words_;
  std::int64_t swept_ = 0;  // the day on which room was made
};

}  // namespace hospes::collect
