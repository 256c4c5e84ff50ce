// The text form of definitions, as people write it and `hospes segment fmt` prints it. Its grammar
// stands in docs/segments.md.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "segment/definition.h"
#include "segment/lifecycle.h"

namespace hospes::segment {

template <class T>
using Parsed = std::expected<T, Mistake>;

/// All segments of one file. Survives any input; stops at the first mistake.
Parsed<std::vector<Definition>> parse(std::string_view source);
Parsed<Node> parse_predicate(std::string_view source);

/// What is in force in a house: definitions in their places, and behind them the thresholds that
/// were recorded. A place is for ever: people remember where they are members by its number. Of one
/// that is no more, its id is left.
struct InForce {
  std::vector<Definition> definitions;
  std::vector<bool> retired;  // as long
  std::vector<Threshold> thresholds;
  std::vector<Lifecycle> lifecycles;
};
Parsed<InForce> parse_in_force(std::string_view source);
/// The same of a file as people keep it: segments and life cycles; nothing is retired.
Parsed<InForce> parse_file(std::string_view source);
/// The same text with other thresholds.
std::string with_thresholds(std::string_view source, const std::vector<Threshold>& thresholds);

/// The canonical text. parse(format(x)) == x.
std::string format(const Definition& definition);
std::string format(const Node& node);
std::string format(const Selection& selection);
std::string format(const Window& window);
std::string format(const Clause& clause);
std::string format(const Measure& measure);
std::string format(const Calendar& calendar);
std::string format(const Value& literal);
/// With the quotes and escapes of the language.
std::string in_quotes(std::string_view text);

/// What no form may say: limits, kinds of literals, windows that end before they begin. The first
/// mistake, or nothing.
std::optional<Mistake> validate(const Definition& definition);
std::optional<Mistake> validate(const Node& node);
/// The same of a whole file: its segments, then its life cycles.
std::optional<Mistake> mistake_in(const InForce& file);

}  // namespace hospes::segment
