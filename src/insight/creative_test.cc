#include "insight/creative.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "insight/chance.h"
#include "insight/planted.h"
#include "insight/response.h"

namespace hospes::insight {
namespace {

TEST(Creative, SeedZeroEqualsThePeer) {
  const World w = world(0);
  const auto found = screen(w.data);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->effects.size(), 120u);
  double least = 1, sum = 0;
  int bh = 0, max_t = 0;
  for (const LabelEffect& e : found->effects) {
    least = std::min(least, e.p);
    sum += e.p_bh;
    bh += e.p_bh <= .05;
    max_t += e.p_max < .05;
  }
  EXPECT_NEAR(least / 1.811727e-10, 1, 1e-6);
  EXPECT_NEAR(sum, 74.85439106, 1e-8);
  EXPECT_EQ(bh, 12);
  EXPECT_EQ(max_t, 10);
}

// The peer (Pearson with BH) on the same fifty worlds: false discoveries .0388, power .7167.
TEST(Creative, PlantedWorldsKeepTheRateAndThePower) {
  double fdp = 0, power = 0;
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    const World w = world(seed);
    const auto found = screen(w.data, {.permutations = 2});
    ASSERT_TRUE(found);
    double named = 0, wrong = 0;
    for (const LabelEffect& e : found->effects) {
      if (e.p_bh > .05) continue;
      named += 1;
      wrong += w.planted[e.label] ? 0 : 1;
    }
    fdp += wrong / std::max(1.0, named) / 50;
    power += (named - wrong) / 12 / 50;
  }
  EXPECT_NEAR(fdp, .0388, 5e-5);
  EXPECT_NEAR(power, .7167, 5e-5);
  EXPECT_LE(fdp, .05);
}

TEST(Creative, NullWorldsNameAnythingInFivePercentOfRuns) {
  constexpr int runs = 200;
  int bh = 0, max_t = 0;
  for (std::uint32_t seed = 1'000; seed < 1'000 + runs; ++seed) {
    const World w = world(seed, true);
    const auto found = screen(w.data, {.permutations = 200});
    ASSERT_TRUE(found);
    bool by_bh = false, by_max = false;
    for (const LabelEffect& e : found->effects) by_bh |= e.p_bh <= .05, by_max |= e.p_max <= .05;
    bh += by_bh;
    max_t += by_max;
  }
  // 5 % of 200 is 10; three standard errors of a fair count are 9.2.
  EXPECT_LE(bh, 19);
  EXPECT_LE(max_t, 19);
  EXPECT_GE(max_t, 1);
}

/// Sales that follow spend, and a label that follows spend: unadjusted it looks strong, adjusted it
/// does not.
TEST(Creative, AdjustmentTakesOutWhatSpendDid) {
  constexpr std::uint64_t seed = 51;
  SCOPED_TRACE(seed);
  Dice dice(seed);
  const auto normal = [&] { return normal_quantile(uniform(dice)); };
  Screen data;
  data.adjust.resize(1);
  data.labels.resize(2);
  for (int i = 0; i < 600; ++i) {
    const double spend = normal();
    data.adjust[0].push_back(spend);
    data.labels[0].push_back(spend + .5 * normal() > 0);  // follows spend, does nothing
    data.labels[1].push_back(dice.chance(40));
    data.y.push_back(2 * spend + .8 * data.labels[1].back() + normal());
  }
  const auto adjusted = screen(data);
  ASSERT_TRUE(adjusted);
  EXPECT_GT(adjusted->effects[0].p, .01);
  EXPECT_LT(adjusted->effects[1].p_max, .05);
  EXPECT_LT(adjusted->effects[1].i95.low, .8);
  EXPECT_GT(adjusted->effects[1].i95.high, .8);
  data.adjust.clear();
  const auto naive = screen(data);
  ASSERT_TRUE(naive);
  EXPECT_LT(naive->effects[0].p_max, .05);
}

