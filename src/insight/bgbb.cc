#include "insight/bgbb.h"

#include <fmt/format.h>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace hospes::insight {
namespace {

using boost::math::digamma;
using boost::math::lgamma;

double log_beta(double a, double b) { return lgamma(a) + lgamma(b) - lgamma(a + b); }

/// One way to have come to this history: log of B(α+x, β+m-x)/B(α,β) · B(γ+g, δ+d)/B(γ,δ).
struct Way {
  double taken, missed, left, stayed;
};

double log_way(const Vector<4>& p, const Way& w) {
  return log_beta(p[0] + w.taken, p[1] + w.missed) - log_beta(p[0], p[1]) +
         log_beta(p[2] + w.left, p[3] + w.stayed) - log_beta(p[2], p[3]);
}

/// Stayed through all n, or left after opportunity t + i.
std::vector<Way> ways(const Taker& c) {
  std::vector<Way> out;
  out.push_back({double(c.x), double(c.n - c.x), 0, double(c.n)});
  for (std::uint32_t i = c.t; i < c.n; ++i)
    out.push_back({double(c.x), double(i - c.x), 1, double(i)});
  return out;
}

Vector<4> way_gradient(const Vector<4>& p, const Way& w) {
  const double first = digamma(p[0] + p[1] + w.taken + w.missed) - digamma(p[0] + p[1]);
  const double second = digamma(p[2] + p[3] + w.left + w.stayed) - digamma(p[2] + p[3]);
  return {
      digamma(p[0] + w.taken) - digamma(p[0]) - first,
      digamma(p[1] + w.missed) - digamma(p[1]) - first,
      digamma(p[2] + w.left) - digamma(p[2]) - second,
      digamma(p[3] + w.stayed) - digamma(p[3]) - second};
}

}  // namespace

double log_likelihood(const Vector<4>& p, std::span<const Taker> takers, Vector<4>& gradient) {
  double sum = 0;
  gradient = {};
  for (const Taker& c : takers) {
    const auto all = ways(c);
    std::vector<double> logs;
    double most = -1e300;
    for (const Way& w : all) most = std::max(most, logs.emplace_back(log_way(p, w)));
    double total = 0;
    for (double& log : logs) total += log = std::exp(log - most);
    sum += c.weight * (most + std::log(total));
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double share = c.weight * logs[i] / total;
      if (share == 0) continue;
      const auto slope = way_gradient(p, all[i]);
      for (std::size_t k = 0; k < 4; ++k) gradient[k] += share * slope[k];
    }
  }
  return sum;
}

Result<DiscreteFit> fit_discrete(std::span<const Taker> takers) {
  double taken = 0, customers = 0;
  for (const Taker& c : takers) {
    if (c.x > c.t || c.t > c.n || c.n > opportunities_max || !(c.weight >= 0))
      return fail(
          Code::invalid_input,
          fmt::format(
              "{} of {} opportunities taken, the last at {}: each must be at most the next, and "
              "at most {}",
              c.x, c.n, c.t, opportunities_max
          )
      );
    taken += c.weight * c.x;
    customers += c.weight;
  }
  if (taken == 0)
    return fail(Code::invalid_input, "nobody took an opportunity, so no rate can be told");
  const auto f = [&](const Vector<4>& at, Vector<4>& gradient) {
    Vector<4> p{};
    for (std::size_t i = 0; i < 4; ++i) p[i] = std::exp(std::clamp(at[i], -30.0, 30.0));
    double value = -log_likelihood(p, takers, gradient);
    for (std::size_t i = 0; i < 4; ++i) {
      gradient[i] *= -p[i];
      const double beyond = std::fabs(at[i]) - 12;
      if (beyond <= 0) continue;
      value += customers * beyond * beyond;
      gradient[i] += 2 * customers * beyond * (at[i] > 0 ? 1 : -1);
    }
    return value;
  };
  const auto best = minimise<4>(f, Vector<4>{0, 0, -0.5, 0.5});
  DiscreteFit out{.evaluations = best.evaluations, .converged = best.converged};
  for (std::size_t i = 0; i < 4; ++i) out.p[i] = std::exp(best.at[i]);
  Vector<4> unused{};
  out.log_likelihood = log_likelihood(out.p, takers, unused);
  out.log_covariance = covariance<4>(f, best.at);
  return out;
}

double alive(const DiscreteFit& fit, const Taker& taker) {
  const auto all = ways(taker);
  const double stayed = log_way(fit.p, all[0]);
  double total = 0;
  for (const Way& w : all) total += std::exp(log_way(fit.p, w) - stayed);
  return 1 / total;
}

double expected(const DiscreteFit& fit, const Taker& c, std::uint32_t opportunities) {
  const double a = fit.p[0] + c.x, b = fit.p[1] + c.n - c.x, left = fit.p[2],
               stayed = fit.p[3] + c.n;
  double here = 1, sum = 0;
  for (std::uint32_t i = 0; i < opportunities; ++i) {
    here *= (stayed + i) / (left + stayed + i);
    sum += here;
  }
  return alive(fit, c) * a / (a + b) * sum;
}

std::vector<double> distribution(
    const DiscreteFit& fit, const Taker& c, std::uint32_t opportunities
) {
  const Vector<4> p = {fit.p[0] + c.x, fit.p[1] + c.n - c.x, fit.p[2], fit.p[3] + c.n};
  const double chance = alive(fit, c);
  std::vector<double> out(opportunities + 1, 0);
  const auto log_choose = [](double n, double k) {
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
  };
  for (std::uint32_t k = 0; k <= opportunities; ++k) {
    double sum = 0;
    for (std::uint32_t i = k; i <= opportunities; ++i) {  // opportunities met before leaving
      const bool stays = i == opportunities;
      sum += std::exp(
          log_choose(i, k) + log_way(p, {double(k), double(i - k), stays ? 0.0 : 1.0, double(i)})
      );
    }
    out[k] = chance * sum;
  }
  out[0] += 1 - chance;
  return out;
}

}  // namespace hospes::insight
