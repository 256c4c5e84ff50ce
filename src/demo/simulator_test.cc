#include "demo/simulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace hospes::demo {
namespace {

const Instant start = *parse_instant("2026-11-24T12:00:00Z");

Plan small_plan() {
  std::vector<Order> orders;
  for (std::uint32_t i = 1; i <= 400; ++i)
    orders.push_back({i, i, 9'862 + static_cast<std::int32_t>(i % 500), 1, 1'000});
  const std::int64_t weeks = weeks_to(orders, start);
  return plan(std::move(orders), weeks);
}

std::vector<Call> ten_minutes(std::uint64_t seed) {
  Simulator simulator(seed, small_plan(), start);
  std::vector<Call> out;
  for (int s = 0; s <= 600; ++s) {
    for (Call& c : simulator.due(start + std::chrono::seconds(s))) {
      EXPECT_LE(c.due, start + std::chrono::seconds(s));
      out.push_back(std::move(c));
    }
  }
  return out;
}

bool holds(const Call& c, std::string_view text) { return c.json.find(text) != std::string::npos; }

TEST(Simulator, TheSameSeedTellsTheSameStories) {
  const auto a = ten_minutes(1);
  const auto b = ten_minutes(1);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(a[i].json, b[i].json);
  EXPECT_NE(ten_minutes(2).size(), a.size());
}

TEST(Simulator, EveryMessageHasItsOwnId) {
  std::set<std::string> ids;
  const auto calls = ten_minutes(3);
  for (const Call& c : calls) {
    const auto at = c.json.find("\"messageId\":\"") + 13;
    ids.insert(c.json.substr(at, c.json.find('"', at) - at));
  }
  EXPECT_EQ(ids.size(), calls.size());
}

TEST(Simulator, PagesAreSentWithThePublicKeyAndOrdersWithTheServers) {
  for (const Call& c : ten_minutes(4)) {
    // Hesitating customers and mails are told by the shop's server.
    const bool order = holds(c, "Order Completed") || holds(c, "\"identify\"") ||
                       holds(c, "\"Email ") ||
                       (holds(c, "Product Viewed") && !holds(c, "anonymousId"));
    EXPECT_EQ(c.lane == Lane::answers, holds(c, "\"consent\",\"messageId\"")) << c.json;
    EXPECT_EQ(c.lane == Lane::server, order) << c.json;
    // A public signal speaks for strangers only.
    EXPECT_EQ(holds(c, "categoryPreferences"), c.lane == Lane::page && !holds(c, "userId"))
        << c.json;
  }
}

TEST(Simulator, FeedsEachOfItsSegmentsWithinTenMinutes) {
  const auto calls = ten_minutes(5);
  for (const std::string_view needed :
       {"Product Added", "Product Viewed", "Page Viewed", "\"results\":0", "\"jazz\"",
        "\"identify\"", "Order Completed", "\"withdrawn\"", "searcher-", "stroller-", "device-",
        "Email Delivered", "Email Link Clicked", "Email Bounced", "contact:email", "\"until\""}) {
    EXPECT_TRUE(std::ranges::any_of(calls, [&](const Call& c) { return holds(c, needed); }))
        << needed;
  }
}

TEST(Simulator, ABigSpenderComesBackWithinTenMinutes) {
  std::vector<Order> orders;  // one in fifty spent much, as in the demo; half of all have been quiet for long
  for (std::uint32_t i = 1; i <= 1'000; ++i)
    orders.push_back({i, i, 9'862 + static_cast<std::int32_t>(i % 500), 1, i % 50 == 0 ? 40'000 : 1'000});
  const std::int64_t weeks = weeks_to(orders, start);
  Simulator simulator(7, plan(std::move(orders), weeks), start);
  std::set<std::string> big;
  for (std::uint32_t i = 50; i <= 1'000; i += 50) big.insert("\"userId\":\"" + customer(i).user_id + "\"");
  std::size_t back = 0;
  for (const Call& c : simulator.due(start + std::chrono::minutes(5)))
    for (const std::string& who : big) back += holds(c, "Page Viewed") && holds(c, who) ? 1 : 0;
  for (const Call& c : simulator.due(start + std::chrono::minutes(10)))
    for (const std::string& who : big) back += holds(c, "Page Viewed") && holds(c, who) ? 1 : 0;
  EXPECT_GE(back, 8U) << "two pages a visit: one in fifty would come back once";
}

TEST(Simulator, NothingIsTimedInTheFuture) {
  for (const Call& c : ten_minutes(6)) {
    const auto at = c.json.find("\"timestamp\":\"");
    if (at == std::string::npos) continue;
    const auto text = std::string_view(c.json).substr(at + 13);
    EXPECT_LE(*parse_instant(text.substr(0, text.find('"'))), c.due) << c.json;
  }
}

TEST(Simulator, AfterALongSleepItDoesNotTellEverythingAtOnce) {
  Simulator simulator(7, small_plan(), start);
  EXPECT_LT(simulator.due(start + std::chrono::hours(48)).size(), 200U * 20U);
  EXPECT_LT(simulator.due(start + std::chrono::hours(48) + std::chrono::seconds(10)).size(), 400U);
}

}  // namespace
}  // namespace hospes::demo
