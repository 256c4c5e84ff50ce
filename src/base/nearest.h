// The nearest known name to one that is not known, for errors that say what to change.
#pragma once

#include <cstddef>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

namespace hospes {

/// Edits between two names, ASCII letters compared without case: insert, delete, replace, swap of
/// neighbours (optimal string alignment). Only the first 64 bytes of each count. Cost: the product
/// of the lengths.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// How far a slip of the hand may be from what was meant: a third of the name, at least one edit.
constexpr std::size_t slip_edits_max(std::string_view name) {
  return name.size() < 6 ? 1 : name.size() / 3;
}

/// The candidate with the fewest edits, the first of equals; nothing when all are further than a
/// slip. `candidates` is any range of things convertible to string_view; the result borrows from
/// it.
template <std::ranges::input_range Candidates>
std::optional<std::string_view> nearest(std::string_view name, const Candidates& candidates) {
  std::optional<std::string_view> best;
  std::size_t best_edits = slip_edits_max(name) + 1;
  for (const auto& candidate : candidates) {
    const std::string_view text(candidate);
    if (const std::size_t edits = edit_distance(name, text); edits < best_edits) {
      best_edits = edits;
      best = text;
    }
  }
  return best;
}

/// `; the nearest known is "…"`, or nothing: the tail of an error sentence.
template <std::ranges::input_range Candidates>
std::string nearest_hint(std::string_view name, const Candidates& candidates) {
  const auto found = nearest(name, candidates);
  return found ? "; the nearest known is \"" + std::string(*found) + "\"" : std::string();
}

}  // namespace hospes
