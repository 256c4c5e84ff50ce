// Instants are int64 microseconds UTC (design rule 7). No clock lives here: time arrives in records.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace hospes {

using Duration = std::chrono::microseconds;

struct Instant {
  std::int64_t us = 0;  // since 1970-01-01T00:00:00Z

  auto operator<=>(const Instant&) const = default;
  static constexpr Instant never() { return {std::numeric_limits<std::int64_t>::max()}; }
  static constexpr Instant beginning() { return {std::numeric_limits<std::int64_t>::min()}; }
};

/// Saturates at `beginning()` and `never()`.
constexpr Instant operator+(Instant at, Duration d) {
  std::int64_t out = 0;
  if (__builtin_add_overflow(at.us, d.count(), &out)) {
    return d.count() > 0 ? Instant::never() : Instant::beginning();
  }
  return at == Instant::never() || at == Instant::beginning() ? at : Instant{out};
}
constexpr Instant operator-(Instant at, Duration d) { return at + Duration(-d.count()); }
constexpr Duration operator-(Instant a, Instant b) {
  std::int64_t out = 0;
  if (__builtin_sub_overflow(a.us, b.us, &out)) out = std::numeric_limits<std::int64_t>::max();
  return Duration(out);
}

/// Reads RFC 3339 as clients send it: `T` or a space, `Z` or an offset, 0 to 9 fraction digits (digits past the sixth are
/// dropped), or a bare date (midnight UTC). A time without zone is UTC. Nothing else: no week dates, no 24:00.
std::optional<Instant> parse_instant(std::string_view text);

/// `2026-03-01T09:00:00Z`, with six fraction digits only when they are not all zero.
std::string to_string(Instant at);

/// `90d`, `48h`, `30m`, `10s`, `250ms`, `7us`, `2w`. One unit, a positive whole number.
std::optional<Duration> parse_duration(std::string_view text);
/// Largest unit that divides it, as `parse_duration` reads it.
std::string to_string(Duration d);

}  // namespace hospes
