// What a purchase of a customer is worth: Gamma-Gamma (Fader and Hardie 2013, "The Gamma-Gamma
// Model of Monetary Value"). A customer's mean over x purchases is Gamma(p x, ν x), ν ~ Gamma(q,
// v); it assumes that how much does not depend on how often.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "insight/optimise.h"

namespace hospes::insight {

/// x > 0 purchases of mean value m > 0.
struct Spender {
  std::uint32_t x = 0;
  double m = 0;
};

struct SpendFit {
  double p = 0, q = 0, v = 0;
  double log_likelihood = 0;
  int evaluations = 0;
  bool converged = false;
  std::optional<Matrix<3>> log_covariance;
  double correlation = 0;  // of x and m: far from 0, the model's assumption fails
};

double log_likelihood(const Vector<3>& pqv, std::span<const Spender> spenders, Vector<3>& gradient);
/// Maximum likelihood. invalid_input for fewer than two customers, or when all paid the same.
Result<SpendFit> fit_spend(std::span<const Spender> spenders);
/// Expected value of a further purchase; x = 0: of anybody's. Nothing when q + p x ≤ 1: then no
/// mean exists.
std::optional<double> expected_value(const SpendFit& fit, std::uint32_t x, double m);

}  // namespace hospes::insight
