// What of a guest a house can take in again: their events and standing answers as lines that any
// hospes takes at /v1/batch, each with where it was first received. `hospes import` of the zip sends
// them. docs/rights.md says what is promised of it.
#pragma once

#include <span>
#include <string>

#include "flow/state.h"
#include "portal/console.h"

namespace hospes::guest {

/// One event of theirs and the purposes that may see it.
struct Bearing {
  AtomId owner;
  const Moment* moment = nullptr;
  const Timeline* timeline = nullptr;
  Mask visible = 0;
};

/// NDJSON: answers, then events by their time. `atoms`: the guest's, by place in the component. What
/// serves nothing any more is left out: no house may keep it. On the partition's thread. Cost: some µs an event.
std::string portable(
    const portal::ConsoleDoors& doors, const flow::Component& component,
    std::span<const std::uint16_t> atoms, std::span<const Bearing> events, Instant now
);

}  // namespace hospes::guest
