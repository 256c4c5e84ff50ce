#include "insight/backtest.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hospes::insight {
namespace {

/// The part of [low, high] within the central `level`, of its length.
double within(double low, double high, double level) {
  const double edge = (1 - level) / 2;
  const double part = std::min(high, 1 - edge) - std::max(low, edge);
  return high > low ? std::max(0.0, part) / (high - low) : 0;
}

double promised(const std::vector<double>& pmf, const Interval& i) {
  double sum = 0;
  for (auto n = static_cast<std::size_t>(i.low);
       n <= static_cast<std::size_t>(i.high) && n < pmf.size(); ++n)
    sum += pmf[n];
  return sum;
}

/// Adds what one customer's outcome says.
void judge(const std::vector<double>& pmf, std::uint32_t came, Coverage& sum) {
  double below = 0;
  for (std::size_t n = 0; n < came && n < pmf.size(); ++n) below += pmf[n];
  const double upto = came < pmf.size() ? below + pmf[came] : below;
  sum.level80 += within(below, upto, .80);
  sum.level95 += within(below, upto, .95);
  const auto i80 = interval_of(pmf, .80), i95 = interval_of(pmf, .95);
  sum.shown80 += came >= i80.low && came <= i80.high ? 1 : 0;
  sum.shown95 += came >= i95.low && came <= i95.high ? 1 : 0;
  sum.promised80 += promised(pmf, i80);
  sum.promised95 += promised(pmf, i95);
}

}  // namespace

Interval interval_of(const std::vector<double>& pmf, double level) {
  const double edge = (1 - level) / 2;
  double sum = 0;
  Interval out{0, static_cast<double>(pmf.size() - 1)};
  bool low = false;
  for (std::size_t n = 0; n < pmf.size(); ++n) {
    sum += pmf[n];
    if (!low && sum > edge) {
      out.low = static_cast<double>(n);
      low = true;
    }
    if (sum >= 1 - edge) {
      out.high = static_cast<double>(n);
      break;
    }
  }
  return out;
}

Result<Backtest> back_test(
    const BuyingDays& days, Family family, std::int32_t cut, std::int32_t end
) {
  const Calibration calibration = calibrate(days, cut);
  Backtest out{
      .cut = cut,
      .end = end,
      .weeks = (end - cut) / 7.0,
      .customers = calibration.customers.size()};
  out.fit = TRY(fit(family, gather(calibration.customers)));
  const auto chances = alive(out.fit.model, calibration.customers);
  const auto next = expected(out.fit.model, calibration.customers, chances, out.weeks);
  const auto came = bought(days, calibration.who, cut, end);
  std::vector<double> pmf;
  const auto n = static_cast<double>(came.size());
  for (std::size_t i = 0; i < came.size(); ++i) {
    out.predicted += next[i];
    out.actual += came[i];
    out.mae += std::fabs(next[i] - came[i]) / n;
    distribution(future(out.fit.model, calibration.customers[i]), chances[i], out.weeks, pmf);
    judge(pmf, came[i], out.coverage);
  }
  Coverage& c = out.coverage;
  for (double* sum : {&c.level80, &c.level95, &c.shown80, &c.shown95, &c.promised80, &c.promised95})
    *sum /= n;
  return out;
}

Total total(const LifetimeFit& fit, std::span<const Customer> customers, double weeks) {
  const auto sum_at = [&](const Lifetime& model) {
    const auto next = expected(model, customers, alive(model, customers), weeks);
    return std::accumulate(next.begin(), next.end(), 0.0);
  };
  Total out{.mean = sum_at(fit.model)};
  std::vector<double> pmf;
  const Cells cells = gather(customers);
  for (const Cells::Cell& cell : cells.cells) {
    const Customer c{cell.x, cells.times[cell.tx], cells.times[cell.T]};
    distribution(future(fit.model, c), alive(fit.model, c), weeks, pmf);
    double mean = 0, square = 0;
    for (std::size_t n = 0; n < pmf.size(); ++n) {
      const auto count = static_cast<double>(n);
      mean += pmf[n] * count;
      square += pmf[n] * count * count;
    }
    out.variance += cell.weight * (square - mean * mean);
  }
  if (!fit.log_covariance) return out;
  Vector<4> slope{};
  for (std::size_t i = 0; i < 4; ++i) {
    Lifetime up = fit.model, down = fit.model;
    up.p[i] *= std::exp(1e-4);
    down.p[i] *= std::exp(-1e-4);
    slope[i] = (sum_at(up) - sum_at(down)) / 2e-4;
  }
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 4; ++j)
      out.parameter_variance += slope[i] * (*fit.log_covariance)[i][j] * slope[j];
  return out;
}

}  // namespace hospes::insight
