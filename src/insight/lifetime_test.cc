#include "insight/lifetime.h"

#include <gtest/gtest.h>

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <cmath>
#include <numeric>

#include "base/dice.h"
#include "insight/files.h"
#include "insight/test_data.h"

namespace hospes::insight {
namespace {

std::vector<Customer> summary(const std::string& path) {
  auto table = read_files({path});
  EXPECT_TRUE(table) << table.error().message;
  const auto column = [&](const char* name) { return *numbers(*table, *table->find(name)); };
  const auto x = column("frequency"), tx = column("recency"), T = column("T");
  std::vector<Customer> out;
  for (std::size_t i = 0; i < x.size(); ++i)
    out.push_back({static_cast<std::uint32_t>(x[i]), tx[i], T[i]});
  return out;
}

Orders orders(const std::string& path, const char* who, const char* when) {
  auto table = read_files({path});
  EXPECT_TRUE(table) << table.error().message;
  const Keys names = keys(*table, *table->find(who));
  const auto at = instants(*table, *table->find(when));
  EXPECT_TRUE(at) << at.error().message;
  Orders out{.customer = names.codes, .names = {names.names.begin(), names.names.end()}};
  for (const auto us : *at) out.day.push_back(static_cast<std::int32_t>(us / day_us));
  return out;
}

void expect_parameters(const LifetimeFit& fit, std::array<double, 4> reference, double tolerance) {
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(fit.model.p[i], reference[i], tolerance * reference[i])
        << parameter_names(fit.model.family)[i];
}

// lifetimes 0.11.3 and pymc-marketing 0.19.2; both equal the published ones (Fader and Hardie).
TEST(Lifetime, CdnowSampleAgreesWithTheReferences) {
  NEED_DATA(path, "cdnow/cdnow_customers_summary.csv");
  const auto customers = summary(path);
  const Cells cells = gather(customers);
  ASSERT_EQ(customers.size(), 2357u);
  const auto bg = fit(Family::bg_nbd, cells);
  ASSERT_TRUE(bg);
  EXPECT_TRUE(bg->converged);
  expect_parameters(*bg, {.24259, 4.41353, .79289, 2.42575}, 1e-3);
  EXPECT_NEAR(bg->log_likelihood, -9582.4256, 1e-3);
  const auto chances = alive(bg->model, customers);
  EXPECT_NEAR(std::accumulate(chances.begin(), chances.end(), 0.0), 1917.27632, 1917 * 1e-4);
  const auto next = expected(bg->model, customers, chances, 39);
  EXPECT_NEAR(std::accumulate(next.begin(), next.end(), 0.0), 1653.42328, 1653 * 1e-4);

  const auto mbg = fit(Family::mbg_nbd, cells);
  ASSERT_TRUE(mbg);
  expect_parameters(*mbg, {.52484, 6.18299, .89136, 1.61400}, 1e-3);
  EXPECT_NEAR(mbg->log_likelihood, -9582.1327, 1e-3);

  const auto pareto = fit(Family::pareto_nbd, cells);
  ASSERT_TRUE(pareto);
  expect_parameters(*pareto, {.5533, 10.5774, .6063, 11.669}, 5e-3);
  EXPECT_NEAR(pareto->log_likelihood, -9594.9739, 1e-3);
}

TEST(Lifetime, CdnowMasterAgreesAndSoDoesItsHoldout) {
  NEED_DATA(path, "cdnow/CDNOW_master.txt");
  const BuyingDays days = buying_days(orders(path, "customer_id", "date"));
  constexpr std::int32_t cut = 10'134, end = 10'407;  // 1997-09-30, 1998-06-30
  const Calibration calibration = calibrate(days, cut);
  ASSERT_EQ(calibration.customers.size(), 23'570u);
  const auto bg = fit(Family::bg_nbd, gather(calibration.customers));
  ASSERT_TRUE(bg);
  expect_parameters(*bg, {.25162, 4.78895, .72343, 2.16109}, 1e-3);
  EXPECT_NEAR(bg->log_likelihood, -95368.4439, 1e-3);
  const auto next =
      expected(bg->model, calibration.customers, alive(bg->model, calibration.customers), 39);
  const auto came = bought(days, calibration.who, cut, end);
  double mae = 0, sum = 0, actual = 0;
  for (std::size_t i = 0; i < next.size(); ++i) {
    mae += std::fabs(next[i] - came[i]) / static_cast<double>(next.size());
    sum += next[i];
    actual += came[i];
  }
  EXPECT_NEAR(sum, 16'873.7, 1.7);
  EXPECT_EQ(actual, 19'684);
  EXPECT_NEAR(mae, .81874, 1e-4);
}

TEST(Lifetime, ApparelAgreesInParametersTotalAndError) {
  NEED_DATA(path, "apparel/apparelTrans.csv");
  const BuyingDays days = buying_days(orders(path, "Id", "Date"));
  constexpr std::int32_t cut = 13'513;       // 2006-12-31
  constexpr std::int32_t weeks_days = 1450;  // 207.143 weeks
  const Calibration calibration = calibrate(days, cut);
  struct Reference {
    Family family;
    std::array<double, 4> p;
    double total, mae;
  };
  for (const Reference& ref :
       {Reference{Family::bg_nbd, {.60731, 20.95675, 1.27556, 8.86094}, 1414.05, 2.12203},
        Reference{Family::mbg_nbd, {1.89138, 45.82718, .60237, 1.58237}, 1434.18, 2.03128},
        Reference{Family::pareto_nbd, {1.44893, 48.63481, .56123, 46.88072}, 1455.53, 2.03962}}) {
    const auto found = fit(ref.family, gather(calibration.customers));
    ASSERT_TRUE(found);
    expect_parameters(*found, ref.p, ref.family == Family::pareto_nbd ? 5e-3 : 1e-3);
    const auto next = expected(
        found->model, calibration.customers, alive(found->model, calibration.customers),
        weeks_days / 7.0
    );
    const auto came = bought(days, calibration.who, cut, cut + weeks_days);
    EXPECT_EQ(std::accumulate(came.begin(), came.end(), 0u), 1317u);
    double mae = 0;
    for (std::size_t i = 0; i < next.size(); ++i)
      mae += std::fabs(next[i] - came[i]) / static_cast<double>(next.size());
    EXPECT_NEAR(std::accumulate(next.begin(), next.end(), 0.0), ref.total, ref.total * 1e-3)
        << name_of(ref.family);
    EXPECT_NEAR(mae, ref.mae, ref.mae * 1e-3);
  }
}

struct Chance {
  Dice dice;
  double operator()(double low, double high) {
    return low + (high - low) * static_cast<double>(dice.next() >> 11) * 0x1p-53;
  }
};

TEST(Lifetime, GradientsAreThoseOfTheLikelihood) {
  constexpr std::uint64_t seed = 11;
  SCOPED_TRACE(seed);
  Chance chance{Dice(seed)};
  std::vector<Customer> customers;
  for (int i = 0; i < 40; ++i) {
    const double T = chance(5, 80);
    const auto x = static_cast<std::uint32_t>(chance(0, 9));
    customers.push_back({x, x == 0 ? 0 : chance(0, T), T});
  }
  const Cells cells = gather(customers);
  for (const Family family : families) {
    for (int round = 0; round < 20; ++round) {
      Lifetime model{family, {chance(.1, 3), chance(1, 50), chance(.1, 3), chance(.2, 40)}};
      Vector<4> gradient{}, unused{};
      const double value = log_likelihood(model, cells, gradient);
      for (std::size_t i = 0; i < 4; ++i) {
        Lifetime up = model, down = model;
        const double h = 1e-5 * model.p[i];
        up.p[i] += h;
        down.p[i] -= h;
        const double slope =
            (log_likelihood(up, cells, unused) - log_likelihood(down, cells, unused)) / (2 * h);
        EXPECT_NEAR(
            gradient[i], slope,
            1e-6 * std::max({1.0, std::fabs(slope), std::fabs(value) / model.p[i]})
        ) << name_of(family)
          << " " << parameter_names(family)[i];
      }
    }
  }
}

// The oracle integrates over the two hidden rates by brute force; nothing of the closed forms is in
// it.
TEST(Lifetime, ParetoLikelihoodIsTheIntegralItStandsFor) {
  constexpr std::uint64_t seed = 12;
  SCOPED_TRACE(seed);
  Chance chance{Dice(seed)};
  boost::math::quadrature::tanh_sinh<double> rule;
  for (int round = 0; round < 200; ++round) {
    const Lifetime model{
        Family::pareto_nbd, {chance(.1, 3), chance(.5, 50), chance(.1, 3), chance(.2, 80)}};
    const double T = chance(1, 200);
    const auto x = static_cast<std::uint32_t>(chance(0, 30));
    const Customer c{x, x == 0 ? 0 : chance(0, T), T};
    const auto [r, alpha, s, beta] = model.p;
    const double k = r + x;
    const double inner = rule.integrate(
        [&](double t) {
          return s * std::exp(
                         -k * std::log((alpha + t) / (alpha + c.tx)) -
                         (s + 1) * std::log((beta + t) / (beta + c.tx))
                     );
        },
        c.tx, c.T
    );
    const double gone = inner * std::pow(alpha + c.tx, -k) * std::pow(beta + c.tx, -s - 1);
    const double in = std::pow(alpha + T, -k) * std::pow(beta + T, -s);
    const double reference = std::lgamma(k) - std::lgamma(r) + r * std::log(alpha) +
                             s * std::log(beta) + std::log(in + gone);
    Vector<4> unused{};
    EXPECT_NEAR(
        log_likelihood(model, gather(std::vector{c}), unused), reference,
        1e-8 * std::max(1.0, std::fabs(reference))
    );
    EXPECT_NEAR(alive(model, c), in / (in + gone), 1e-8);
  }
}

TEST(Lifetime, MeanIsThatOfTheDistributionAndOfTheIntegral) {
  constexpr std::uint64_t seed = 13;
  SCOPED_TRACE(seed);
  Chance chance{Dice(seed)};
  boost::math::quadrature::tanh_sinh<double> rule;
  std::vector<double> pmf;
  for (int round = 0; round < 300; ++round) {
    const Family family = families[static_cast<std::size_t>(round % 3)];
    const Lifetime model{
        family,
        {chance(.1, 3), chance(.5, 50), round % 5 == 0 ? 1 : chance(.1, 3), chance(.3, 30)}};
    const double T = chance(1, 100), weeks = chance(.1, 100);
    const auto x = static_cast<std::uint32_t>(chance(0, 20));
    const Future f = future(model, {x, x == 0 ? 0 : chance(0, T), T});
    distribution(f, 1, weeks, pmf);
    double sum = 0, all = 0;
    for (std::size_t n = 0; n < pmf.size(); ++n) {
      EXPECT_GE(pmf[n], 0);
      all += pmf[n];
      sum += static_cast<double>(n) * pmf[n];
    }
    EXPECT_NEAR(all, 1, 1e-8);
    EXPECT_NEAR(mean(f, weeks), sum, 1e-5 * std::max(1.0, sum))
        << name_of(family) << " weeks " << weeks;
    if (family == Family::pareto_nbd) continue;
    const double beta = std::lgamma(f.a) + std::lgamma(f.b) - std::lgamma(f.a + f.b);
    const double by_integral = rule.integrate(
        [&](double p, double to_one) {
          return std::exp(
                     (f.a - 2) * std::log(p) + (f.b - 1) * std::log(p < .5 ? 1 - p : to_one) - beta
                 ) *
                 -std::expm1(-f.r * std::log1p(p * weeks / f.alpha));
        },
        0.0, 1.0
    );
    EXPECT_NEAR(mean(f, weeks), by_integral, 1e-7 * std::max(1.0, by_integral))
        << "a " << f.a << " b " << f.b;
  }
}

TEST(Lifetime, WhoNeverBoughtTwiceTellsNoRate) {
  const auto never = fit(Family::bg_nbd, gather(std::vector<Customer>{{0, 0, 10}, {0, 0, 12}}));
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().code, Code::invalid_input);
  EXPECT_FALSE(fit(Family::pareto_nbd, gather(std::vector<Customer>{})));
  EXPECT_FALSE(fit(Family::mbg_nbd, gather(std::vector<Customer>{{0, 0, 0}})));
}

TEST(Lifetime, OneBuyerOrEqualOnesStayFinite) {
  for (const Family family : families) {
    for (const auto& customers :
         {std::vector<Customer>{{3, 9, 10}}, std::vector<Customer>(50, {1, 5, 10}),
          std::vector<Customer>(10, {900, 51, 52}),
          std::vector<Customer>{{2, 1, 1'000}, {40, 52, 52}}}) {
      const auto found = fit(family, gather(customers));
      ASSERT_TRUE(found) << found.error().message;
      for (const Customer& c : customers) {
        const double chance = alive(found->model, c);
        EXPECT_TRUE(chance >= 0 && chance <= 1) << name_of(family);
        EXPECT_TRUE(std::isfinite(mean(future(found->model, c), 52))) << name_of(family);
      }
    }
  }
}

}  // namespace
}  // namespace hospes::insight
