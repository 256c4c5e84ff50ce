// Interned event, property, trait and source names of one house. Ids live as long as the process:
// nothing that is stored, hashed or ordered may depend on them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"

namespace hospes {

using Name = std::uint32_t;
inline constexpr Name no_name = 0;  // the empty string

/// Thread-safe. Names are only added: who looks one up takes no lock, for several are looked up for
/// every property of every event.
class Names {
 public:
  static constexpr std::size_t names_max =
      65'536;  // a stranger must not fill memory with invented names

  Names();
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  /// Finds or adds. over_limit beyond names_max.
  Result<Name> intern(std::string_view text);
  /// `no_name` when nobody used it yet.
  Name find(std::string_view text) const;
  /// Valid as long as this table. Precondition: `name` came from this table.
  std::string_view text(Name name) const;
  std::size_t size() const { return size_.load(std::memory_order_acquire); }

 private:
  static constexpr std::size_t chunk_names = 1'024;
  static constexpr std::size_t places = 2 * names_max;  // open addressing, at most half full
  using Chunk = std::array<std::string, chunk_names>;

  /// Place of the text in the table, or of the gap where it would stand.
  std::size_t place_of(std::string_view text) const;

  std::array<std::unique_ptr<Chunk>, names_max / chunk_names> chunks_;  // filled below size_
  std::unique_ptr<std::atomic<Name>[]> table_;  // no_name: a gap; written after the text stands
  std::atomic<std::uint32_t> size_{1};
  std::mutex adding_;
  const HashSecret secret_;  // of this process: strangers invent names
};

}  // namespace hospes
