#include "base/time.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>
#include <string>

#include "base/dice.h"

namespace hospes {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t time_seed = 0x5eed0002;
constexpr std::int64_t day_us = 86'400'000'000;

TEST(Instant, ReadsTheFormsThatClientsSend) {
  const Instant nine{1'772'355'600'000'000};  // 2026-03-01T09:00:00Z
  for (const char* text :
       {"2026-03-01T09:00:00Z", "2026-03-01T09:00:00.000Z", "2026-03-01T09:00:00.000000+00:00",
        "2026-03-01 09:00:00", "2026-03-01T10:00:00+01:00", "2026-03-01T10:00:00+0100",
        "2026-03-01T03:30:00-05:30", "2026-03-01T09:00Z", "2026-03-01t09:00:00z",
        "2026-03-01T08:59:60Z"}) {
    EXPECT_EQ(parse_instant(text), nine) << text;
  }
  EXPECT_EQ(parse_instant("1970-01-01"), Instant{0});
  EXPECT_EQ(parse_instant("1969-12-31T23:59:59.999999Z"), Instant{-1});
  EXPECT_EQ(parse_instant("2024-02-29")->us - parse_instant("2024-02-28")->us, day_us);
}

TEST(Instant, DropsDigitsPastTheSixth) {
  EXPECT_EQ(parse_instant("1970-01-01T00:00:00.1234569Z"), Instant{123'456});
  EXPECT_EQ(parse_instant("1970-01-01T00:00:00.123456999Z"), Instant{123'456});
}

TEST(Instant, RefusesEverythingElse) {
  for (const char* text :
       {"", "2026", "2026-03", "2026-13-01", "2026-02-29", "2026-03-32", "2026-03-01T",
        "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+05:00",
        "2026-03-01T24:00:00Z", "2026-03-01T09", "2026-03-01T09:60Z", "2026-03-01T09:00:61Z",
        "2026-03-01T09:00:00.Z", "2026-03-01T09:00:00.1234567890Z", "2026-03-01T09:00:00+24:00",
        "2026-03-01T09:00:00 UTC", "2026-W10-1", "1772355600", "2026-03-01T09:00:00Z ",
        " 2026-03-01"}) {
    EXPECT_EQ(parse_instant(text), std::nullopt) << text;
  }
}

/// The C library as oracle: years 1 to 9999, to the second.
TEST(Instant, AgreesWithTheCLibrary) {
  SCOPED_TRACE("seed " + std::to_string(time_seed));
  Dice dice(time_seed);
  for (int i = 0; i < 100'000; ++i) {
    const auto seconds = static_cast<std::int64_t>(dice.below(315'537'897'600)) - 62'135'596'800;
    const auto us = static_cast<std::int64_t>(dice.chance(50) ? 0 : dice.below(1'000'000));
    const std::time_t t = seconds;
    std::tm parts{};
    ASSERT_NE(gmtime_r(&t, &parts), nullptr);
    char text[64];
    int size = std::snprintf(
        text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1,
        parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec
    );
    std::string expected(text, static_cast<std::size_t>(size));
    if (us != 0) {
      size = std::snprintf(text, sizeof text, ".%06d", static_cast<int>(us));
      expected.append(text, static_cast<std::size_t>(size));
    }
    expected += 'Z';
    const Instant at{seconds * 1'000'000 + us};
    ASSERT_EQ(to_string(at), expected);
    ASSERT_EQ(parse_instant(expected), at) << expected;
  }
}

TEST(Instant, SaturatesAtTheEndsOfTime) {
  EXPECT_EQ(Instant::never() + 1us, Instant::never());
  EXPECT_EQ(Instant::never() - 1us, Instant::never());
  EXPECT_EQ(Instant::beginning() + 1us, Instant::beginning());
  EXPECT_EQ(Instant{Instant::never().us - 1} + 2us, Instant::never());
  EXPECT_EQ(Instant{Instant::beginning().us + 1} - 2us, Instant::beginning());
  EXPECT_EQ(Instant{5} + 2us, Instant{7});
  EXPECT_EQ(Instant{5} - Instant{7}, -2us);
}

TEST(Duration, ReadsOneUnitAndAPositiveNumber) {
  EXPECT_EQ(parse_duration("90d"), Duration(90 * day_us));
  EXPECT_EQ(parse_duration("2w"), Duration(14 * day_us));
  EXPECT_EQ(parse_duration("48h"), 48h);
  EXPECT_EQ(parse_duration("30m"), 30min);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("7us"), 7us);
  for (const char* text :
       {"", "d", "0d", "-1d", "1", "1.5d", "1d12h", "1 d", "1D", "1month", "99999999999999d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, WritesTheLargestUnitBelowAWeek) {
  EXPECT_EQ(to_string(Duration(90 * day_us)), "90d");
  EXPECT_EQ(to_string(Duration(14 * day_us)), "14d");
  EXPECT_EQ(to_string(Duration(36h)), "36h");
  EXPECT_EQ(to_string(Duration(1500ms)), "1500ms");
}

}  // namespace
}  // namespace hospes
