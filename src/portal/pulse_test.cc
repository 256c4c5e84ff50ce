// Counts by the minute: bounded, kept over a restart, honest about what nobody counted.
#include "portal/pulse.h"

#include <gtest/gtest.h>

#include "base/dice.h"
#include "disk/memory.h"

namespace hospes::portal {
namespace {

constexpr Instant noon{1'772'366'400'000'000};
constexpr Duration minute = std::chrono::minutes(1);

collect::Arrival arrival(collect::Verdict verdict, bool simulated = false) {
  collect::Arrival out{.verdict = verdict};
  out.type = "track";
  out.source = "web shop";
  out.simulated = simulated;
  return out;
}

flow::Transition passage(segment::SegmentIndex segment, bool entered, bool simulated = false) {
  flow::Transition out;
  out.segment = segment;
  out.entered = entered;
  out.simulated = simulated;
  return out;
}

class PulseTest : public testing::Test {
 protected:
  std::unique_ptr<Pulse> open() { return std::move(Pulse::open(disk_, "console", clock_)).value(); }
  disk::MemoryDisk disk_;
  ManualClock clock_{noon};
};

TEST_F(PulseTest, CountsByKindAndByMinute) {
  const auto pulse = open();
  pulse->arrived(arrival(collect::Verdict::accepted));
  pulse->arrived(arrival(collect::Verdict::accepted, true));
  auto answer = arrival(collect::Verdict::accepted);
  answer.type = "consent";
  pulse->arrived(answer);
  clock_.advance(minute * 5);
  pulse->arrived(arrival(collect::Verdict::withheld));
  pulse->repeated(false);
  pulse->passed({passage(3, true), passage(3, true, true), passage(4, false)});
  const auto all = pulse->sum(noon, noon + minute * 10, false);
  EXPECT_EQ(all, (Pulse::Counts{.events = 2, .answers = 1, .withheld = 1, .duplicates = 1, .in = 2, .out = 1}));
  EXPECT_EQ(pulse->sum(noon, noon + minute * 10, true).events, 1U);
  EXPECT_EQ(pulse->sum(noon, noon + minute * 5, false).withheld, 0U);
  const auto fives = pulse->by(5, 2, false);
  EXPECT_EQ(fives[0].events + fives[1].events, 1U + 1U) << "noon's minute is among the last ten";
  EXPECT_EQ(fives[1].in, 2U);
  EXPECT_EQ(pulse->moved(false)[3].in, 2U);
  EXPECT_EQ(pulse->moved(true)[3].in, 1U);
  clock_.advance(minute * 60);
  EXPECT_EQ(pulse->moved(false)[3].in, 0U) << "an hour later";
}

TEST_F(PulseTest, ReasonsComeMostFrequentFirstAndAreBounded) {
  const auto pulse = open();
  auto withheld = arrival(collect::Verdict::withheld);
  withheld.missing = {"operate", "measure", "personalise"};
  withheld.closed = {
      consent::Why::not_catalogued, consent::Why::no_answer, consent::Why::source_silent};
  for (int i = 0; i < 3; ++i) pulse->arrived(withheld);
  auto refused = arrival(collect::Verdict::rejected);
  refused.rule = "bad_time";
  pulse->arrived(refused);
  const auto seen = pulse->reasons(noon, false);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].second, 3U);
  EXPECT_EQ(seen[0].first.why, "measure,personalise");
  EXPECT_EQ(seen[1].first.why, "bad_time");
  for (std::size_t i = 0; i < 3 * Pulse::reasons_max; ++i) {
    refused.source = "s" + std::to_string(i);
    pulse->arrived(refused);
  }
  EXPECT_LE(pulse->reasons(noon, false).size(), Pulse::reasons_max + 1);
}

TEST_F(PulseTest, OutlivesARestartAndTellsTheGap) {
  auto pulse = open();
  pulse->arrived(arrival(collect::Verdict::accepted));
  auto withheld = arrival(collect::Verdict::withheld, true);
  withheld.missing = {"measure"};
  withheld.closed = {consent::Why::no_answer};
  pulse->arrived(withheld);
  pulse->close();
  clock_.advance(minute * 30);
  pulse = open();
  pulse->arrived(arrival(collect::Verdict::accepted));
  EXPECT_EQ(pulse->sum(noon, noon + minute * 60, false).events, 2U);
  ASSERT_EQ(pulse->reasons(noon, false).size(), 1U);
  EXPECT_TRUE(pulse->reasons(noon, true).empty());
  EXPECT_EQ(pulse->since(), noon);
  ASSERT_EQ(pulse->gaps().size(), 1U);
  EXPECT_EQ(pulse->gaps()[0].from, noon);
  EXPECT_EQ(pulse->gaps()[0].until, noon + minute * 30);
}

TEST_F(PulseTest, ForgetsWhatIsOlderThanADay) {
  const auto pulse = open();
  for (int hour = 0; hour < 60; ++hour) {
    pulse->arrived(arrival(collect::Verdict::accepted));
    clock_.advance(minute * 60);
  }
  EXPECT_LE(pulse->sum(noon, clock_.now(), false).events, 27U);
  EXPECT_GT(pulse->since(), noon);
  EXPECT_EQ(pulse->sum(clock_.now() - minute * 60 * 24, clock_.now(), false).events, 24U);
}

TEST_F(PulseTest, VisitorsAreCountedByDayAndNoMarkIsKept) {
  Dice dice(20261128);
  auto pulse = open();
  const auto visited = [&](std::int64_t day, std::uint64_t mark, std::string_view type = "page", const char* source = "web shop") {
    auto seen = arrival(collect::Verdict::withheld);
    seen.type = type;
    seen.source = source;
    seen.visit = {day, mark};
    pulse->arrived(seen);
  };
  std::int64_t day = 20'000;
  for (const std::uint64_t people : {1u, 7u, 300u, 5'000u, 200'000u}) {
    ++day;
    for (std::uint64_t i = 0; i < people; ++i) {
      const std::uint64_t mark = dice.next();
      visited(day, mark);
      visited(day, mark, "track");
    }
    const auto counted = pulse->visitors("web shop", 1).at(0);
    EXPECT_EQ(counted.day, day);
    EXPECT_EQ(counted.views, people);
    EXPECT_NEAR(static_cast<double>(counted.people), static_cast<double>(people), 0.06 * static_cast<double>(people)) << people;
    EXPECT_FALSE(counted.at_most);
  }
  EXPECT_EQ(pulse->visitors("web shop", 9).size(), 5u) << "days that ended are kept, the latest first";
  EXPECT_EQ(pulse->visitors("web shop", 9).back().people, 1u);
  EXPECT_TRUE(pulse->visitors("till", 9).empty());
  constexpr std::int64_t today = 300'000;
  visited(today, 1ULL << 40);
  visited(today, 1ULL << 40, "page", "another page");
  const auto before = pulse->visitors("web shop", 9);
  EXPECT_EQ(before.size(), 1u) << "four hundred days are kept";
  pulse->close();
  const std::string file = *disk::read_all(disk_, "console/pulse", 1'000'000);
  EXPECT_EQ(file.find(std::to_string(1ULL << 40)), file.npos);
  pulse = open();
  EXPECT_EQ(pulse->visitors("web shop", 9), before);
  visited(today, 2ULL << 40);
  const auto after = pulse->visitors("web shop", 9).at(0);
  EXPECT_EQ(after.people, 2u) << "another salt: who came before the restart cannot be told from who came after";
  EXPECT_TRUE(after.at_most);
  EXPECT_FALSE(pulse->visitors("another page", 9).at(0).at_most);
}

TEST_F(PulseTest, AFileThatIsTornOrForeignIsAnEmptyPast) {
  for (const char* text : {"m\t1\t2", "x\ty\nm\tz\t1\n", "\0\0\0\n", "m\t29539440\t1\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\n"}) {
    ASSERT_TRUE(disk::replace(disk_, "console", "pulse", text));
    const auto pulse = open();
    EXPECT_EQ(pulse->sum(noon - minute * 60, noon + minute, false).events, 0U) << text;
  }
}

}  // namespace
}  // namespace hospes::portal
