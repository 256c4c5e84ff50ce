// How often a person wants to hear from the house, in their own words: the highest rule over how
// often it may (design.md section 2, "Effect"). Not a permission: it opens nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/time.h"

namespace hospes::outbox {

/// Stored: values never change. Ascending: each asks for less than the one before.
enum class Level : std::uint8_t {
  unset,  // nobody said: the house's own caps
  all,    // the house's caps do not hold it back; each action's own still does
  usual,  // the house's caps, chosen
  less,   // Caps::less_per_week besides
  none,   // nothing but what serves a contract
};
inline constexpr std::array<std::string_view, 5> level_names = {"unset", "all", "usual", "less", "none"};
constexpr std::string_view to_string(Level level) { return level_names[static_cast<std::size_t>(level)]; }
/// Of one that can be chosen.
constexpr std::optional<Level> level_named(std::string_view name) {
  for (std::size_t i = 1; i < level_names.size(); ++i)
    if (level_names[i] == name) return static_cast<Level>(i);
  return std::nullopt;
}

/// The last word said through one identifier.
struct Choice {
  Level level = Level::unset;
  Instant since;
  Hash128 message;
  std::string source;
  bool operator==(const Choice&) const = default;
};

/// What a house says about how often it reaches one person, over all actions and channels. 0: no cap.
struct Caps {
  std::uint32_t per_day = 0, per_week = 0;  // calendar days of the person; a week: today and six before
  std::uint32_t less_per_week = 1;          // for who asked to hear less
  bool operator==(const Caps&) const = default;
};

/// First day on which `cap` messages in `window` days leave room for one more; nothing: today does.
/// `days`: of those that were sent, ascending, none after `today`.
std::optional<std::int64_t> frees_on(
    std::span<const std::int64_t> days, std::int64_t today, std::uint32_t cap, std::int64_t window
);

/// As rows and bundles hold it.
std::string choice_form(const Choice& choice);
/// False: not to its end, or of no known level.
bool read_choice(std::string_view form, Choice& choice);

}  // namespace hospes::outbox
