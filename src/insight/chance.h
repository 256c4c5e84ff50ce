// Small statistics that every report needs: quantiles, intervals of a share, corrections for
// looking at many things at once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/dice.h"
#include "insight/report.h"

namespace hospes::insight {

/// Of the standard normal distribution, 0 < p < 1.
double normal_quantile(double p);
/// P(T > t) for Student's t with `freedom` degrees, twice: the two-sided p-value, right far into
/// the tail.
double student_two_sided(double t, double freedom);
/// P(X > x) for chi-squared.
double chi_squared_above(double x, double freedom);

/// Of a share, `hits` of `n` (Wilson 1927): never outside [0, 1], sane at 0 and n. Precondition: n
/// > 0.
Interval wilson(double hits, double n, double level);

/// Of the difference of two independent shares, first less second: hybrid score (Newcombe 1998,
/// Statistics in Medicine 17, 873–890, method 10). Precondition: n1, n2 > 0.
Interval difference_of_shares(double hits1, double n1, double hits2, double n2, double level);

/// Adjusted p-values: naming those at most q keeps the expected share of false discoveries at q
/// (Benjamini and Hochberg 1995).
std::vector<double> benjamini_hochberg(std::span<const double> p);

/// Two-sided exact probability of `hits` among `n` drawn from `all` of which `all_hits` hit
/// (Fisher's test: sum of tables at most as likely).
double hypergeometric_two_sided(
    std::uint64_t hits, std::uint64_t n, std::uint64_t all_hits, std::uint64_t all
);

/// Uniform in (0, 1), and Poisson counts (inversion; normal with rounding above 500).
double uniform(Dice& dice);
double poisson(Dice& dice, double mean);

/// The central interval of the draws. Precondition: not empty.
Interval central(std::vector<double> draws, double level);

}  // namespace hospes::insight
