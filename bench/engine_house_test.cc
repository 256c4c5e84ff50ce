// The guarded set, which the figures are measured with, says what the plain evaluator says.
#include "bench/engine_house.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "bench/guarded_set.h"

namespace hospes::bench {
namespace {

std::uint64_t fresh_seed() {
  const char* given = std::getenv("HOSPES_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

/// How one person's page and the evaluator differ at `now`; empty when they do not.
std::string difference(const EngineHouse& house, std::uint32_t person, Instant now) {
  std::vector<segment::Seen> seen;
  const Timeline& timeline = house.timeline(person);
  for (const Moment& m : timeline.in_order()) seen.push_back({&m, timeline.body(m), m.mask});
  const segment::Definitions& definitions = house.engine().definitions();
  const auto truth = segment::evaluate_all(definitions, {seen, 0}, now);
  for (segment::SegmentIndex i = 0; i < definitions.size(); ++i) {
    if (truth.in[i] != house.page(person).since(i).has_value())
      return to_string(now) + " segment " + definitions.at(i).definition.id;
  }
  return {};
}

TEST(engine_house, the_guarded_set_is_exact) {
  const std::uint64_t seed = fresh_seed();
  std::cout << "HOSPES_SEED=" << seed << "\n";
  Names names;
  const auto definitions = bound_set(guarded_set(300, seed), names);
  ASSERT_TRUE(definitions) << definitions.error().message;
  LifeOptions life;
  life.seed = seed;
  life.people = 40;
  life.events_a_day = 3;
  EngineHouse house(*definitions, life.people);
  Lives lives(life, names);
  Dice dice(seed);
  Deed deed;
  std::uint64_t edges = 0;
  for (int i = 0; i < 1'000; ++i) {
    lives.next(deed);
    // Time alone: just before each due instant, and at it.
    for (Instant due = house.soonest(); due <= deed.arrives; due = house.soonest()) {
      for (const Instant at : {due - Duration(1), due}) {
        house.pass(at);
        for (std::uint32_t p = 0; p < life.people; p += edges % 10 == 0 ? 1 : 7)
          ASSERT_EQ(difference(house, p, at), "") << "HOSPES_SEED=" << seed;
      }
      ++edges;
    }
    house.take(deed.person, deed.event, deed.arrives);
    ASSERT_EQ(difference(house, deed.person, deed.arrives), "") << "HOSPES_SEED=" << seed;
    const auto other = static_cast<std::uint32_t>(dice.below(life.people));
    ASSERT_EQ(difference(house, other, deed.arrives), "") << "HOSPES_SEED=" << seed;
  }
  std::cout << edges << " edges, " << house.totals().transitions << " passages\n";
  EXPECT_GT(edges, 5U);
  EXPECT_GT(house.totals().transitions, 5U);
}

}  // namespace
}  // namespace hospes::bench
