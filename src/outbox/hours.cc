#include "outbox/hours.h"

#include <algorithm>

namespace hospes::outbox {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;
constexpr std::int64_t widest_offset_us = 27 * 3'600'000'000LL;  // wider than any zone ever had

bool holds(const Quiet& quiet, std::int64_t us) {
  if (quiet.from_us < quiet.until_us) return quiet.from_us <= us && us < quiet.until_us;
  return us >= quiet.from_us || us < quiet.until_us;
}

}  // namespace

Instant first_at(const zones::Zone& zone, std::int64_t day, std::int64_t us) {
  const std::int64_t wall = day * day_us + us;
  Instant from{wall - widest_offset_us};
  for (;;) {
    const zones::Stretch stretch = zone.stretch(from);
    const Instant at = std::max(from, Instant{wall - stretch.offset_us});
    if (at < stretch.until) return at;
    from = stretch.until;
  }
}

std::int64_t day_of(const zones::Zone& zone, Instant at) { return zones::local(zone, at).day; }

Instant next_day(const zones::Zone& zone, Instant at) {
  Instant next = first_at(zone, day_of(zone, at) + 1, 0);
  // Where the clock went back over midnight, the first midnight may lie behind.
  while (next <= at) next = first_at(zone, day_of(zone, next) + 1, 0);
  return next;
}

Instant quiet_until(const Quiet& quiet, const zones::Zone& zone, Instant at) {
  // As far as the clock runs evenly, then looked at anew: a change of clock may end it, or begin it
  // again.
  for (;;) {
    const zones::Local wall = zones::local(zone, at);
    if (!holds(quiet, wall.us)) return at;
    const std::int64_t left = quiet.until_us - wall.us;
    at = std::min(at + Duration(left > 0 ? left : left + day_us), zone.stretch(at).until);
  }
}

bool Rule::is_quiet(Instant at) const {
  return quiet && zone != nullptr && quiet_until(*quiet, *zone, at) > at;
}

}  // namespace hospes::outbox
