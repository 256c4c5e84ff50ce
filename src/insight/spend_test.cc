#include "insight/spend.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/dice.h"
#include "insight/bgbb.h"
#include "insight/files.h"
#include "insight/lifetime.h"
#include "insight/test_data.h"

namespace hospes::insight {
namespace {

struct Repeat {
  std::vector<Customer> customers, everybody;
  std::vector<Spender> spenders;
};

Repeat repeat_buyers(const std::string& path) {
  const auto table = read_files({path});
  EXPECT_TRUE(table);
  const auto column = [&](const char* name) { return *numbers(*table, *table->find(name)); };
  const auto x = column("x"), tx = column("t_x"), T = column("T"), m = column("zbar");
  Repeat out;
  for (std::size_t i = 0; i < x.size(); ++i) {
    out.everybody.push_back({static_cast<std::uint32_t>(x[i]), tx[i], T[i]});
    if (x[i] == 0) continue;
    out.customers.push_back(out.everybody.back());
    out.spenders.push_back({static_cast<std::uint32_t>(x[i]), m[i]});
  }
  return out;
}

TEST(Spend, CdnowAgreesWithTheReferences) {
  NEED_DATA(path, "cdnow/cdnow_customers_summary_with_transactions.csv");
  const Repeat repeat = repeat_buyers(path);
  ASSERT_EQ(repeat.spenders.size(), 946u);
  const auto found = fit_spend(repeat.spenders);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->p, 6.24880, 6.2e-3);
  EXPECT_NEAR(found->q, 3.74459, 3.7e-3);
  EXPECT_NEAR(found->v, 15.44775, 1.5e-2);
  EXPECT_NEAR(found->log_likelihood, -4055.9232, 1e-3);
  ASSERT_TRUE(found->log_covariance);
  EXPECT_LT(std::fabs(found->correlation), .15);

  // lifetimes' customer_lifetime_value(time=12, discount_rate=.01, freq="W"): months of 4.345
  // weeks, purchases by the model of the whole sample.
  const auto model = fit(Family::bg_nbd, gather(repeat.everybody));
  ASSERT_TRUE(model);
  const auto chances = alive(model->model, repeat.customers);
  std::vector<double> before(repeat.customers.size(), 0);
  double sum = 0;
  for (int month = 1; month <= 12; ++month) {
    const auto upto = expected(model->model, repeat.customers, chances, 4.345 * month);
    for (std::size_t i = 0; i < upto.size(); ++i)
      sum += (upto[i] - before[i]) *
             *expected_value(*found, repeat.spenders[i].x, repeat.spenders[i].m) /
             std::pow(1.01, month);
    before = upto;
  }
  EXPECT_NEAR(sum, 57'952.4135, 57'952 * 1e-4);
}

TEST(Spend, GradientIsThatOfTheLikelihood) {
  constexpr std::uint64_t seed = 21;
  SCOPED_TRACE(seed);
  Dice dice(seed);
  std::vector<Spender> spenders;
  for (int i = 0; i < 30; ++i)
    spenders.push_back(
        {static_cast<std::uint32_t>(1 + dice.below(9)),
         1 + static_cast<double>(dice.below(1'000)) / 7}
    );
  for (int round = 0; round < 20; ++round) {
    const auto draw = [&] { return .2 + static_cast<double>(dice.below(1'000)) / 100; };
    const Vector<3> at = {draw(), draw(), draw()};
    Vector<3> gradient{}, unused{};
    log_likelihood(at, spenders, gradient);
    for (std::size_t i = 0; i < 3; ++i) {
      auto up = at, down = at;
      const double h = 1e-5 * at[i];
      up[i] += h;
      down[i] -= h;
      const double slope =
          (log_likelihood(up, spenders, unused) - log_likelihood(down, spenders, unused)) / (2 * h);
      EXPECT_NEAR(gradient[i], slope, 1e-6 * std::max(1.0, std::fabs(slope))) << i;
    }
  }
}

TEST(Spend, WhoAllPaidTheSameTellsNothing) {
  EXPECT_FALSE(fit_spend(std::vector<Spender>{}));
  EXPECT_FALSE(fit_spend(std::vector<Spender>{{2, 10}}));
  EXPECT_FALSE(fit_spend(std::vector<Spender>(9, {2, 10})));
  const auto two = fit_spend(std::vector<Spender>{{2, 10}, {1, 11}});
  ASSERT_TRUE(two);
  EXPECT_TRUE(std::isfinite(two->log_likelihood));
}

TEST(Discrete, DonationsAgreeWithTheReference) {
  NEED_DATA(path, "donations/donations.csv");
  const auto table = read_files({path});
  ASSERT_TRUE(table);
  const auto column = [&](const char* name) { return *numbers(*table, *table->find(name)); };
  const auto x = column("frequency"), t = column("recency"), n = column("periods"),
             w = column("weights");
  std::vector<Taker> takers;
  for (std::size_t i = 0; i < x.size(); ++i)
    takers.push_back(
        {static_cast<std::uint32_t>(x[i]), static_cast<std::uint32_t>(t[i]),
         static_cast<std::uint32_t>(n[i]), w[i]}
    );
  const auto found = fit_discrete(takers);
  ASSERT_TRUE(found);
  constexpr std::array reference = {1.20352, .74972, .65672, 2.78344};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(found->p[i], reference[i], 1e-3 * reference[i]);
  EXPECT_NEAR(found->log_likelihood, -33225.5813, 1e-3);
}

TEST(Discrete, HistoriesAndForecastsAddUp) {
  const DiscreteFit fit{.p = {1.2, .7, .6, 2.8}};
  // Every history of four opportunities, weighed by how many sequences share (x, t): 2^4 in all.
  double all = 0;
  Vector<4> unused{};
  for (std::uint32_t bits = 0; bits < 16; ++bits) {
    Taker c{.n = 4};
    for (std::uint32_t i = 0; i < 4; ++i)
      if (bits >> i & 1) ++c.x, c.t = i + 1;
    all += std::exp(log_likelihood(fit.p, std::vector{c}, unused));
  }
  EXPECT_NEAR(all, 1, 1e-12);
  const Taker c{3, 5, 6, 1};
  const auto pmf = distribution(fit, c, 7);
  double sum = 0, mean = 0;
  for (std::size_t k = 0; k < pmf.size(); ++k)
    sum += pmf[k], mean += pmf[k] * static_cast<double>(k);
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_NEAR(mean, expected(fit, c, 7), 1e-12);
}

TEST(Discrete, ImpossibleHistoriesAreRefused) {
  EXPECT_FALSE(fit_discrete(std::vector<Taker>{{3, 2, 6, 1}}));
  EXPECT_FALSE(fit_discrete(std::vector<Taker>{{0, 0, 6, 5}}));
  EXPECT_FALSE(fit_discrete(std::vector<Taker>{}));
}

}  // namespace
}  // namespace hospes::insight
