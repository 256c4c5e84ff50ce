// Pareto/NBD. The likelihood is written as an average over the time τ of leaving,
//   Γ(r+x)/Γ(r) α^r β^s { (α+T)^-(r+x) (β+T)^-s + ∫_{t_x}^{T} s (α+τ)^-(r+x) (β+τ)^-(s+1) dτ },
// all of whose terms are positive: nothing cancels, and α ≥ β and α < β need no separate formulas
// (the published closed form is a difference of two hypergeometric functions). Gauss-Legendre in
// log(min(α, β) + τ), where the integrand is smooth.
#include <algorithm>
#include <array>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>

#include "insight/bgnbd.h"
#include "insight/wide.h"

namespace hospes::insight {
namespace {

constexpr unsigned nodes = 30;
constexpr std::size_t nodes_max = 32;  // with those without weight

struct Rule {
  std::vector<double> at, weight;  // on [0, 1]; filled up to a multiple of four
};

template <unsigned N>
Rule rule() {
  Rule out;
  using Gauss = boost::math::quadrature::gauss<double, N>;
  for (std::size_t i = 0; i < Gauss::abscissa().size(); ++i) {
    const double x = Gauss::abscissa()[i], w = Gauss::weights()[i] / 2;
    out.at.push_back((1 - x) / 2);
    out.weight.push_back(w);
    if (x == 0) continue;
    out.at.push_back((1 + x) / 2);
    out.weight.push_back(w);
  }
  out.at.resize((out.at.size() + 3) / 4 * 4, 0);
  out.weight.resize(out.at.size(), 0);
  return out;
}

const Rule& rule_for(double exponent, double length) {
  static const Rule small = rule<7>(), middle = rule<15>(), large = rule<nodes>();
  if (exponent * length < 2 && length < 0.7) return small;
  return exponent * length < 12 && length < 2.5 ? middle : large;
}

/// What the integral and its derivatives need, relative to the term of those who stayed:
/// odds = Σ f, and the f-weighted means of what the logarithm of the integrand is made of.
struct Left {
  double log_odds = -1e300;
  double log_rate = 0, log_leave = 0, inverse_rate = 0, inverse_leave = 0;
};

/// An instant, and the logarithms of α and β with it.
struct Time {
  double t, log_rate, log_leave;
};
Time time_of(const Lifetime& model, double t) {
  return {t, std::log(model.p[1] + t), std::log(model.p[3] + t)};
}

Left left(const Lifetime& model, double x, const Time& last, const Time& end) {
  Left out;
  if (!(last.t < end.t)) return out;
  const auto [r, alpha, s, beta] = model.p;
  const double k = r + x;
  const double m = std::min(alpha, beta);
  const bool rate_here = alpha <= beta;
  const double from = rate_here ? last.log_rate : last.log_leave;
  // Beyond 60/k the integrand is e^-60 of its beginning.
  const double length = std::min((rate_here ? end.log_rate : end.log_leave) - from, 60 / k);
  const Rule& rule = rule_for(k + s, length);
  const double top = k * (end.log_rate - last.log_rate) + s * (end.log_leave - last.log_leave);
  const std::size_t n = rule.at.size();
  std::array<double, nodes_max> log_here, here, log_other, f;  // here: m + τ, at each node
  for (std::size_t i = 0; i < n; ++i) here[i] = log_here[i] = from + length * rule.at[i];
  exp_all(std::span(here).first(n));
  // One of α and β is m: the logarithm of its sum with τ is known.
  const double more = std::max(alpha, beta) - m;
  for (std::size_t i = 0; i < n; ++i) log_other[i] = here[i] + more;
  log_all(std::span(log_other).first(n));
  const auto& log_rate = rate_here ? log_here : log_other;
  const auto& log_leave = rate_here ? log_other : log_here;
  for (std::size_t i = 0; i < n; ++i)
    f[i] = k * (end.log_rate - log_rate[i]) + s * (end.log_leave - log_leave[i]) - top;
  exp_all(std::span(f).first(n));
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double rate = rate_here ? here[i] : here[i] + more;
    const double leave = rate_here ? here[i] + more : here[i];
    const double weight = rule.weight[i] * here[i] / leave * f[i];
    sum += weight;
    out.log_rate += weight * log_rate[i];
    out.log_leave += weight * log_leave[i];
    out.inverse_rate += weight / rate;
    out.inverse_leave += weight / leave;
  }
  out.log_odds = std::log(sum * s * length) + top;
  for (double* mean : {&out.log_rate, &out.log_leave, &out.inverse_rate, &out.inverse_leave})
    *mean /= sum;
  return out;
}

}  // namespace

