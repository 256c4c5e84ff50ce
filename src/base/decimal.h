// Numbers in predicates and aggregates (design rule 8): exact, no double anywhere.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hospes {

using Wide = __int128;  // sums and cross-products of decimals

struct Decimal {
  std::int64_t micro = 0;  // × 10⁻⁶

  auto operator<=>(const Decimal&) const = default;
  /// Precondition: |n| ≤ 9,223,372,036,854.
  static constexpr Decimal whole(std::int64_t n) { return {n * 1'000'000}; }
};

/// Reads a JSON number (sign, digits, fraction, exponent). Digits past the sixth decimal round half to even.
/// Nothing when it is no number or lies outside int64 × 10⁻⁶: the caller keeps such a value as text.
std::optional<Decimal> parse_decimal(std::string_view text);

/// Shortest form that reads back the same: `12`, `-0.5`, `3.25`.
std::string to_string(Decimal d);

}  // namespace hospes
