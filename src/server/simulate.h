// What a file of journeys would have done: the house's own log applied again, with these journeys in
// force from its beginning and nothing sent.
#pragma once

#include <functional>
#include <string>

#include "config/settings.h"
#include "flow/apply.h"

namespace hospes::server {

/// `kind:value` of who moved; the id in hex when the key is gone.
using HearMove = std::function<void(const flow::Moved&, const std::string& who)>;

struct Simulated {
  std::uint64_t records = 0;
  Instant from, to;  // of the log
};

/// The house must be stopped. Effects that the log holds a claim of end as they ended; all others arrive
/// at once. invalid_input for a text that does not read, unavailable when the log no longer reaches back
/// to the house's beginning (it is recycled behind checkpoints, 64 MB at a time).
/// Memory: all timelines.
Result<Simulated> simulate(
    const config::Settings& settings, const std::string& journeys, const HearMove& hear
);

}  // namespace hospes::server
