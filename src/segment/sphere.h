// Distances on the Earth's surface without floating point: the same on every machine (design.md
// rule 3).
#pragma once

#include "base/decimal.h"

namespace hospes::segment {

/// A direction from the centre of the Earth, components × 2⁶⁰.
struct Direction {
  Wide x = 0, y = 0, z = 0;
};
/// Degrees north and east. Nothing outside ±90 and ±180.
bool direction(Decimal north, Decimal east, Direction& out);

/// The squared chord × 2¹²⁰ that belongs to a distance along the surface of a sphere with the mean
/// radius of the Earth, 6,371,008.8 m (IUGG; Moritz 2000). Precondition: 0 < metres ≤ 20,015,000.
Wide chord_squared(Decimal metres);
/// Between two directions; error below 2⁻⁵⁷ of the radius.
Wide chord_squared(const Direction& a, const Direction& b);

}  // namespace hospes::segment
