#include "insight/backtest.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/dice.h"
#include "insight/files.h"
#include "insight/order_book.h"
#include "insight/test_data.h"

namespace hospes::insight {
namespace {

BuyingDays days_of(const std::vector<std::string>& paths, const Wishes& wishes) {
  const auto table = read_files(paths);
  EXPECT_TRUE(table) << table.error().message;
  const Insight reader{"test", {}, order_roles(false), order_settings(), nullptr};
  const auto input = Input::read(reader, *table, wishes);
  EXPECT_TRUE(input) << input.error().message;
  const auto book = read_orders(*input);
  EXPECT_TRUE(book) << book.error().message;
  return buying_days(book->orders);
}

std::int32_t half(const BuyingDays& days) {
  return days.begin + (days.end - days.begin + 1) / 2 - 1;
}

/// The bounds that the product promises for its predictive intervals.
void expect_held(const Coverage& c) {
  EXPECT_GE(c.level80, .77);
  EXPECT_LE(c.level80, .83);
  EXPECT_GE(c.level95, .93);
  EXPECT_LE(c.level95, .97);
}

TEST(Backtest, CdnowIntervalsHoldWhatTheyPromise) {
  NEED_DATA(path, "cdnow/CDNOW_master.txt");
  const BuyingDays days = days_of({path}, {});
  EXPECT_EQ(half(days), 10'134);  // 1997-09-30: 39 weeks, then 39 weeks
  const auto test = back_test(days, Family::bg_nbd, half(days), days.end);
  ASSERT_TRUE(test);
  expect_held(test->coverage);
  EXPECT_NEAR(test->predicted, 16'873.7, 1.7);
  EXPECT_EQ(test->actual, 19'684);
  const auto better = back_test(days, Family::mbg_nbd, half(days), days.end);
  ASSERT_TRUE(better);
  EXPECT_GT(better->fit.log_likelihood, test->fit.log_likelihood);
  expect_held(better->coverage);
}

TEST(Backtest, OnlineRetailIntervalsHoldWhatTheyPromise) {
  NEED_DATA(first, "onlineretail/part1.csv.gz");
  NEED_DATA(second, "onlineretail/part2.csv.gz");
  const BuyingDays days = days_of(
      {first, second}, {.columns = {{"value", "Quantity*UnitPrice"}}, .settings = {{"free", "no"}}}
  );
  for (const Family family : families) {
    const auto test = back_test(days, family, half(days), days.end);
    ASSERT_TRUE(test);
    expect_held(test->coverage);
  }
}

// A planted world: people who live by BG/NBD. The fit finds the parameters, and intervals hold
// their level.
TEST(Backtest, APlantedWorldIsRecovered) {
  constexpr std::uint64_t seed = 31;
  SCOPED_TRACE(seed);
  Dice dice(seed);
  const auto uniform = [&] { return (static_cast<double>(dice.next() >> 11) + .5) * 0x1p-53; };
  const auto gamma = [&](double shape) {  // sum of exponentials: whole shapes only
    double sum = 0;
    for (int i = 0; i < static_cast<int>(shape); ++i) sum -= std::log(uniform());
    return sum;
  };
  Orders orders;
  for (std::uint32_t who = 0; who < 4'000; ++who) {
    orders.names.push_back(std::to_string(who));
    const double rate = gamma(2) / 10 / 7;  // a day: r = 2, alpha = 10 weeks
    const double a = gamma(1), leave = a / (a + gamma(3));
    double at = static_cast<double>(dice.below(84));
    bool repeat = false;
    do {
      orders.customer.push_back(who);
      orders.day.push_back(static_cast<std::int32_t>(at));
      if (repeat && uniform() < leave) break;
      at -= std::log(uniform()) / rate;
      repeat = true;
    } while (at < 728);
  }
  const BuyingDays days = buying_days(orders);
  const auto test = back_test(days, Family::bg_nbd, 364, 727);
  ASSERT_TRUE(test);
  EXPECT_NEAR(test->predicted / test->actual, 1, .05);
  expect_held(test->coverage);
}

TEST(Backtest, IntervalsAreTheSmallestThatHold) {
  EXPECT_EQ(interval_of({.9, .05, .05}, .80), (Interval{0, 0}));
  EXPECT_EQ(interval_of({.05, .9, .05}, .95), (Interval{0, 2}));
  EXPECT_EQ(interval_of({.05, .9, .05}, .80), (Interval{1, 1}));
  EXPECT_EQ(interval_of({1.}, .95), (Interval{0, 0}));
}

TEST(Backtest, TheTotalsSpreadIsThatOfItsParts) {
  const LifetimeFit fit{.model = {Family::bg_nbd, {.25, 4.8, .72, 2.2}}};
  const std::vector<Customer> customers = {{3, 20, 30}, {0, 0, 30}, {3, 20, 30}};
  const Total sum = total(fit, customers, 26);
  double mean = 0, variance = 0;
  for (const Customer& c : customers) {
    std::vector<double> pmf;
    distribution(future(fit.model, c), alive(fit.model, c), 26, pmf);
    double m = 0, s = 0;
    for (std::size_t n = 0; n < pmf.size(); ++n)
      m += pmf[n] * double(n), s += pmf[n] * double(n * n);
    mean += m;
    variance += s - m * m;
  }
  EXPECT_NEAR(sum.mean, mean, 1e-6 * mean);
  EXPECT_NEAR(sum.variance, variance, 1e-6 * variance);
}

}  // namespace
}  // namespace hospes::insight
