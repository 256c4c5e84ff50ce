// Who goes where, in which order, how fast: funnels and the passages between stages of an event
// log.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "insight/chance.h"

namespace hospes::insight {

/// What people did, each person's events in time order (ties as in the file).
struct Log {
  std::vector<std::uint32_t> first;  // of person i: events [first[i], first[i + 1])
  std::vector<std::int64_t> at_us;
  std::vector<std::uint32_t> event;  // into `names`
  std::vector<std::string> names, people;

  std::size_t size() const { return first.empty() ? 0 : first.size() - 1; }
};
Log log_of(
    std::span<const std::uint32_t> person, std::vector<std::string> people,
    std::span<const std::int64_t> at_us, std::span<const std::uint32_t> event,
    std::vector<std::string> names
);

/// How many people did step 1, then step 2 …, in this order, all within `within_us` of the step 1
/// that began it. `any` lets every step 1 begin a walk and takes each person's longest; else only
/// the first counts. The same name twice asks for two events.
std::vector<std::uint64_t> funnel(
    const Log& log, std::span<const std::uint32_t> steps, std::int64_t within_us, bool any
);
/// Passages from one event to the next of the same person.
struct Passage {
  std::uint32_t from = 0, to = 0;
  std::uint64_t count = 0;
  double median_us = 0;
};
struct Passages {
  std::vector<Passage> list;           // the most frequent first
  std::vector<std::uint64_t> leaving;  // events of each name that something followed
  std::vector<std::uint64_t> last;     // …that ended a person's log
};
Passages passages(const Log& log);

/// Whole sequences of events, the most frequent first.
std::vector<std::pair<std::vector<std::uint32_t>, std::uint64_t>> variants(
    const Log& log, std::size_t most
);

}  // namespace hospes::insight
