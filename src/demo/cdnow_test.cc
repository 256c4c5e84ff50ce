#include "demo/cdnow.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/decimal.h"
#include "demo/replay.h"

namespace hospes::demo {
namespace {

constexpr std::string_view tiny =
    " customer_id  date number_of_cds  dollar_value\r\n"
    " 00001 19970101  1   11.77\r\n"
    " 00002 19970112  1   12.00\r\n"
    " 00002 19970112  5    0.00\r\n"
    " 00001 19980630  2   20.05\r\n";

std::vector<Order> real_orders() {
  const char* data = std::getenv("HOSPES_DATA");
  const std::filesystem::path root = HOSPES_SOURCE;
  for (const auto& path :
       {(data != nullptr ? std::filesystem::path(data) : root / "../shared/data") /
            "cdnow/CDNOW_master.txt",
        root / "third_party/cdnow/CDNOW_master.txt"}) {
    if (auto orders = read_cdnow(path.string())) return *orders;
  }
  return {};
}

/// The values of one key in a body, as they stand there.
std::vector<std::string> values(std::string_view body, std::string_view key) {
  std::vector<std::string> out;
  const std::string wanted = "\"" + std::string(key) + "\":";
  for (auto at = body.find(wanted); at != std::string_view::npos; at = body.find(wanted, at)) {
    at += wanted.size();
    out.emplace_back(body.substr(at, body.find_first_of(",}", at) - at));
  }
  return out;
}

TEST(Cdnow, ReadsWhatTheFileSays) {
  const auto orders = parse_cdnow(tiny);
  ASSERT_TRUE(orders);
  ASSERT_EQ(orders->size(), 4U);
  EXPECT_EQ((*orders)[2], (Order{3, 2, (*orders)[1].day, 5, 0}));
  EXPECT_EQ(date_of((*orders)[3].day), "1998-06-30");
  EXPECT_EQ(amount_of(2005), "20.05");
  EXPECT_EQ(parse_cdnow("head\n 1 19970101 x 1.00\n").error().code, Code::corrupt);
  EXPECT_EQ(parse_cdnow("head\n").error().code, Code::corrupt);
}

TEST(Cdnow, TheLastOrderIsAtMostAWeekOldAndNoneIsToCome) {
  const auto orders = *parse_cdnow(tiny);
  const Instant first_now = *parse_instant("2026-11-24T00:00:00Z");
  for (int hour = 0; hour < 24 * 8; ++hour) {
    const Instant now = first_now + std::chrono::hours(hour);
    const Plan p = plan(orders, weeks_to(orders, now));
    const Instant last = p.at(p.orders.back());
    EXPECT_LE(last, now);
    EXPECT_LT(now - last, std::chrono::hours(24 * 7));
    EXPECT_EQ((p.at(p.orders.front()).us / 86'400'000'000 - p.orders.front().day) % 7, 0);
  }
}

TEST(Cdnow, WhatIsInventedIsAlwaysTheSame) {
  const Customer a = customer(8231);
  EXPECT_EQ(a.user_id, "08231");
  EXPECT_EQ(a.email, customer(8231).email);
  EXPECT_EQ(a.purposes.front(), "market");
  std::set<std::string> addresses;
  for (std::uint32_t i = 1; i <= 23'570; ++i) {
    const Customer c = customer(i);
    ASSERT_GE(c.minute, 480);
    ASSERT_LT(c.minute, 1'200);
    for (const char letter : c.email) ASSERT_GT(letter, ' ');
    addresses.insert(c.email);
  }
  EXPECT_EQ(addresses.size(), 23'570U);
}

TEST(Cdnow, EveryOrderIsGeneratedAndTheSumIsExact) {
  const auto orders = real_orders();
  if (orders.empty()) GTEST_SKIP() << "no CDNOW orders; tools/fetch.sh brings them";
  const Instant now = *parse_instant("2026-11-24T12:00:00Z");
  const Plan p = plan(orders, weeks_to(orders, now));
  EXPECT_EQ(p.weeks, 1'481);
  const auto first = first_orders(p);
  Wide sum = 0;
  std::size_t count = 0, people = 0;
  std::set<std::string> messages;
  for (std::size_t at = 0; at < p.orders.size(); at += 1'000) {
    const std::string body = orders_body(p, first, at, std::min(p.orders.size(), at + 1'000));
    for (const std::string& total : values(body, "total")) sum += parse_decimal(total)->micro;
    for (std::string& id : values(body, "messageId")) messages.insert(std::move(id));
    for (const std::string& type : values(body, "type"))
      (type == "\"track\"" ? count : people) += 1;
  }
  EXPECT_EQ(count, 69'659U);
  EXPECT_EQ(people, 23'570U);
  EXPECT_TRUE(sum == Wide{2'500'315'630'000});  // $2,500,315.63
  EXPECT_EQ(messages.size(), 69'659U + 23'570U);
}

TEST(Replay, AnswersComeBeforeTheFirstOrder) {
  const Plan p = plan(*parse_cdnow(tiny), 0);
  const auto first = first_orders(p);
  EXPECT_EQ(first, (std::vector<char>{1, 1, 0, 0}));
  const auto happened = values(answers_body(p, first, 0, 1), "happened");
  const auto ordered = values(orders_body(p, first, 0, 1), "timestamp");
  ASSERT_FALSE(happened.empty());
  EXPECT_LT(happened.front(), ordered.front());
  EXPECT_EQ(answers_body(p, first, 2, 4), "{\"batch\":[]}");
}

TEST(Replay, SaysHowFarItIs) {
  const Progress p{
      .done = 48,
      .total = 100,
      .shop_date = *parse_instant("2025-09-14T09:00:00Z"),
      .orders_per_s = 41'200,
      .seconds_left = 2};
  EXPECT_EQ(
      progress_line(p, false),
      "replaying ███████████░░░░░░░░░░░░░  48 %   41,200 orders/s   shop date 2025-09-14   2 s left"
  );
}

}  // namespace
}  // namespace hospes::demo
