// What the server workloads share: a house with a thousand guarded segments whose regulars are
// known, the load on it, and what it cost both sides.
#pragma once

#include <atomic>
#include <functional>
#include <map>

#include "bench/house.h"
#include "bench/load.h"
#include "bench/options.h"
#include "bench/report.h"
#include "bench/visitors.h"

namespace hospes::bench {

/// Options that every server workload knows, with their defaults; `more` on top.
std::map<std::string, std::string> server_options(std::map<std::string, std::string> more);

struct Stage {
  House house;
  Visitors visitors;
  unsigned batch = 20;
  unsigned connections = 32;
  std::function<void(std::uint64_t first_message)> on_batch = {};  // just before it is sent
};

/// A running server that knows all regulars and their traits.
Result<Stage> set_stage(const Options& options, std::vector<std::string> settings = {});

/// What one run took.
struct Cost {
  LoadResult load;
  std::uint64_t events = 0;  // accepted
  double server_us = 0;      // CPU per event
  double generator_us = 0;   // CPU per event
  double first_seen = 0;     // share of events
};
/// Batches for `lasts`; `events_per_second` 0: closed loop. unavailable when a request was refused.
Result<Cost> ingest(
    Stage& stage, std::chrono::milliseconds lasts, double events_per_second,
    std::uint64_t events_max = ~std::uint64_t{0}
);

Instant now();
/// CPU of this process so far.
double own_cpu_us();
std::string http_get(std::string_view path, std::string_view token);

}  // namespace hospes::bench
