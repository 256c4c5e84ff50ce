// What only shows when definitions meet the house and each other.
#include <gtest/gtest.h>

#include "segment/chance.h"
#include "segment/sphere.h"
#include "segment/text.h"

namespace hospes::segment {
namespace {

std::string refusal(std::string_view text) {
  Names names;
  const auto bound = segment::bind(*parse(text), small_house(names));
  return bound ? "" : bound.error().message;
}

TEST(bind, a_circle_is_told_with_its_path) {
  const std::string told = refusal(R"(
segment a purpose p0 where did "A" and in segment b
segment b purpose p0 where not in segment c
segment c purpose p0 where still (in segment a) in 3d
segment d purpose p0 where in segment a)");
  EXPECT_NE(told.find("a → b → c → a"), std::string::npos) << told;
  EXPECT_NE(refusal("segment a purpose p0 where in segment a").find("a → a"), std::string::npos);
  EXPECT_EQ(refusal(R"(
segment a purpose p0 where in segment c and in segment b
segment b purpose p0 where in segment c
segment c purpose p0 where did "A")"), "") << "a diamond is no circle";
}

TEST(bind, what_the_house_does_not_know_is_refused) {
  EXPECT_NE(refusal("segment a purpose p0 where permission p9 given").find("p9"), std::string::npos);
  const std::string lent = refusal(R"(
segment a purpose p0 where still (in segment b) in 3d
segment b purpose p1 where did "A")");
  EXPECT_NE(lent.find("same purpose"), std::string::npos) << lent;
}

TEST(bind, people_are_compared_by_what_was_recorded) {
  Names names;
  const auto list = *parse(R"(segment top purpose p0 where sum("A".p) in top 20%)");
  const std::vector<Threshold> recorded{
      {"p0", R"(sum("A".p) in top 20%)", Decimal::whole(5), world_begins}};
  Event e;
  e.name = *names.intern("A");
  e.happened = e.received = world_begins;
  e.mask = 1;
  e.properties = {{*names.intern("p"), Value::of(Decimal::whole(5))}};
  Timeline timeline;
  timeline.add(e);
  const auto seen = seen_of(timeline);
  const auto before = *segment::bind(list, small_house(names));
  ASSERT_EQ(before->rankings().size(), 1U);
  EXPECT_FALSE(evaluate_all(*before, {seen, 0}, world_begins).in[0]) << "nobody before the first";
  const auto after = *segment::bind(list, small_house(names), {}, recorded);
  EXPECT_TRUE(evaluate_all(*after, {seen, 0}, world_begins).in[0]) << "ties are in";
  EXPECT_FALSE(evaluate_all(*after, {{}, 0}, world_begins).in[0]);
  EXPECT_EQ(with_thresholds(with_thresholds("x\n", recorded), {}), "x\n");
  EXPECT_EQ(
      parse_in_force(with_thresholds(format(list[0]), recorded))->thresholds, recorded
  );
}

// Great-circle distances, by the haversine in double precision: Paris to London, and antipodes.
TEST(sphere, distances_are_those_of_the_globe) {
  const auto at = [](std::int64_t north, std::int64_t east) {
    Direction out;
    EXPECT_TRUE(direction(Decimal{north}, Decimal{east}, out));
    return out;
  };
  const auto within = [](const Direction& a, const Direction& b, std::int64_t metres) {
    return chord_squared(a, b) <= chord_squared(Decimal::whole(metres));
  };
  const Direction paris = at(48'856'600, 2'352'200);
  const Direction london = at(51'507'200, -127'600);
  EXPECT_TRUE(within(paris, london, 343'531));
  EXPECT_FALSE(within(paris, london, 343'530));
  EXPECT_TRUE(within(paris, at(48'856'600, 2'352'200), 1));
  EXPECT_FALSE(within(paris, at(48'856'620, 2'352'200), 2));
  EXPECT_TRUE(within(paris, at(48'856'620, 2'352'200), 3));
  EXPECT_TRUE(within(at(0, 179'999'999), at(0, -179'999'999), 1)) << "across the date line";
  EXPECT_FALSE(within(at(90'000'000, 0), at(-90'000'000, 0), 20'015'000));
  Direction none;
  EXPECT_FALSE(direction(Decimal::whole(91), Decimal{0}, none));
}

}  // namespace
}  // namespace hospes::segment
