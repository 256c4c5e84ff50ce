// What `hospes-bench truth` counts, and its second half: whole partitions with people who join, part and are forgotten.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace hospes::bench {

struct Tally {
  std::uint64_t checks = 0;
  std::uint64_t in_scope = 0;  // of a segment whose purpose sees at least one event
  std::uint64_t flips = 0;
  std::uint64_t rebuilds = 0;
  // Of the partitions.
  std::uint64_t joins = 0, splits = 0, erasures = 0, answers = 0, duplicates = 0, redefinitions = 0, clock_jumps = 0;
};

/// A partition whose records are drawn from `seed`; of them those in `steps`, in order.
struct HouseWorld {
  std::uint64_t seed = 0;
  std::vector<std::uint32_t> steps;
};
HouseWorld house_world(std::uint64_t seed);
struct HouseDifference {
  std::string segment;
  Instant at;
};
/// After every record, at each instant at which something falls due and a microsecond before it: whoever is a member of
/// what is what the evaluator says of the person as the heart sees them. Nothing: no difference.
std::optional<HouseDifference> live(const HouseWorld& world, Tally& tally);
/// As few records as still differ.
HouseWorld shrunk(HouseWorld world);

/// `{"house":seed,"steps":[…]}`.
std::string to_text(const HouseWorld& world);
Result<HouseWorld> parse_house_world(const std::string& text);

}  // namespace hospes::bench
