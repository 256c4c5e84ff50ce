// Chance without dice: a draw is a function of what it is for and of whom (design.md, "An A/B draw is
// a hash of person and test"), so every replay and every partition draws the same.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/ids.h"

namespace hospes::decide {

/// Draws and shares are of 10⁸, so that a share of a share of 10,000 is exact.
inline constexpr std::uint32_t draws = 100'000'000;

/// Uniform in [0, draws), from XXH3 of (name, version, salt, atom). Atom ids are random, so nobody
/// chooses their draw. Bias: under 2⁻³⁷.
std::uint32_t draw(
    std::string_view name, std::uint32_t version, std::string_view salt, AtomId unit
);

}  // namespace hospes::decide
