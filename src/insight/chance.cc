#include "insight/chance.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numeric>

namespace hospes::insight {

double normal_quantile(double p) { return -std::sqrt(2.0) * boost::math::erfc_inv(2 * p); }

double student_two_sided(double t, double freedom) {
  return boost::math::ibeta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

double chi_squared_above(double x, double freedom) {
  return x <= 0 ? 1 : boost::math::gamma_q(freedom / 2, x / 2);
}

Interval wilson(double hits, double n, double level) {
  const double z = normal_quantile((1 + level) / 2), share = hits / n;
  const double middle = (share + z * z / (2 * n)) / (1 + z * z / n);
  const double half =
      z / (1 + z * z / n) * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Interval difference_of_shares(double hits1, double n1, double hits2, double n2, double level) {
  const Interval first = wilson(hits1, n1, level), second = wilson(hits2, n2, level);
  const double p1 = hits1 / n1, p2 = hits2 / n2, d = p1 - p2;
  return {
      d - std::hypot(p1 - first.low, second.high - p2),
      d + std::hypot(first.high - p1, p2 - second.low)};
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> out(p.size());
  double least = 1;
  for (std::size_t rank = p.size(); rank-- > 0;) {
    const std::size_t i = order[rank];
    least = std::min(least, p[i] * static_cast<double>(p.size()) / static_cast<double>(rank + 1));
    out[i] = least;
  }
  return out;
}

double hypergeometric_two_sided(
    std::uint64_t hits, std::uint64_t n, std::uint64_t all_hits, std::uint64_t all
) {
  // Relative to the mode, outwards by the ratio of neighbours: no factorial, nothing overflows.
  const std::uint64_t low = n + all_hits > all ? n + all_hits - all : 0,
                      high = std::min(n, all_hits);
  const auto ratio = [&](std::uint64_t k) {  // p(k + 1) / p(k)
    return static_cast<double>(all_hits - k) * static_cast<double>(n - k) /
           (static_cast<double>(k + 1) * static_cast<double>(all + k + 1 - all_hits - n));
  };
  const auto mode = std::clamp(
      static_cast<std::uint64_t>(
          static_cast<double>(n + 1) * static_cast<double>(all_hits + 1) /
          static_cast<double>(all + 2)
      ),
      low, high
  );
  std::vector<double> p(high - low + 1);
  p[mode - low] = 1;
  for (std::uint64_t k = mode; k < high; ++k) p[k + 1 - low] = p[k - low] * ratio(k);
  for (std::uint64_t k = mode; k > low; --k) p[k - 1 - low] = p[k - low] / ratio(k - 1);
  const double here = p[hits - low] * (1 + 1e-7), whole = std::accumulate(p.begin(), p.end(), 0.0);
  double sum = 0;
  for (const double one : p) sum += one <= here ? one : 0;
  return std::min(1.0, sum / whole);
}

double uniform(Dice& dice) { return (static_cast<double>(dice.next() >> 11) + 0.5) * 0x1p-53; }

double poisson(Dice& dice, double mean) {
  if (mean > 500)
    return std::max(0.0, std::round(mean + std::sqrt(mean) * normal_quantile(uniform(dice))));
  double left = uniform(dice), p = std::exp(-mean);
  double n = 0;
  while (left > p && n < 2'000) {
    left -= p;
    n += 1;
    p *= mean / n;
  }
  return n;
}

Interval central(std::vector<double> draws, double level) {
  std::ranges::sort(draws);
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(draws.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double part = place - static_cast<double>(below);
    return below + 1 < draws.size() ? draws[below] * (1 - part) + draws[below + 1] * part
                                    : draws[below];
  };
  return {at((1 - level) / 2), at((1 + level) / 2)};
}

}  // namespace hospes::insight
