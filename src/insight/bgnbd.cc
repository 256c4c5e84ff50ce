// BG/NBD and MBG/NBD. With n = x for the first and x + 1 for the second, both likelihoods are
//   Γ(r+x)/Γ(r) α^r · B(a, b+n)/B(a, b) · [ (α+T)^-(r+x) + (n > 0) a/(b+n-1) (α+t_x)^-(r+x) ]
// (Fader, Hardie, Lee 2005, eq. 6; Batislam et al. 2007). x is a whole number, so ratios of gamma
// functions are products: one table of their logarithms serves all cells.
#include "insight/bgnbd.h"

#include <algorithm>
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <cmath>

#include "insight/wide.h"

namespace hospes::insight {
namespace {

std::uint32_t chances_to_leave(Family family, std::uint32_t x) {
  return family == Family::mbg_nbd ? x + 1 : x;
}

/// Σ_{i<n} log(p+i) and Σ_{i<n} 1/(p+i), n = 0 … most.
struct Rising {
  std::vector<double> log, inverse;
  Rising(double p, std::uint32_t most) : log(most + 1), inverse(most + 1) {
    for (std::uint32_t i = 0; i < most; ++i) {
      log[i + 1] = log[i] + std::log(p + i);
      inverse[i + 1] = inverse[i] + 1 / (p + i);
    }
  }
};

constexpr double log_odds_none = -700, log_odds_sure = 700;  // e to these is a normal number

}  // namespace

double bg_likelihood(const Lifetime& model, const Cells& cells, Vector<4>& gradient) {
  const auto [r, alpha, a, b] = model.p;
  const std::uint32_t most = chances_to_leave(model.family, cells.x_most);
  const Rising rate(r, cells.x_most), stay(b, most), all(a + b, most);
  std::vector<double> log_time, inverse_time;
  for (const double t : cells.times) {
    log_time.push_back(std::log(alpha + t));
    inverse_time.push_back(1 / (alpha + t));
  }
  const double log_alpha = std::log(alpha), log_a = std::log(a);
  std::vector<double> log_last(most + 1);  // log(b+n-1)
  for (std::uint32_t n = 1; n <= most; ++n) log_last[n] = std::log(b + n - 1);
  // The odds of having left, given the history; nobody without a purchase has a chance to.
  std::vector<double> log_odds, odds, either;  // either: log(1 + odds)
  log_odds.reserve(cells.cells.size());
  odds.reserve(cells.cells.size());
  for (const Cells::Cell& c : cells.cells) {
    const std::uint32_t n = chances_to_leave(model.family, c.x);
    log_odds.push_back(
        n == 0 ? log_odds_none
               : log_a - log_last[n] + (r + c.x) * (log_time[c.T] - log_time[c.tx])
    );
    odds.push_back(std::clamp(log_odds.back(), log_odds_none, log_odds_sure));
  }
  exp_all(odds);
  either = odds;
  log1p_all(either);
  double sum = 0;
  gradient = {};
  for (std::size_t i = 0; i < cells.cells.size(); ++i) {
    const Cells::Cell& c = cells.cells[i];
    const std::uint32_t n = chances_to_leave(model.family, c.x);
    const double k = r + c.x;
    const bool sure = log_odds[i] > log_odds_sure;
    sum += c.weight * (rate.log[c.x] + r * log_alpha + stay.log[n] - all.log[n] -
                       k * log_time[c.T] + (sure ? log_odds[i] : either[i]));
    const double left = sure ? 1 : odds[i] / (1 + odds[i]), in = 1 - left;
    gradient[0] +=
        c.weight * (rate.inverse[c.x] + log_alpha - in * log_time[c.T] - left * log_time[c.tx]);
    gradient[1] +=
        c.weight * (r / alpha - k * (in * inverse_time[c.T] + left * inverse_time[c.tx]));
    gradient[2] += c.weight * (left / a - all.inverse[n]);
    gradient[3] += c.weight * (stay.inverse[n] - all.inverse[n] - (n > 0 ? left / (b + n - 1) : 0));
  }
  return sum;
}

double bg_alive(const Lifetime& model, const Customer& customer) {
  const auto [r, alpha, a, b] = model.p;
  const std::uint32_t n = chances_to_leave(model.family, customer.x);
  if (n == 0) return 1;
  const double log_odds = std::log(a / (b + n - 1)) +
                          (r + customer.x) * std::log((alpha + customer.T) / (alpha + customer.tx));
  return 1 / (1 + std::exp(log_odds));
}

namespace {

/// The same mean as an integral over p, for horizons where the series would take too long.
double mean_by_integral(const Future& f, double y) {
  boost::math::quadrature::tanh_sinh<double> rule;  // rarely asked, so made each time
  const double log_beta = std::lgamma(f.a) + std::lgamma(f.b) - std::lgamma(f.a + f.b);
  // 1 - p near its end would lose digits; `to_one` is that distance, exactly.
  const auto density = [&](double p, double to_one) {
    const double q = p < 0.5 ? 1 - p : std::fabs(to_one);
    return std::exp((f.a - 2) * std::log(p) + (f.b - 1) * std::log(q) - log_beta) *
           -std::expm1(-f.r * std::log1p(p * y));
  };
  return rule.integrate(density, 0.0, 1.0, 1e-9);
}

}  // namespace

// E = (c/ε)[1 - 2F1(r, ε; c; -y)] with ε = a-1, c = a+b-1, y = t/α (the published form after
// Euler's transformation). Pfaff's transformation gives (1-z)^ε 2F1(ε, c-r; c; z), z = y/(1+y).
// Each term of the sum but the first holds the factor ε, so dividing by ε leaves no singularity at
// a = 1; c cancels likewise.
double bg_mean(const Future& f, double weeks) {
  if (weeks <= 0) return 0;
  const double y = weeks / f.alpha;
  const double z = y / (1 + y);
  if (z > 0.97) return mean_by_integral(f, y);
  const double e = f.a - 1, c = f.a + f.b - 1;
  double term = (c - f.r) * z, sum = term;  // k = 1, times (c+1)_{k-1} k! / ((a)_{k-1} …)
  for (int k = 1; k < 5'000 && std::fabs(term) > 1e-16 * std::fabs(sum); ++k) {
    term *= (f.a + k - 1) * (c - f.r + k) / ((c + k) * (k + 1)) * z;
    sum += term;
  }
  const double log_rest = -std::log1p(y);  // log(1-z)
  const double first = std::fabs(e) < 1e-12 ? -log_rest : -std::expm1(e * log_rest) / e;
  return std::max(0.0, c * first - std::exp(e * log_rest) * sum);
}

// P(n) = B(a,b+n)/B(a,b) NB(n) + (n > 0) B(a+1,b+n-1)/B(a,b) [1 - Σ_{j<n} NB(j)], NB the counts
// without leaving (Fader, Hardie, Lee 2005, eq. 8).
void bg_distribution(const Future& f, double weeks, std::vector<double>& out) {
  out.clear();
  const double q = weeks / (f.alpha + weeks);
  double count = std::exp(f.r * std::log1p(-q));  // NB(0)
  double more = 1;                                // Σ_{j≥n} NB(j)
  double stay = 1;                                // B(a,b+n)/B(a,b)
  double told = 0;
  for (std::size_t n = 0; n < purchases_max && told < 1 - 1e-9; ++n) {
    const auto i = static_cast<double>(n);
    double p = 0;
    if (n > 0) {
      p = stay * f.a / (f.a + f.b + i - 1) * std::max(0.0, more);  // stay: still that of n-1
      stay *= (f.b + i - 1) / (f.a + f.b + i - 1);
    }
    p += stay * count;
    out.push_back(p);
    told += p;
    more -= count;
    count *= (f.r + i) / (i + 1) * q;
  }
}

}  // namespace hospes::insight
