// Random segments and random lives for the core workloads. Fixed by a seed; read through the public
// text form, as a house's own segments are.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/dice.h"
#include "base/result.h"
#include "segment/evaluate.h"

namespace hospes::bench {

/// "Guarded set": each segment is one country or city clause and 2–4 clauses, each an or of one or
/// two tests (counts, sums, "did not" in ten windows from 10 minutes to 90 days or four offset
/// windows; filters on category, brand and price; traits). Tests are drawn from a pool in which
/// some are liked more than others, so that about 1.7 different tests a segment remain at 1,000.
std::string guarded_set(
    unsigned segments, std::uint64_t seed, std::string_view purpose = "market"
);

/// Parses and binds them: one purpose, "market", bit 0.
Result<std::shared_ptr<const segment::Definitions>> bound_set(
    const std::string& source, Names& names
);

/// Different tests in a set, guards included.
std::size_t distinct_tests(const segment::Definitions& definitions);

struct LifeOptions {
  std::uint64_t seed = 1;
  std::uint32_t people = 1'000'000;
  double events_a_day = 0.1;  // of one person, on average
  Instant starts{1'760'000'000'000'000};       // 2025-10-09
  std::uint32_t events_a_person_max = 50'000;  // beyond, somebody else is drawn (design.md rule 10)
  unsigned trait_bytes = 0;                    // a free text in the first identify, to fill memory
};

/// One thing somebody did, and when it arrives.
struct Deed {
  std::uint32_t person = 0;
  Instant arrives;
  Event event;
};

/// First everybody identifies, in the first hour; then people drawn by Zipf 0.99 view, add and buy
/// things, look at pages and identify again (8 %: points move; 0.2 % of those move house). 2 % of
/// all happened 1 minute to 20 days before they arrive.
class Lives {
 public:
  Lives(LifeOptions options, Names& names);
  /// Overwrites `out`, which may be reused: its capacity is.
  void next(Deed& out);

 private:
  std::uint32_t somebody();
  void identify(Event& event, std::uint32_t person, bool first);
  void act(Event& event);

  struct Known {
    Name category, brand, price, total, country, city, plan, points, age, news, about;
    Name viewed, added, ordered, page, identify;
  };
  LifeOptions options_;
  Dice dice_;
  Known names_;
  std::vector<double> cumulative_;        // of Zipf weights by rank
  std::vector<std::uint32_t> rank_;       // person of a rank: the busy ones are spread
  std::vector<std::uint32_t> events_of_;  // by person
  std::vector<std::uint16_t> city_of_;
  std::uint64_t serial_ = 0;
  double now_us_ = 0;
};

}  // namespace hospes::bench