double pareto_likelihood(const Lifetime& model, const Cells& cells, Vector<4>& gradient) {
  const auto [r, alpha, s, beta] = model.p;
  std::vector<double> rising(cells.x_most + 1), inverse(cells.x_most + 1);
  for (std::uint32_t i = 0; i < cells.x_most; ++i) {
    rising[i + 1] = rising[i] + std::log(r + i);
    inverse[i + 1] = inverse[i] + 1 / (r + i);
  }
  const double log_alpha = std::log(alpha), log_beta = std::log(beta);
  std::vector<Time> times;
  for (const double t : cells.times) times.push_back(time_of(model, t));
  double sum = 0;
  gradient = {};
  for (const Cells::Cell& c : cells.cells) {
    const auto& [T, log_rate, log_leave] = times[c.T];
    const double k = r + c.x;
    const Left gone = left(model, c.x, times[c.tx], times[c.T]);
    const double odds = std::exp(std::min(gone.log_odds, 700.0));
    const double w = gone.log_odds > 700 ? 1 : odds / (1 + odds), in = 1 - w;
    sum += c.weight * (rising[c.x] + r * log_alpha + s * log_beta - k * log_rate - s * log_leave +
                       (gone.log_odds > 700 ? gone.log_odds : std::log1p(odds)));
    gradient[0] += c.weight * (inverse[c.x] + log_alpha - in * log_rate - w * gone.log_rate);
    gradient[1] += c.weight * (r / alpha - k * (in / (alpha + T) + w * gone.inverse_rate));
    gradient[2] += c.weight * (log_beta - in * log_leave + w * (1 / s - gone.log_leave));
    gradient[3] += c.weight * (s / beta - in * s / (beta + T) - w * (s + 1) * gone.inverse_leave);
  }
  return sum;
}

double pareto_alive(const Lifetime& model, const Customer& customer) {
  return 1 / (1 + std::exp(
                 left(
                     model, customer.x, time_of(model, customer.tx), time_of(model, customer.T)
                 ).log_odds
             ));
}

// (r β / α) (1 - (β/(β+t))^(s-1)) / (s-1); its limit at s = 1 is a logarithm.
double pareto_mean(const Future& f, double weeks) {
  if (weeks <= 0) return 0;
  const double e = f.a - 1, log_rest = -std::log1p(weeks / f.b);
  const double span = std::fabs(e) < 1e-12 ? -log_rest : -std::expm1(e * log_rest) / e;
  return f.r * f.b / f.alpha * span;
}

// Given that they leave after τ, counts are negative binomial over min(τ, t).
void pareto_distribution(const Future& f, double weeks, std::vector<double>& out) {
  static const Rule large = rule<nodes>();
  struct Node {
    double weight, q, count, told;
  };
  std::vector<Node> nodes;
  const auto add = [&](double weight, double t) {
    const double q = t / (f.alpha + t);
    nodes.push_back({weight, q, std::exp(f.r * std::log1p(-q)), 0});
  };
  const double length = std::log1p(weeks / f.b);
  double rest = std::exp(-f.a * length), sum = 0;
  for (std::size_t i = 0; i < large.at.size(); ++i) {
    const double u = length * large.at[i];
    const double weight = large.weight[i] * length * f.a * std::exp(-f.a * u);
    add(weight, f.b * std::expm1(u));
    sum += weight;
  }
  // The rule's own error goes to those who stay: probabilities add to one.
  rest = std::max(rest, 1 - sum);
  add(rest, weeks);
  out.clear();
  double told = 0;
  for (std::size_t n = 0; n < purchases_max && told < 1 - 1e-9; ++n) {
    double p = 0;
    for (Node& node : nodes) {
      p += node.weight * node.count;
      node.count *= (f.r + static_cast<double>(n)) / (static_cast<double>(n) + 1) * node.q;
    }
    out.push_back(p);
    told += p;
  }
}

}  // namespace hospes::insight
