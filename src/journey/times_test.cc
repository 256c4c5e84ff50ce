#include "journey/times.h"

#include <gtest/gtest.h>

#include <random>

#include "base/dice.h"

namespace hospes::journey {
namespace {

std::string next(std::string_view zone, std::string_view after, unsigned hour, unsigned minute, Days days = 0) {
  return to_string(next_wall(*zones::find(zone), *parse_instant(after), hour * 60 + minute, days));
}

TEST(times, an_ordinary_day) {
  EXPECT_EQ(next("Europe/Paris", "2026-11-27T07:59:59Z", 9, 0), "2026-11-27T08:00:00Z");
  EXPECT_EQ(next("Europe/Paris", "2026-11-27T08:00:00Z", 9, 0), "2026-11-28T08:00:00Z");  // strictly after
  EXPECT_EQ(next("Europe/Paris", "2026-11-27T08:00:00Z", 9, 0, 1), "2026-11-30T08:00:00Z");  // a Monday
  EXPECT_EQ(next("UTC", "2026-11-27T23:59:59Z", 0, 0), "2026-11-28T00:00:00Z");
}

// 29 March 2026: 02:00 becomes 03:00. 25 October 2026: 03:00 becomes 02:00.
TEST(times, paris_in_spring_and_autumn) {
  EXPECT_EQ(next("Europe/Paris", "2026-03-28T12:00:00Z", 2, 30), "2026-03-29T01:00:00Z");  // 03:00, the first after
  EXPECT_EQ(next("Europe/Paris", "2026-03-29T01:00:00Z", 2, 30), "2026-03-30T00:30:00Z");  // and once only
  EXPECT_EQ(next("Europe/Paris", "2026-10-24T12:00:00Z", 2, 30), "2026-10-25T00:30:00Z");  // the first of two
  EXPECT_EQ(next("Europe/Paris", "2026-10-25T00:30:00Z", 2, 30), "2026-10-26T01:30:00Z");  // the second is none
  EXPECT_EQ(next("Europe/Paris", "2026-10-25T00:45:00Z", 2, 30), "2026-10-26T01:30:00Z");  // arrived between
}

// Half an hour: 5 April 2026 02:00 becomes 01:30; 4 October 2026 02:00 becomes 02:30.
TEST(times, lord_howe_moves_by_half_an_hour) {
  EXPECT_EQ(next("Australia/Lord_Howe", "2026-04-04T10:00:00Z", 1, 45), "2026-04-04T14:45:00Z");
  EXPECT_EQ(next("Australia/Lord_Howe", "2026-04-04T14:45:00Z", 1, 45), "2026-04-05T15:15:00Z");
  EXPECT_EQ(next("Australia/Lord_Howe", "2026-10-03T10:00:00Z", 2, 15), "2026-10-03T15:30:00Z");
}

// 6 September 2026: midnight becomes 01:00; 5 April 2026: midnight becomes 23:00 of the day before.
TEST(times, santiago_skips_midnight) {
  EXPECT_EQ(next("America/Santiago", "2026-09-05T12:00:00Z", 0, 0), "2026-09-06T04:00:00Z");
  EXPECT_EQ(next("America/Santiago", "2026-09-06T04:00:00Z", 0, 0), "2026-09-07T03:00:00Z");
  EXPECT_EQ(next("America/Santiago", "2026-04-04T12:00:00Z", 23, 30), "2026-04-05T02:30:00Z");
  EXPECT_EQ(next("America/Santiago", "2026-04-05T02:30:00Z", 23, 30), "2026-04-06T03:30:00Z");
}

// Samoa had no 30 December 2011.
TEST(times, apia_skips_a_day) {
  EXPECT_EQ(next("Pacific/Apia", "2011-12-30T08:00:00Z", 9, 0), "2011-12-30T19:00:00Z");  // 31 December, 09:00
  EXPECT_EQ(next("Pacific/Apia", "2011-12-30T08:00:00Z", 9, 0, 1 << 4), "2012-01-05T19:00:00Z");  // the next Friday that is
}

TEST(times, the_ends_of_the_world) {
  EXPECT_EQ(next("Etc/GMT-14", "2026-11-27T09:59:59Z", 0, 0), "2026-11-27T10:00:00Z");
  EXPECT_EQ(next("Etc/GMT+12", "2026-11-27T11:59:59Z", 0, 0), "2026-11-27T12:00:00Z");
  EXPECT_EQ(next("Pacific/Kiritimati", "2026-11-27T09:59:59Z", 0, 0), "2026-11-27T10:00:00Z");
}

/// Against a search minute by minute: the first instant after at which the wall shows it, each day once.
TEST(times, agrees_with_a_search_on_random_instants) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Dice dice(seed);
  for (const char* name : {"Europe/Paris", "Australia/Lord_Howe", "America/Santiago", "America/New_York", "Asia/Kolkata"}) {
    const zones::Zone& zone = *zones::find(name);
    for (int i = 0; i < 100; ++i) {
      constexpr std::int64_t minute = 60'000'000;
      const std::int64_t from = 1'600'000'020LL * 1'000'000;
      const Instant after{from + static_cast<std::int64_t>(dice.below(3'000'000)) * minute};
      const auto minutes = static_cast<unsigned>(dice.below(1'440));
      std::int64_t done = -1;  // the day that has had its instant
      const auto reached = [&](Instant at) {
        const zones::Local wall = zones::local(zone, at);
        return wall.us >= minutes * minute ? wall.day : wall.day - 1;
      };
      done = reached(after);
      for (Instant back = after - std::chrono::hours(3); back <= after; back = back + Duration(minute))
        done = std::max(done, reached(back));
      Instant at = after;
      do at = at + Duration(minute);
      while (reached(at) <= done);
      EXPECT_EQ(to_string(next_wall(zone, after, minutes, 0)), to_string(at)) << name << " " << to_string(after) << " " << minutes;
    }
  }
}

}  // namespace
}  // namespace hospes::journey
