// The text form of journeys, as people write it and `hospes journey fmt` prints it. Its grammar stands
// in docs/journeys.md.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "journey/definition.h"

namespace hospes::journey {

using segment::to_string;

template <class T>
using Parsed = std::expected<T, Mistake>;

/// All journeys of one file, each valid (validate.h). Survives any input; stops at the first mistake.
Parsed<std::vector<Definition>> parse(std::string_view source);

/// What is in force in a house: every version in which somebody may still be, the newest of each
/// journey last. `closed`: nobody enters it. `ended`: gone from the file; its place among the versions
/// is kept, and it holds no steps.
struct Versioned {
  Definition definition;
  std::uint32_t version = 1;
  bool closed = false;
  bool ended = false;
  bool operator==(const Versioned&) const = default;
};
Parsed<std::vector<Versioned>> parse_in_force(std::string_view source);
/// Text of `next` as successor of `before`: a changed journey is the next version, the old one is
/// closed and stays, the oldest beyond versions_max go.
std::string succession(const std::vector<Versioned>& before, const std::vector<Definition>& next);

/// The same text, comments and all, with that journey paused or not. A mistake when the text is wrong, or
/// has no such journey.
Parsed<std::string> with_pause(std::string_view source, std::string_view id, bool paused);

/// `source` with the one journey that `text` holds instead of that of its id, else behind all others; the rest of the
/// file and the comments inside `text` stay. A mistake when either is wrong, when `text` holds another number of
/// journeys, or when in `source` something else stands on that journey's lines.
Parsed<std::string> with_journey(std::string_view source, std::string_view text);

/// The canonical text. parse(format(x)) == x.
std::string format(const Definition& definition);
/// What one step does, as its line says it: `wait 14d`.
std::string format(const Action& action);

}  // namespace hospes::journey
