// How often a customer without a contract will buy again, and whether they still are a customer.
//
// Everyone buys at a rate λ of their own, λ ~ Gamma(r, α), until they leave:
//   BG/NBD      after each repeat purchase with probability p, p ~ Beta(a, b)    (Fader, Hardie,
//   Lee 2005) MBG/NBD     the same, and also just after the first one (Batislam et al. 2007)
//   Pareto/NBD  after an exponential time of rate μ, μ ~ Gamma(s, β)             (Schmittlein,
//   Morrison, Colombo 1987)
// Time is in weeks. Parameters stand in the order (r, α, a, b) or (r, α, s, β).
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "insight/buyers.h"
#include "insight/optimise.h"

namespace hospes::insight {

enum class Family : unsigned char { bg_nbd, mbg_nbd, pareto_nbd };
inline constexpr std::array families = {Family::bg_nbd, Family::mbg_nbd, Family::pareto_nbd};
std::string_view name_of(Family family);
std::array<std::string_view, 4> parameter_names(Family family);

struct Lifetime {
  Family family = Family::bg_nbd;
  Vector<4> p{};
};

/// Log-likelihood of all cells, with its gradient by the four parameters. Terms that a published
/// attribute may drop are kept.
double log_likelihood(const Lifetime& model, const Cells& cells, Vector<4>& gradient);

struct LifetimeFit {
  Lifetime model;
  double log_likelihood = 0;
  int evaluations = 0;
  bool converged = false;
  /// Of the parameters' logarithms; absent where the surface is too flat to tell.
  std::optional<Matrix<4>> log_covariance;
};
/// Maximum likelihood. invalid_input when nobody bought twice or no time passed: then no rate can
/// be told.
Result<LifetimeFit> fit(Family family, const Cells& cells);

/// Probability that the customer is still one at T.
double alive(const Lifetime& model, const Customer& customer);

/// What is known of the rate and of leaving, given that the customer is still one: the same
/// families, updated.
struct Future {
  Family family = Family::bg_nbd;
  double r = 0, alpha = 0, a = 0, b = 0;
};
Future future(const Lifetime& model, const Customer& customer);
/// Expected purchases in the next `weeks`, given alive. Any parameters above zero, also a = 1 or s
/// = 1.
double mean(const Future& future, double weeks);
/// P(n purchases in the next `weeks`), n = 0, 1, …, until all but 10⁻⁹ is told or `purchases_max`
/// is reached; `alive` is the probability of being a customer now.
void distribution(const Future& future, double alive, double weeks, std::vector<double>& out);
inline constexpr std::size_t purchases_max = 20'000;

/// Expected purchases in the next `weeks` of each customer, each distinct (x, T) computed once.
/// `chances` are those of `alive`.
std::vector<double> expected(
    const Lifetime& model, std::span<const Customer> customers, std::span<const double> chances,
    double weeks
);
std::vector<double> alive(const Lifetime& model, std::span<const Customer> customers);

}  // namespace hospes::insight
