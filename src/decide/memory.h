// What one identifier was shown. That of a person is the sum over their identifiers: a join, its
// undoing and an erasure only change what is summed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/hash.h"
#include "base/time.h"
#include "decide/exposure.h"

namespace hospes::decide {

/// How often one offer was seen.
struct Tally {
  std::string offer;
  std::uint32_t total = 0;
  std::int64_t day = 0;  // of the house, that `today` counts
  std::uint32_t today = 0;
  Instant last;
  bool operator==(const Tally&) const = default;
};

/// The first exposure to one experiment.
struct Assigned {
  std::string trial;
  std::uint32_t version = 1;
  std::string variant;  // empty: held out
  Instant at;
  Hash128 decision;
  bool operator==(const Assigned&) const = default;
};

/// One exposure, and what came of it.
struct Seen {
  Exposure exposure;
  Instant at;
  std::optional<Outcome> outcome;
  std::optional<Decimal> value;
  bool operator==(const Seen&) const = default;
};

struct Memory {
  static constexpr std::size_t tallies_max = 1'000, assigned_max = 400, seen_max = 32;

  std::vector<Tally> tallies;
  std::vector<Assigned> assigned;
  std::vector<Seen> seen;  // the newest, oldest first

  bool empty() const { return tallies.empty() && assigned.empty() && seen.empty(); }
  /// `day`: of the house, at `at`.
  void add(const Exposure& exposure, Instant at, std::int64_t day);
  void add(const Feedback& feedback);
  bool operator==(const Memory&) const = default;
};

using Memories = std::span<const Memory* const>;

struct Count {
  std::uint64_t total = 0, today = 0;
};
Count count_of(Memories memories, std::string_view offer, std::int64_t today);

struct Sticky {
  const Assigned* first = nullptr;  // the earliest exposure; of equals the smaller decision
  bool crossed = false;             // exposed to several variants: left out of the analysis
};
Sticky sticky_of(Memories memories, std::string_view trial, std::uint32_t version);

/// The house's holdout of that salt sticks as an experiment does; none can be called so.
std::string holdout_trial(std::string_view salt);

/// As rows and bundles hold it.
std::string memory_form(const Memory& memory);
/// False: not to its end.
bool read_memory(std::string_view form, Memory& memory);

}  // namespace hospes::decide
