#include "insight/lifetime.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <cmath>

#include "insight/bgnbd.h"

namespace hospes::insight {

std::string_view name_of(Family family) {
  switch (family) {
    case Family::bg_nbd:
      return "BG/NBD";
    case Family::mbg_nbd:
      return "MBG/NBD";
    case Family::pareto_nbd:
      return "Pareto/NBD";
  }
  return {};
}

std::array<std::string_view, 4> parameter_names(Family family) {
  if (family == Family::pareto_nbd) return {"r", "alpha", "s", "beta"};
  return {"r", "alpha", "a", "b"};
}

double log_likelihood(const Lifetime& model, const Cells& cells, Vector<4>& gradient) {
  return model.family == Family::pareto_nbd ? pareto_likelihood(model, cells, gradient)
                                            : bg_likelihood(model, cells, gradient);
}

namespace {

constexpr double log_parameter_max = 12;  // e^12 = 162,755: beyond, the data hold no such thing

/// -log L by the logarithms of the parameters; beyond the bound a soft wall keeps a flat ridge
/// finite.
double objective(Family family, const Cells& cells, const Vector<4>& at, Vector<4>& gradient) {
  Lifetime model{family, {}};
  for (std::size_t i = 0; i < 4; ++i) model.p[i] = std::exp(std::clamp(at[i], -30.0, 30.0));
  double value = -log_likelihood(model, cells, gradient);
  for (std::size_t i = 0; i < 4; ++i) {
    gradient[i] *= -model.p[i];
    const double beyond = std::fabs(at[i]) - log_parameter_max;
    if (beyond <= 0) continue;
    value += cells.customers * beyond * beyond;
    gradient[i] += 2 * cells.customers * beyond * (at[i] > 0 ? 1 : -1);
  }
  return value;
}

}  // namespace

Result<LifetimeFit> fit(Family family, const Cells& cells) {
  if (cells.repeats == 0)
    return fail(Code::invalid_input, "nobody bought on two days, so no rate of buying can be told");
  if (cells.weeks == 0)
    return fail(
        Code::invalid_input, "everything happened on one day, so no rate of buying can be told"
    );
  const auto f = [&](const Vector<4>& at, Vector<4>& gradient) {
    return objective(family, cells, at, gradient);
  };
  // A mean rate that fits the data, leaving at about a quarter of the purchases.
  const double r = 0.5, alpha = r * cells.weeks / cells.repeats;
  Vector<4> start = {std::log(r), std::log(alpha), std::log(0.8), std::log(2.5)};
  if (family == Family::pareto_nbd) start[3] = std::log(alpha);
  const auto best = minimise<4>(f, start);
  LifetimeFit out{
      .model = {family, {}}, .evaluations = best.evaluations, .converged = best.converged};
  for (std::size_t i = 0; i < 4; ++i) out.model.p[i] = std::exp(best.at[i]);
  Vector<4> unused{};
  out.log_likelihood = log_likelihood(out.model, cells, unused);
  if (!std::isfinite(out.log_likelihood))
    return fail(
        Code::invalid_input,
        "no rate of buying fits these customers; check that their dates are true"
    );
  out.log_covariance = covariance<4>(f, best.at);
  return out;
}

double alive(const Lifetime& model, const Customer& customer) {
  return model.family == Family::pareto_nbd ? pareto_alive(model, customer)
                                            : bg_alive(model, customer);
}

Future future(const Lifetime& model, const Customer& c) {
  const auto [r, alpha, a, b] = model.p;
  Future out{model.family, r + c.x, alpha + c.T, a, b};
  if (model.family == Family::pareto_nbd) out.b += c.T;
  if (model.family == Family::bg_nbd) out.b += c.x;
  if (model.family == Family::mbg_nbd) out.b += c.x + 1;
  return out;
}

double mean(const Future& f, double weeks) {
  return f.family == Family::pareto_nbd ? pareto_mean(f, weeks) : bg_mean(f, weeks);
}

void distribution(const Future& f, double alive, double weeks, std::vector<double>& out) {
  if (f.family == Family::pareto_nbd)
    pareto_distribution(f, weeks, out);
  else
    bg_distribution(f, weeks, out);
  for (double& p : out) p *= alive;
  out[0] += 1 - alive;
}

std::vector<double> alive(const Lifetime& model, std::span<const Customer> customers) {
  std::vector<double> out;
  out.reserve(customers.size());
  for (const Customer& c : customers) out.push_back(alive(model, c));
  return out;
}

std::vector<double> expected(
    const Lifetime& model, std::span<const Customer> customers, std::span<const double> chances,
    double weeks
) {
  boost::unordered_flat_map<std::pair<std::uint32_t, double>, double> known;
  std::vector<double> out;
  out.reserve(customers.size());
  for (std::size_t i = 0; i < customers.size(); ++i) {
    const Customer& c = customers[i];
    const auto [it, fresh] = known.try_emplace({c.x, c.T}, 0.0);
    if (fresh) it->second = mean(future(model, c), weeks);
    out.push_back(chances[i] * it->second);
  }
  return out;
}

}  // namespace hospes::insight
