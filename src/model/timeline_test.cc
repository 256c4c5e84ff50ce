#include "model/timeline.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/dice.h"

namespace hospes {
namespace {

constexpr std::uint64_t timeline_seed = 0x5eed0005;

Event random_event(Dice& dice) {
  Event e;
  e.happened = {static_cast<std::int64_t>(dice.below(50))};  // few instants: ties are common
  e.received = {static_cast<std::int64_t>(dice.below(50))};
  e.message = {dice.next(), dice.next()};
  e.mask = dice.next();
  e.name = static_cast<Name>(dice.below(5));
  e.properties = {{1, Value::of(Decimal::whole(static_cast<std::int64_t>(dice.below(100))))}};
  if (dice.chance(30)) e.opened = {{static_cast<PurposeBit>(dice.below(3)), {0, dice.below(2)}}};
  return e;
}

void expect_same(const Timeline& held, std::vector<Event> events) {
  std::ranges::sort(events, {}, [](const Event& e) { return std::pair(e.happened, e.message); });
  const auto moments = held.in_order();
  ASSERT_EQ(moments.size(), events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    ASSERT_EQ(moments[i].happened, events[i].happened);
    ASSERT_EQ(moments[i].message, events[i].message);
    ASSERT_EQ(moments[i].mask, events[i].mask);
    ASSERT_EQ(moments[i].start(), events[i].start());
    ASSERT_EQ(held.body(moments[i]), events[i].properties.packed());
    ASSERT_TRUE(std::ranges::equal(held.opened(moments[i]), events[i].opened));
  }
}

TEST(Timeline, IsInEventTimeHoweverEventsArrive) {
  SCOPED_TRACE("seed " + std::to_string(timeline_seed));
  Dice dice(timeline_seed);
  for (int round = 0; round < 300; ++round) {
    Timeline held;
    std::vector<Event> events;
    for (std::uint64_t i = 0, n = dice.below(60); i < n; ++i) {
      events.push_back(random_event(dice));
      held.add(events.back());
      if (dice.chance(10)) expect_same(held, events);  // read in the middle, then more arrive
    }
    expect_same(held, events);
    EXPECT_EQ(held.size(), events.size());
  }
}

TEST(Timeline, AnEmptyOneHasNothing) {
  const Timeline none;
  EXPECT_EQ(none.size(), 0U);
  EXPECT_TRUE(none.in_order().empty());
}

}  // namespace
}  // namespace hospes
