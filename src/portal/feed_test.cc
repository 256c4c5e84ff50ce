// The ring of what happened lately: bounded, never waiting, and honest about what it forgot.
#include "portal/feed.h"

#include <gtest/gtest.h>

#include <thread>

namespace hospes::portal {
namespace {

collect::Arrival arrival(std::uint64_t n, collect::Verdict verdict = collect::Verdict::accepted) {
  collect::Arrival out{.verdict = verdict, .at = Instant{static_cast<std::int64_t>(n)}};
  out.name = "Order Completed";
  out.message_id = std::to_string(n);
  out.message = {7, n};
  return out;
}

flow::Transition passage(std::uint64_t message) {
  flow::Transition out;
  out.message = {7, message};
  return out;
}

TEST(Feed, GivesWhatCameAfterANumber) {
  Feed feed;
  for (std::uint64_t n = 1; n <= 5; ++n) feed.arrived({arrival(n)});
  EXPECT_EQ(feed.last(), 5U);
  const auto batch = feed.after(2, 2);
  ASSERT_EQ(batch.items.size(), 2U);
  EXPECT_EQ(batch.items[0].number, 3U);
  EXPECT_EQ(batch.items[1].number, 4U);
  EXPECT_EQ(batch.dropped, 0U);
  EXPECT_TRUE(feed.after(5, 10).items.empty());
}

TEST(Feed, ForgetsTheOldestAndSaysHowMany) {
  Feed feed;
  for (std::uint64_t n = 1; n <= Feed::items_max + 10; ++n) feed.arrived({arrival(n)});
  const auto batch = feed.after(3, 1);
  EXPECT_EQ(batch.dropped, 7U);
  EXPECT_EQ(batch.items.at(0).number, 11U);
  EXPECT_FALSE(feed.arrival({7, 10}));
  EXPECT_EQ(feed.arrival({7, 11}).value().message_id, "11");
}

TEST(Feed, AMessageThatCameAgainIsNotForgottenWithItsFirstArrival) {
  Feed feed;
  feed.arrived({arrival(1)});
  for (std::uint64_t n = 2; n < Feed::items_max; ++n) feed.arrived({arrival(n)});
  feed.arrived({arrival(1)});
  feed.arrived({arrival(Feed::items_max)});  // the first arrival of 1 leaves
  EXPECT_TRUE(feed.arrival({7, 1}));
}

TEST(Feed, TracesOneMessage) {
  Feed feed;
  feed.arrived({arrival(1)});
  feed.passed({passage(1), passage(2), passage(1)});
  feed.became({{{7, 1}, flow::Became::duplicate}, {{7, 1}, flow::Became::applied}}, Instant{9});
  const auto trace = feed.trace({7, 1});
  EXPECT_TRUE(trace.arrival);
  EXPECT_EQ(trace.transitions.size(), 2U);
  EXPECT_EQ(trace.repeats, 1U);
  EXPECT_EQ(trace.since, Instant{1});
  EXPECT_FALSE(feed.trace({7, 3}).arrival);
}

TEST(Feed, AMessageKeepsTheTimesOfItsFirstArrival) {
  Feed feed;
  collect::Arrival first = arrival(1), again = arrival(1);
  std::tie(first.original, first.sent) = std::tuple(Instant{3}, Instant{4});
  std::tie(again.original, again.sent) = std::tuple(Instant{3}, Instant{9});
  feed.arrived({arrival(1, collect::Verdict::withheld), first});
  feed.arrived({again});
  EXPECT_EQ(feed.trace({7, 1}).arrival->original, Instant{3});
  EXPECT_EQ(feed.trace({7, 1}).arrival->sent, Instant{4});
}

TEST(Feed, ItsIdsBelongToOneStart) {
  Feed feed(Instant{77});
  for (std::uint64_t n = 1; n <= 3; ++n) feed.arrived({arrival(n)});
  EXPECT_EQ(feed.id(2), "77-2");
  EXPECT_EQ(feed.place("77-2")->number, 2U);
  EXPECT_FALSE(feed.place("77-2")->restarted);
  EXPECT_EQ(feed.place("77-9")->number, 3U) << "nobody has seen what has not come";
  EXPECT_TRUE(feed.place("76-2")->restarted);
  EXPECT_EQ(feed.place("76-2")->number, 0U) << "all of this start is new to that reader";
  for (const char* wrong : {"", "2", "77-", "-2", "77-2x", "a-b"}) EXPECT_FALSE(feed.place(wrong)) << wrong;
}

TEST(Feed, GivesTheNewestThatAreWanted) {
  Feed feed;
  for (std::uint64_t n = 1; n <= 9; ++n) feed.arrived({arrival(n)});
  feed.passed({passage(1)});
  const auto odd = feed.newest(2, [](const Feed::What& what) {
    const auto* a = std::get_if<collect::Arrival>(&what);
    return a != nullptr && a->message.lo % 2 == 1;
  });
  ASSERT_EQ(odd.items.size(), 2U);
  EXPECT_EQ(odd.items[0].number, 9U);
  EXPECT_EQ(odd.items[1].number, 7U);
  EXPECT_EQ(odd.last, 10U);
}

TEST(Feed, CountsByVerdict) {
  Feed feed;
  feed.arrived({arrival(1)});
  feed.arrived({arrival(2, collect::Verdict::withheld)});
  feed.arrived({arrival(3, collect::Verdict::withheld)});
  feed.arrived({arrival(4, collect::Verdict::rejected)});
  EXPECT_EQ(feed.totals().accepted, 1U);
  EXPECT_EQ(feed.totals().withheld, 2U);
  EXPECT_EQ(feed.totals().rejected, 1U);
  EXPECT_EQ(feed.names(), 1U);
}

TEST(Feed, WakesWhoWaits) {
  Feed feed;
  std::thread waiting([&] {
    feed.wait(0, std::chrono::steady_clock::now() + std::chrono::minutes(5));
  });
  feed.arrived({arrival(1)});
  waiting.join();  // long before the five minutes, which the test runner would not wait for
  EXPECT_EQ(feed.last(), 1U);
}

}  // namespace
}  // namespace hospes::portal
