#include "segment/timer_wheel.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "segment/chance.h"

namespace hospes::segment {
namespace {

TEST(timer_wheel, leaves_in_the_order_of_a_sorted_set) {
  const std::uint64_t seed = fresh_seed();
  SCOPED_TRACE(testing::Message() << "HOSPES_SEED=" << seed);
  Dice dice(seed);
  for (int round = 0; round < 50; ++round) {
    TimerWheel wheel;
    std::multiset<Timer> sorted;
    Instant now{1'700'000'000'000'000};
    for (int step = 0; step < 2'000; ++step) {
      for (std::uint64_t n = dice.below(4); n > 0; --n) {
        // From a microsecond to a century, some in the past, many at one instant.
        const auto ahead =
            static_cast<std::int64_t>(dice.below(std::uint64_t{1} << (1 + dice.below(51))));
        const Instant due = dice.chance(10)   ? now - Duration(ahead % 5'000'000)
                            : dice.chance(20) ? now + Duration(60'000'000)
                                              : now + Duration(ahead);
        const Timer timer{due, static_cast<std::uint32_t>(dice.below(100))};
        wheel.push(timer);
        sorted.insert(timer);
      }
      now =
          now +
          Duration(static_cast<std::int64_t>(dice.below(std::uint64_t{1} << (1 + dice.below(45)))));
      ASSERT_EQ(wheel.soonest(), sorted.empty() ? Instant::never() : sorted.begin()->due);
      while (!sorted.empty() && sorted.begin()->due <= now) {
        Timer timer;
        ASSERT_TRUE(wheel.pop(now, timer));
        ASSERT_EQ(timer, *sorted.begin());
        sorted.erase(sorted.begin());
        if (dice.chance(10
            )) {  // put back for a moment that is already here, as a chain of edges does
          const Timer again{timer.due + Duration(1), timer.person};
          wheel.push(again);
          sorted.insert(again);
        }
      }
      Timer none;
      ASSERT_FALSE(wheel.pop(now, none));
      ASSERT_EQ(wheel.size(), sorted.size());
    }
  }
}

TEST(timer_wheel, every_instant_has_a_slot) {
  TimerWheel wheel;
  const std::array<Instant, 5> due{
      Instant{-5}, Instant{0}, Instant{1'800'000'000'000'000}, Instant{9'000'000'000'000'000},
      Instant::never()};
  for (std::uint32_t i = 0; i < due.size(); ++i) wheel.push({due[i], i});
  Timer out;
  for (std::uint32_t i = 0; i < due.size(); ++i) {
    EXPECT_EQ(wheel.soonest(), due[i]);
    if (i > 1) {
      EXPECT_FALSE(wheel.pop(Instant{due[i].us - 1}, out));
    }
    ASSERT_TRUE(wheel.pop(due[i], out));
    EXPECT_EQ(out, (Timer{due[i], i}));
  }
  EXPECT_EQ(wheel.size(), 0U);
  EXPECT_EQ(wheel.soonest(), Instant::never());
}

}  // namespace
}  // namespace hospes::segment
