// Numbers that measures give: fractions of whole millionths, compared exactly (design.md rule 8).
// Private to the room.
#pragma once

#include <vector>

#include "segment/evaluate.h"

namespace hospes::segment {

inline constexpr Wide micro = 1'000'000;
inline constexpr std::int64_t day_us = 86'400'000'000;

/// No value: `den` is 0.
struct Number {
  Wide num = 0;
  Wide den = 0;
  explicit operator bool() const { return den != 0; }
};

bool compares(Wide left, Test test, Wide right);
/// False when either has no value.
bool compares(const Number& left, Test test, Decimal factor, const Number& right);
/// A sum or average as far as a decimal can say it; beyond, its digits as text.
Value shown(Wide micros);

// Of selected events in (happened, message) order.

std::size_t distinct(const BoundMeasure& m, const std::vector<const Seen*>& events);
std::size_t most(const BoundMeasure& m, const std::vector<const Seen*>& events);
/// Whole days from one to the next, those of less than one left out.
Number gap(Fold fold, const std::vector<const Seen*>& events);
/// sum, average, min, max over the numbers among the property's values.
Number amounts(const BoundMeasure& m, const std::vector<const Seen*>& events);

}  // namespace hospes::segment
