#include "insight/activity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "insight/files.h"
#include "insight/passages.h"
#include "insight/test_data.h"

namespace hospes::insight {
namespace {

OrderBook retail(const std::string& first, const std::string& second) {
  const auto table = read_files({first, second});
  EXPECT_TRUE(table) << table.error().message;
  const Insight reader{"test", {}, order_roles(true), order_settings(), nullptr};
  const auto input = Input::read(
      reader, *table, {.columns = {{"value", "Quantity*UnitPrice"}}, .settings = {{"free", "no"}}}
  );
  EXPECT_TRUE(input) << input.error().message;
  auto book = read_orders(*input);
  EXPECT_TRUE(book) << book.error().message;
  return std::move(*book);
}

// DuckDB 2.0.0 on the same rows (reference_peers: ref_events.py).
TEST(Activity, OnlineRetailAgreesWithSql) {
  NEED_DATA(first, "onlineretail/part1.csv.gz");
  NEED_DATA(second, "onlineretail/part2.csv.gz");
  const OrderBook book = retail(first, second);
  EXPECT_EQ(book.at_us.size(), 10'934u);
  const double revenue = std::accumulate(book.orders.value.begin(), book.orders.value.end(), 0.0);
  EXPECT_NEAR(revenue, 5'575'004.67, .01);

  const Rfm found = rfm(book.orders, 15'318);  // 2011-12-10
  EXPECT_EQ(found.who.size(), 2'590u);
  EXPECT_EQ(std::set(found.score.begin(), found.score.end()).size(), 112u);
  EXPECT_NEAR(top_share(found.spent, .2), .756279, 5e-7);

  std::size_t cells = 0;
  for (const auto& [month, active] : cohorts(buying_days(book.orders)).active)
    cells +=
        static_cast<std::size_t>(std::ranges::count_if(active, [](double n) { return n > 0; }));
  EXPECT_EQ(cells, 91u);

  const std::vector<std::uint32_t> one_kind(book.at_us.size(), 0);
  const Log log = log_of(book.orders.customer, book.orders.names, book.at_us, one_kind, {"order"});
  const std::vector<std::uint32_t> steps = {0, 0, 0};
  EXPECT_EQ(
      funnel(log, steps, 90 * day_us, false), (std::vector<std::uint64_t>{2'590, 1'145, 551})
  );
}

TEST(Activity, GiniAndShareByDefinition) {
  EXPECT_EQ(gini(std::vector<double>(9, 5)), 0);
  EXPECT_NEAR(gini(std::vector<double>{0, 0, 0, 1}), .75, 1e-12);
  EXPECT_NEAR(gini(std::vector<double>{1, 2, 3}), 2. / 9, 1e-12);
  EXPECT_EQ(gini(std::vector<double>{}), 0);
  EXPECT_EQ(top_share(std::vector<double>{0, 0}, .5), 0);
  EXPECT_NEAR(top_share(std::vector<double>{1, 2, 3, 4, 10}, .2), .5, 1e-12);
}

// Freireich et al. 1963, leukaemia, 6-MP arm, as printed in the textbooks (Klein and Moeschberger;
// Kalbfleisch and Prentice).
TEST(Activity, KaplanMeierOnFreireich) {
  std::vector<Lasting> people;
  for (const int t : {6, 6, 6, 7, 10, 13, 16, 22, 23}) people.push_back({double(t), true});
  for (const int t : {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35})
    people.push_back({double(t), false});
  const auto curve = kaplan_meier(people);
  ASSERT_EQ(curve.size(), 7u);
  const std::array times = {6., 7., 10., 13., 16., 22., 23.};
  const std::array survival = {.857, .807, .753, .690, .627, .538, .448};
  const std::array risk = {21., 17., 15., 12., 11., 7., 6.};
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(curve[i].time, times[i]);
    EXPECT_EQ(curve[i].at_risk, risk[i]);
    EXPECT_NEAR(curve[i].survival, survival[i], 5.1e-4);
    EXPECT_LE(curve[i].i95.low, curve[i].survival);
    EXPECT_GE(curve[i].i95.high, curve[i].survival);
  }
  EXPECT_NEAR(curve[0].i95.low, .620, 1e-3);  // R survival, conf.type = "log-log"
  EXPECT_NEAR(curve[0].i95.high, .952, 1e-3);
  EXPECT_EQ(median_survival(curve), 23);
}

TEST(Activity, EverybodyLeavingAtOnceEndsAtZero) {
  const auto curve = kaplan_meier(std::vector<Lasting>(3, {5, true}));
  ASSERT_EQ(curve.size(), 1u);
  EXPECT_EQ(curve[0].survival, 0);
  EXPECT_EQ(curve[0].i95, (Interval{0, 1}));
  EXPECT_TRUE(kaplan_meier(std::vector<Lasting>{{5, false}}).empty());
  EXPECT_TRUE(kaplan_meier({}).empty());
}

TEST(Passages, FunnelsPassagesAndVariantsByHand) {
  const std::vector<std::uint32_t> person = {0, 0, 0, 0, 1, 1, 2}, event = {0, 1, 0, 2, 1, 0, 0};
  const std::vector<std::int64_t> at = {0, 10, 20, 25, 0, 5, 7};
  const Log log = log_of(person, {"a", "b", "c"}, at, event, {"see", "add", "buy"});
  const std::vector<std::uint32_t> steps = {0, 1, 2};
  EXPECT_EQ(funnel(log, steps, 100, false), (std::vector<std::uint64_t>{3, 1, 1}));
  EXPECT_EQ(funnel(log, steps, 20, false), (std::vector<std::uint64_t>{3, 1, 0}));
  const std::vector<std::uint32_t> short_walk = {0, 2};
  EXPECT_EQ(
      funnel(log, short_walk, 6, false), (std::vector<std::uint64_t>{3, 0})
  );  // the first "see" is too early
  EXPECT_EQ(funnel(log, short_walk, 6, true), (std::vector<std::uint64_t>{3, 1}));
  const Passages found = passages(log);
  ASSERT_EQ(found.list.size(), 3u);
  EXPECT_EQ(found.list[0].from, 1u);
  EXPECT_EQ(found.list[0].to, 0u);
  EXPECT_EQ(found.list[0].count, 2u);
  EXPECT_EQ(found.list[0].median_us, 7.5);
  EXPECT_EQ(found.last, (std::vector<std::uint64_t>{2, 0, 1}));
  EXPECT_EQ(variants(log, 9).size(), 3u);
}

TEST(Chance, QuantilesIntervalsAndCorrections) {
  EXPECT_NEAR(normal_quantile(.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(student_two_sided(2.228138852, 10), .05, 1e-9);
  EXPECT_NEAR(
      student_two_sided(1e6, 2) / 1e-12, 1, 1e-9
  );  // 1 - t/√(t²+2): far in the tail, not rounded away
  EXPECT_NEAR(chi_squared_above(3.841458821, 1), .05, 1e-9);
  const Interval i = wilson(8, 10, .95);  // Newcombe 1998
  EXPECT_NEAR(i.low, .4902, 1e-4);
  EXPECT_NEAR(i.high, .9433, 1e-4);
  EXPECT_EQ(wilson(0, 5, .95).low, 0);
  EXPECT_EQ(wilson(5, 5, .95).high, 1);
  // Newcombe 1998, table II, method 10: 56/70 less 48/80, and 10/10 less 0/20.
  const Interval d = difference_of_shares(56, 70, 48, 80, .95);
  EXPECT_NEAR(d.low, .0524, 5e-5);
  EXPECT_NEAR(d.high, .3339, 5e-5);
  EXPECT_NEAR(difference_of_shares(10, 10, 0, 20, .95).low, .6791, 5e-5);
  EXPECT_EQ(difference_of_shares(10, 10, 0, 20, .95).high, 1);
  const auto adjusted = benjamini_hochberg(std::vector<double>{.01, .04, .03, .5});
  EXPECT_NEAR(adjusted[0], .04, 1e-15);
  EXPECT_NEAR(adjusted[1], .16 / 3, 1e-15);
  EXPECT_NEAR(adjusted[2], .16 / 3, 1e-15);
  EXPECT_NEAR(adjusted[3], .5, 1e-15);
  EXPECT_NEAR(hypergeometric_two_sided(3, 4, 4, 8), 34. / 70, 1e-12);  // Fisher's tea
  EXPECT_NEAR(
      hypergeometric_two_sided(0, 5, 10, 20), 2 * 252. / 15504, 1e-12
  );  // C(10,5)/C(20,5), both ends
  EXPECT_EQ(hypergeometric_two_sided(0, 5, 0, 20), 1);
}

}  // namespace
}  // namespace hospes::insight
