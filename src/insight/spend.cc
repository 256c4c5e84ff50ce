#include "insight/spend.h"

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace hospes::insight {
namespace {

using boost::math::digamma;
using boost::math::lgamma;

/// Spenders of one x: their number, and what is summed over them once.
struct Group {
  double x = 0, n = 0, log_m = 0, log_x = 0;
  std::vector<double> total;  // x m of each
};

std::vector<Group> grouped(std::span<const Spender> spenders) {
  std::vector<Spender> sorted(spenders.begin(), spenders.end());
  std::ranges::sort(sorted, {}, &Spender::x);
  std::vector<Group> out;
  for (const Spender& s : sorted) {
    if (out.empty() || out.back().x != s.x) out.push_back({.x = static_cast<double>(s.x)});
    Group& g = out.back();
    g.n += 1;
    g.log_m += std::log(s.m);
    g.log_x = std::log(g.x);
    g.total.push_back(g.x * s.m);
  }
  return out;
}

double likelihood(const Vector<3>& pqv, const std::vector<Group>& groups, Vector<3>& gradient) {
  const auto [p, q, v] = pqv;
  const double lgamma_q = lgamma(q), digamma_q = digamma(q), log_v = std::log(v);
  double sum = 0;
  gradient = {};
  for (const Group& g : groups) {
    const double px = p * g.x;
    double log_sum = 0, inverse_sum = 0;
    for (const double total : g.total) {
      log_sum += std::log(total + v);
      inverse_sum += 1 / (total + v);
    }
    const double both = digamma(px + q);
    sum += g.n * (lgamma(px + q) - lgamma(px) - lgamma_q + q * log_v + px * g.log_x) +
           (px - 1) * g.log_m - (px + q) * log_sum;
    gradient[0] += g.x * (g.n * (both - digamma(px) + g.log_x) + g.log_m - log_sum);
    gradient[1] += g.n * (both - digamma_q + log_v) - log_sum;
    gradient[2] += g.n * q / v - (px + q) * inverse_sum;
  }
  return sum;
}

double correlation_of(std::span<const Spender> spenders) {
  double n = 0, x = 0, m = 0, xx = 0, mm = 0, xm = 0;
  for (const Spender& s : spenders) n += 1, x += s.x, m += s.m;
  x /= n;
  m /= n;
  for (const Spender& s : spenders) {
    xx += (s.x - x) * (s.x - x);
    mm += (s.m - m) * (s.m - m);
    xm += (s.x - x) * (s.m - m);
  }
  return xx > 0 && mm > 0 ? xm / std::sqrt(xx * mm) : 0;
}

}  // namespace

double log_likelihood(
    const Vector<3>& pqv, std::span<const Spender> spenders, Vector<3>& gradient
) {
  return likelihood(pqv, grouped(spenders), gradient);
}

Result<SpendFit> fit_spend(std::span<const Spender> spenders) {
  double mean = 0;
  bool all_equal = true;
  for (const Spender& s : spenders) {
    mean += s.m / static_cast<double>(spenders.size());
    all_equal = all_equal && s.m == spenders[0].m;
  }
  if (spenders.size() < 2 || all_equal)
    return fail(
        Code::invalid_input, "customers who bought twice are fewer than two, or all paid the same"
    );
  const auto groups = grouped(spenders);
  const auto f = [&](const Vector<3>& at, Vector<3>& gradient) {
    Vector<3> pqv{};
    for (std::size_t i = 0; i < 3; ++i) pqv[i] = std::exp(std::clamp(at[i], -30.0, 30.0));
    double value = -likelihood(pqv, groups, gradient);
    for (std::size_t i = 0; i < 3; ++i) {
      gradient[i] *= -pqv[i];
      const double middle = i == 2 ? std::log(mean) : 0;  // v is in money
      const double beyond = std::fabs(at[i] - middle) - 12;
      if (beyond <= 0) continue;
      value += static_cast<double>(spenders.size()) * beyond * beyond;
      gradient[i] += 2 * static_cast<double>(spenders.size()) * beyond * (at[i] > middle ? 1 : -1);
    }
    return value;
  };
  const auto best = minimise<3>(f, Vector<3>{std::log(3.0), std::log(3.0), std::log(mean * 2 / 3)});
  SpendFit out{.evaluations = best.evaluations, .converged = best.converged};
  out.p = std::exp(best.at[0]);
  out.q = std::exp(best.at[1]);
  out.v = std::exp(best.at[2]);
  Vector<3> unused{};
  out.log_likelihood = likelihood({out.p, out.q, out.v}, groups, unused);
  if (!std::isfinite(out.log_likelihood))
    return fail(
        Code::invalid_input, "the amounts fit no Gamma-Gamma model; check the value column"
    );
  out.log_covariance = covariance<3>(f, best.at);
  out.correlation = correlation_of(spenders);
  return out;
}

std::optional<double> expected_value(const SpendFit& fit, std::uint32_t x, double m) {
  const double below = fit.p * x + fit.q - 1;
  if (below <= 0) return std::nullopt;
  return fit.p * (fit.v + x * m) / below;
}

}  // namespace hospes::insight
