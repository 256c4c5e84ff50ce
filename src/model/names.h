// Interned event, property, trait and source names of one house. Ids live as long as the process: nothing that is stored,
// hashed or ordered may depend on them.
#pragma once

#include <cstdint>
#include <deque>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

namespace hospes {

using Name = std::uint32_t;
inline constexpr Name no_name = 0;  // the empty string

class Names {
 public:
  static constexpr std::size_t names_max = 65'536;  // a stranger must not fill memory with invented names

  Names();
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  /// Finds or adds. over_limit beyond names_max. Thread-safe; a known name costs one shared lock and one look-up.
  Result<Name> intern(std::string_view text);
  /// `no_name` when nobody used it yet.
  Name find(std::string_view text) const;
  /// Valid as long as this table. Precondition: `name` came from this table.
  std::string_view text(Name name) const;
  std::size_t size() const;

 private:
  mutable std::shared_mutex mutex_;
  std::deque<std::string> texts_;
  std::unordered_map<std::string_view, Name> ids_;
};

}  // namespace hospes
