#include "journey/times.h"

#include "outbox/hours.h"

namespace hospes::journey {

Instant next_wall(const zones::Zone& zone, Instant after, unsigned minutes, Days days) {
  constexpr std::int64_t minute_us = 60'000'000;
  // Two weeks hold each weekday twice: one of the two is never skipped.
  const std::int64_t today = zones::local(zone, after).day;
  for (std::int64_t day = today - 1; day <= today + 15; ++day) {
    if (days != 0 && (days >> zones::weekday_of(day) & 1) == 0) continue;
    const Instant at = outbox::first_at(zone, day, minutes * minute_us);
    if (at <= after) continue;
    if (zones::local(zone, at).day == day) return at;
  }
  return after + std::chrono::days(16);
}

Instant next_entry(const zones::Zone& zone, Instant after, const Trigger& trigger) {
  if (trigger.kind == Trigger::daily) return next_wall(zone, after, trigger.minutes, trigger.days);
  const Instant at = zones::instant_of(zone, trigger.wall_us);
  return at > after ? at : Instant::never();
}

}  // namespace hospes::journey
