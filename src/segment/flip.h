// The search behind "what would flip it". Private to the room.
#pragma once

#include "segment/explain.h"

namespace hospes::segment {

/// First instant in (now, …] at which `ask` differs from `truth`, within edges_max edges; nothing
/// when time does not turn it.
std::optional<Instant> turns(
    const Definitions& definitions, SegmentIndex segment, const Person& person, Instant now,
    bool truth
);

std::optional<Change> smallest_change(
    const Definitions& definitions, SegmentIndex segment, const Person& person, Instant now
);

}  // namespace hospes::segment
