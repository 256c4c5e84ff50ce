// When the wall shows an hour again, through every change of clock.
#pragma once

#include "journey/definition.h"
#include "zones/zones.h"

namespace hospes::journey {

/// The first instant strictly after `after` at which a wall in that zone shows `minutes` since
/// midnight, on one of `days`. What the clock skips: the first instant after the gap; what it shows
/// twice: the first time, so that one day has one such instant; a day that the zone skips has none.
Instant next_wall(const zones::Zone& zone, Instant after, unsigned minutes, Days days);

/// The first instant strictly after `after` at which it enters the members of its segment; never():
/// none. Precondition: of_members().
Instant next_entry(const zones::Zone& zone, Instant after, const Trigger& trigger);

}  // namespace hospes::journey