TEST(Creative, HeterogeneityIsSeenWhereItIs) {
  constexpr std::uint64_t seed = 52;
  SCOPED_TRACE(seed);
  Dice dice(seed);
  Screen data;
  data.labels.resize(3);
  std::vector<std::uint32_t> family;
  for (int i = 0; i < 2'000; ++i) {
    family.push_back(static_cast<std::uint32_t>(dice.below(2)));
    for (auto& label : data.labels) label.push_back(dice.chance(50));
    const double sarcasm = family.back() == 1 ? -.5 : .5;
    data.y.push_back(
        (data.labels[0].back() ? sarcasm : 0) + (data.labels[1].back() ? .5 : 0) +
        normal_quantile(uniform(dice))
    );
  }
  const auto found = differences(data, family, 2);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_LT(found[0].p_bh, 1e-6);
  EXPECT_GT(found[1].p_bh, .01);
  EXPECT_GT(found[0].effects[0].effect, 0);
  EXPECT_LT(found[0].effects[1].effect, 0);
}

TEST(Creative, DegenerateScreensAreToldNotComputed) {
  Screen flat{.y = std::vector<double>(20, 3.3), .labels = {std::vector<char>(20, 0)}};
  EXPECT_FALSE(screen(flat));
  flat.y[0] = 4;
  const auto constant = screen(flat);
  ASSERT_TRUE(constant);
  EXPECT_TRUE(constant->effects.empty());
  EXPECT_EQ(constant->constant, std::vector<std::size_t>{0});
  EXPECT_FALSE(screen({.y = {1, 2}, .labels = {{0, 1}}}));
  EXPECT_FALSE(screen({.y = {}, .labels = {}}));
  const auto code = screen(
      {.y = {1, 2, 3, 4}, .labels = std::vector<std::vector<char>>(labels_max + 1, {0, 1, 0, 1})}
  );
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().code, Code::over_limit);
  const auto exact =
      screen({.y = {0, 1, 0, 1, 0, 1}, .labels = {{0, 1, 0, 1, 0, 1}}});  // nothing is left over
  ASSERT_TRUE(exact);
  EXPECT_NEAR(exact->effects[0].effect, 1, 1e-9);
  EXPECT_TRUE(std::isfinite(exact->effects[0].p));
}

/// People in overlapping segments who all answer alike, but for one segment when `planted`.
Responses answered(std::uint64_t seed, bool planted) {
  Dice dice(seed);
  std::vector<Reached> people(3'000);
  for (Reached& one : people) {
    for (std::uint32_t s = 0; s < 40; ++s)
      if (dice.chance(10)) one.segments.push_back(s);
    const bool silent = planted && std::ranges::find(one.segments, 7u) != one.segments.end();
    one.responded = dice.below(1'000) < (silent ? 40u : 120u);
  }
  return responses(people, 40);
}

TEST(Response, NullWorldsNameASegmentInAtMostFivePercentOfRuns) {
  int named = 0;
  constexpr int runs = 300;
  for (int run = 0; run < runs; ++run)
    named += std::ranges::any_of(
        answered(static_cast<std::uint64_t>(run), false).segments, &SegmentResponse::stands_out
    );
  EXPECT_LE(named, 26);  // 5 % of 300 is 15, and three standard errors of a fair count
}

// 300 of 3,000 people who answer at 4 % instead of 12 %: the power that the guide states.
TEST(Response, ThePlantedSilenceIsFound) {
  int found = 0, wrong = 0;
  constexpr int runs = 60;
  for (int run = 0; run < runs; ++run) {
    const auto all = answered(static_cast<std::uint64_t>(9'000 + run), true);
    found += all.segments[7].stands_out &&
             static_cast<double>(all.segments[7].responded) < all.segments[7].expected;
    for (const auto& s : all.segments) wrong += s.segment != 7 && s.stands_out;
  }
  EXPECT_GE(found, 9 * runs / 10);
  EXPECT_LE(wrong, found / 5);
  EXPECT_GT(visible_below(.12, 300, 40), .04);
}

TEST(Response, NobodyAndEverybodyAreNotTested) {
  const std::vector<Reached> people = {{{0}, true}, {{0}, false}};
  const auto found = responses(people, 2);
  EXPECT_EQ(found.segments[0].reached, 2u);
  EXPECT_EQ(found.segments[0].p, 1);
  EXPECT_FALSE(found.segments[0].stands_out);
  EXPECT_EQ(found.segments[1].reached, 0u);
  EXPECT_EQ(responses({}, 0).reached, 0u);
}

}  // namespace
}  // namespace hospes::insight
