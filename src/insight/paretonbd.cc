// Pareto/NBD. The likelihood is written as an average over the time τ of leaving,
//   Γ(r+x)/Γ(r) α^r β^s { (α+T)^-(r+x) (β+T)^-s + ∫_{t_x}^{T} s (α+τ)^-(r+x) (β+τ)^-(s+1) dτ },
// all of whose terms are positive: nothing cancels, and α ≥ β and α < β need no separate formulas
// (the published closed form is a difference of two hypergeometric functions). Gauss-Legendre in
// log(min(α, β) + τ), where the integrand is smooth.
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>

#include "insight/bgnbd.h"

namespace hospes::insight {
namespace {

struct Rule {
  std::vector<double> at, weight;  // on [0, 1]
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
  return out;
}

const Rule& rule_for(double exponent, double length) {
  static const Rule small = rule<7>(), middle = rule<15>(), large = rule<30>();
  if (exponent * length < 2 && length < 0.7) return small;
  return exponent * length < 12 && length < 2.5 ? middle : large;
}

/// What the integral and its derivatives need, relative to the term of those who stayed:
/// odds = Σ f, and the f-weighted means of what the logarithm of the integrand is made of.
struct Left {
  double log_odds = -1e300;
  double log_rate = 0, log_leave = 0, inverse_rate = 0, inverse_leave = 0;
};

Left left(const Lifetime& model, double x, double tx, double T) {
  Left out;
  if (!(tx < T)) return out;
  const auto [r, alpha, s, beta] = model.p;
  const double k = r + x;
  const double m = std::min(alpha, beta);
  const double from = std::log(m + tx);
  // Beyond 60/k the integrand is e^-60 of its beginning.
  const double length = std::min(std::log(m + T) - from, 60 / k);
  const Rule& rule = rule_for(k + s, length);
  const double rate_end = std::log(alpha + T), leave_end = std::log(beta + T);
  const double top = k * (rate_end - std::log(alpha + tx)) + s * (leave_end - std::log(beta + tx));
  double sum = 0;
  for (std::size_t i = 0; i < rule.at.size(); ++i) {
    const double here = std::exp(from + length * rule.at[i]);  // m + τ
    const double rate = alpha + (here - m), leave = beta + (here - m);
    const double log_rate = std::log(rate), log_leave = std::log(leave);
    const double f = rule.weight[i] * here / leave *
                     std::exp(k * (rate_end - log_rate) + s * (leave_end - log_leave) - top);
    sum += f;
    out.log_rate += f * log_rate;
    out.log_leave += f * log_leave;
    out.inverse_rate += f / rate;
    out.inverse_leave += f / leave;
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
  double sum = 0;
  gradient = {};
  for (const Cells::Cell& c : cells.cells) {
    const double T = cells.times[c.T], k = r + c.x;
    const Left gone = left(model, c.x, cells.times[c.tx], T);
    const double log_rate = std::log(alpha + T), log_leave = std::log(beta + T);
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
  return 1 / (1 + std::exp(left(model, customer.x, customer.tx, customer.T).log_odds));
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
  static const Rule large = rule<30>();
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
