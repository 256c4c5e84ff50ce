// The house's own days and quiet hours, by its zone. Every change of clock is met: what a gap
// skips begins at the first instant after it, what comes twice begins the first time.
#pragma once

#include "base/time.h"
#include "outbox/rule.h"
#include "zones/zones.h"

namespace hospes::outbox {

/// The first instant at which the wall shows that day and time, or later.
Instant first_at(const zones::Zone& zone, std::int64_t day, std::int64_t us);
std::int64_t day_of(const zones::Zone& zone, Instant at);
/// First instant of the next day.
Instant next_day(const zones::Zone& zone, Instant at);
/// When the quiet hours that hold `at` end; `at` itself when it is not quiet.
Instant quiet_until(const Quiet& quiet, const zones::Zone& zone, Instant at);

}  // namespace hospes::outbox
