#include "server/moves.h"

#include <gtest/gtest.h>

namespace hospes::server {
namespace {

flow::Transition passage(segment::SegmentIndex segment, bool entered, bool simulated = false) {
  flow::Transition t;
  t.segment = segment;
  t.entered = entered;
  t.simulated = simulated;
  return t;
}

constexpr Instant noon{43'200'000'000};

TEST(Moves, AMinuteBySegmentTheLiveliestFirst) {
  Moves moves;
  moves.add({passage(3, true), passage(3, false), passage(1, true, true)}, noon);
  moves.add({passage(3, true)}, noon + std::chrono::seconds(30));
  const auto rows = moves.rows(noon + std::chrono::seconds(40));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].segment, 3);
  EXPECT_EQ(rows[0].in, 2U);
  EXPECT_EQ(rows[0].out, 1U);
  EXPECT_FALSE(rows[0].simulated);
  EXPECT_TRUE(rows[1].simulated);
}

TEST(Moves, WhatIsOlderThanAMinuteIsForgotten) {
  Moves moves;
  moves.add({passage(1, true)}, noon);
  moves.add({passage(2, true)}, noon + std::chrono::seconds(50));
  const auto rows = moves.rows(noon + std::chrono::seconds(70));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].segment, 2);
  EXPECT_TRUE(moves.rows(noon + std::chrono::minutes(5)).empty());
}

TEST(Moves, TheNewestFewStay) {
  Moves moves;
  for (segment::SegmentIndex i = 0; i < 9; ++i) moves.add({passage(i, true)}, noon);
  const auto newest = moves.newest();
  ASSERT_EQ(newest.size(), Moves::newest_max);
  EXPECT_EQ(newest.front().segment, 8);
}

}  // namespace
}  // namespace hospes::server
