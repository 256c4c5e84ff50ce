// Schedules: what a period means, and what a house may write.
#include "catalog/retention.h"

#include <gtest/gtest.h>

#include "base/dice.h"
#include "catalog/catalog.h"

namespace hospes::catalog {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;

Instant at(std::string_view text) { return *parse_instant(text); }

std::string refused(const std::string& text) {
  const auto read = read_retention(text, Purposes::fr_eu());
  return read ? "read" : read.error().message;
}

TEST(Period, EndsAtMidnightOfItsLastDay) {
  EXPECT_EQ(parse_period("13 months")->end(at("2026-11-28T15:00:00Z")), at("2027-12-28"));
  EXPECT_EQ(parse_period("1 month")->end(at("2027-01-31T23:59:59Z")), at("2027-02-28"));
  EXPECT_EQ(parse_period("1 year")->end(at("2024-02-29T12:00:00Z")), at("2025-02-28"));
  EXPECT_EQ(parse_period("30 days")->end(at("2026-11-28T00:00:00Z")), at("2026-12-28"));
  EXPECT_EQ(parse_period("30 days")->end(Instant::beginning()), Instant::beginning());
  EXPECT_TRUE(parse_period("3 years after last act")->after_last_act);
  for (const char* bad : {"", "3", "years", "0 days", "-1 days", "3 year", "1 years", "3 weeks", "3  years", "9999999999 days", "101 years"})
    EXPECT_FALSE(parse_period(bad)) << bad;
}

TEST(Period, ReadsBackAndNeverLastsLonger) {
  const std::uint64_t seed = seed_of_run(20'261'128);
  Dice dice(seed);
  for (int i = 0; i < 20'000; ++i) {
    Period p;
    (dice.chance(50) ? p.months : p.days) = static_cast<std::uint32_t>(1 + dice.below(500));
    p.after_last_act = dice.chance(50);
    EXPECT_EQ(*parse_period(to_string(p)), p) << to_string(p);
    const Instant from{static_cast<std::int64_t>(dice.below(40'000)) * day_us + static_cast<std::int64_t>(dice.below(day_us))};
    const Instant end = p.end(from);
    EXPECT_EQ(end.us % day_us, 0);
    const std::int64_t days = (end.us - from.us / day_us * day_us) / day_us;
    // A month has 28 to 31 days, a year at most one day more than 365.
    EXPECT_GE(days, p.months == 0 ? p.days : p.months * 28);
    EXPECT_LE(days, p.months == 0 ? p.days : p.months * 31);
    const Instant now{static_cast<std::int64_t>(dice.below(40'000)) * day_us};
    const Instant last = p.last_ended(now);
    EXPECT_LE(p.end(last), now);
    EXPECT_GT(p.end(last + std::chrono::hours(24)), now);
  }
}

constexpr std::string_view orders = R"([[class]]
name = "orders"
events = ["Order Completed"]
keep = { operate = "5 years", legal = "10 years", secure = "12 months", market = "3 years after last act", other = "1 year" }
)";
constexpr std::string_view rest = "[[class]]\nname = \"rest\"\nkeep = { secure = \"6 months\", other = \"13 months\" }\n";

TEST(Schedules, SayForEachClassAndPurpose) {
  const Purposes purposes = Purposes::fr_eu();
  const auto read = read_retention(std::string(rest) + std::string(orders), purposes);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->classes.size(), 2U);
  EXPECT_EQ(read->classes.back().name, "rest") << "whatever the order in the file";
  EXPECT_EQ(read->of("Order Completed").name, "orders");
  EXPECT_EQ(read->of("Never Heard Of").name, "rest");
  const Mask legal = *purposes.mask(std::vector<std::string_view>{"legal"}), measure = *purposes.mask(std::vector<std::string_view>{"measure"});
  const Mask market = *purposes.mask(std::vector<std::string_view>{"market"});
  const Instant happened = at("2020-06-01T08:00:00Z");
  EXPECT_EQ(read->ended("Order Completed", legal | measure | market, happened, at("2022-01-01")), measure);
  EXPECT_EQ(read->ended("Order Completed", legal | measure | market, happened, at("2031-01-01")), legal | measure)
      << "what hangs on the last act is not judged by the event alone";
  EXPECT_EQ(read_retention("", purposes)->ended("Order Completed", ~Mask{0}, happened, at("2099-01-01")), 0U);
}

TEST(Schedules, AClassWithoutOneIsRefusedAndTheLawIsTheLimit) {
  const std::string all(rest);
  EXPECT_EQ(refused("[[class]]\nname = \"rest\"\n"), "retention.toml:1:1  class \"rest\" has no schedule: keep = { market = \"3 years after last act\", … }");
  EXPECT_NE(refused("[[class]]\nname = \"rest\"\nkeep = { market = \"1 year\" }\n").find("says nothing of operate"), std::string::npos);
  EXPECT_NE(refused(std::string(orders)).find("one [[class]] has no events"), std::string::npos);
  EXPECT_NE(refused(all + all).find("one [[class]] has no events"), std::string::npos);
  EXPECT_NE(refused(all + std::string(orders) + std::string(orders)).find("stands in two classes"), std::string::npos);
  EXPECT_NE(refused("[[class]]\nname = \"rest\"\nkeep = { secure = \"13 months\", other = \"1 year\" }\n").find(
                "\"13 months\" is longer than secure may have anything: \"1 year\" in the pack fr-eu 2026-11-28 (CNIL"
            ), std::string::npos);
  EXPECT_NE(refused("[[class]]\nname = \"rest\"\nkeep = { other = \"25 months\" }\n").find("longer than secure"), std::string::npos)
      << "other names them too";
  EXPECT_NE(refused("[[class]]\nname = \"rest\"\nkeep = { measure = \"1 year after last act\", other = \"1 month\" }\n").find("longer than measure"), std::string::npos)
      << "an end that moves is longer than one that does not";
  EXPECT_NE(refused("[[class]]\nname = \"rest\"\nkeep = { marketing = \"1 year\", other = \"1 month\" }\n").find("the nearest known is \"market\""), std::string::npos);
  EXPECT_NE(refused("[[class]]\nname = \"rest\"\nkeep = { other = \"soon\" }\n").find("is no period"), std::string::npos);
  EXPECT_NE(refused("[[class]]\nname = \"rest\"\nevents = []\nkeep = { other = \"1 month\" }\n").find("names no event"), std::string::npos);
}

}  // namespace
}  // namespace hospes::catalog
