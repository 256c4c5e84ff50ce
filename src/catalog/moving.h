// Moving house: the lists of those who said no to the old mail tool come first. Until each of them
// has been imported or waived by name, no yes of the old tool enters and `contact:*` stays closed.
//
//   imports/moving.toml
//                 [unsubscribes] imported = ["3f2a… unsubscribed.csv 2026-11-27"]
//                 [bounces]      waived_by = "Marie Dupont", on = "2026-11-27", because = "…"
//                 [complaints]
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hospes::catalog {

enum class NoList : std::uint8_t { unsubscribes, bounces, complaints };
inline constexpr std::array no_lists = {NoList::unsubscribes, NoList::bounces, NoList::complaints};
std::string_view to_string(NoList list);

struct Settled {
  std::vector<std::string> imported;  // hash, name and day of each file
  std::string waived_by, on, because;
  bool done() const { return !imported.empty() || !waived_by.empty(); }
};

/// A value; read-only but for whoever settles a list.
struct Moving {
  bool begun = false;  // there is a moving.toml: the house comes from another tool
  std::array<Settled, no_lists.size()> lists;

  Settled& of(NoList list) { return lists[static_cast<std::size_t>(list)]; }
  const Settled& of(NoList list) const { return lists[static_cast<std::size_t>(list)]; }
  /// What keeps `contact:*` closed; empty: nothing does. A house that never moved is not locked.
  std::vector<NoList> open() const;
};

/// invalid_input names line and key.
Result<Moving> read_moving(std::string_view text);
std::string write_moving(const Moving& moving);

/// The house folder's imports/moving.toml; without one, a house that never moved.
Result<Moving> read_moving_folder(const std::string& folder);
/// In one step: a crash leaves the old file or the new one.
Status write_moving_folder(const std::string& folder, const Moving& moving);

}  // namespace hospes::catalog
