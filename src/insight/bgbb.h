// Buying at discrete opportunities (a yearly appeal, a season): BG/BB (Fader, Hardie, Shang 2010).
// A customer takes each with probability p ~ Beta(α, β) and leaves before each with probability θ ~
// Beta(γ, δ).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "insight/optimise.h"

namespace hospes::insight {

/// `x` of `n` opportunities taken, the last at `t`; `weight` customers alike.
struct Taker {
  std::uint32_t x = 0, t = 0, n = 0;
  double weight = 1;
};

struct DiscreteFit {
  Vector<4> p{};  // α, β, γ, δ
  double log_likelihood = 0;
  int evaluations = 0;
  bool converged = false;
  std::optional<Matrix<4>> log_covariance;
};

double log_likelihood(const Vector<4>& p, std::span<const Taker> takers, Vector<4>& gradient);
/// invalid_input unless x ≤ t ≤ n ≤ `opportunities_max` everywhere and somebody took one.
Result<DiscreteFit> fit_discrete(std::span<const Taker> takers);
inline constexpr std::uint32_t opportunities_max = 5'000;

double alive(const DiscreteFit& fit, const Taker& taker);
double expected(const DiscreteFit& fit, const Taker& taker, std::uint32_t opportunities);
/// P(0), … P(opportunities).
std::vector<double> distribution(
    const DiscreteFit& fit, const Taker& taker, std::uint32_t opportunities
);

}  // namespace hospes::insight
