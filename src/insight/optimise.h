// Minimises a smooth function of a few unbounded parameters: BFGS with backtracking (Nocedal and
// Wright, Numerical Optimization, ch. 3 and 6). Models hand in -log-likelihood over the logarithms
// of their parameters.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>

namespace hospes::insight {

template <std::size_t N>
using Vector = std::array<double, N>;
template <std::size_t N>
using Matrix = std::array<std::array<double, N>, N>;

/// The inverse of a symmetric positive definite matrix, by Cholesky; nothing when it is not one.
template <std::size_t N>
std::optional<Matrix<N>> inverse(Matrix<N> m) {
  for (std::size_t j = 0; j < N; ++j) {
    for (std::size_t k = 0; k < j; ++k) m[j][j] -= m[j][k] * m[j][k];
    if (!(m[j][j] > 1e-300)) return std::nullopt;
    m[j][j] = std::sqrt(m[j][j]);
    for (std::size_t i = j + 1; i < N; ++i) {
      for (std::size_t k = 0; k < j; ++k) m[i][j] -= m[i][k] * m[j][k];
      m[i][j] /= m[j][j];
    }
  }
  Matrix<N> out{};
  for (std::size_t c = 0; c < N; ++c) {
    Vector<N> v{};
    v[c] = 1;
    for (std::size_t i = 0; i < N; ++i) {
      for (std::size_t k = 0; k < i; ++k) v[i] -= m[i][k] * v[k];
      v[i] /= m[i][i];
    }
    for (std::size_t i = N; i-- > 0;) {
      for (std::size_t k = i + 1; k < N; ++k) v[i] -= m[k][i] * v[k];
      v[i] /= m[i][i];
    }
    for (std::size_t i = 0; i < N; ++i) out[i][c] = v[i];
  }
  return out;
}

template <std::size_t N>
struct Optimum {
  Vector<N> at{};
  double value = 0;
  int evaluations = 0;
  bool converged = false;
};

struct OptimiseOptions {
  double gradient_max = 1e-9;  // largest component, relative to max(1, |value|)
  // What a whole step would still gain, relative to max(1, |value|): of a log-likelihood near 10⁴,
  // parameters within 10⁻⁵ of their own standard errors (Boyd and Vandenberghe, 9.5.1).
  double gain_max = 1e-14;
  int evaluations_max = 500;
};

/// `f(at, gradient)` gives the value and fills the gradient. A value that is not finite counts as a
/// wall.
template <std::size_t N, class F>
Optimum<N> minimise(F&& f, const Vector<N>& start, OptimiseOptions options = {}) {
  Optimum<N> best{.at = start};
  Vector<N> gradient{};
  Matrix<N> inverse_hessian{};
  const auto reset = [&](double scale) {
    for (std::size_t i = 0; i < N; ++i)
      for (std::size_t j = 0; j < N; ++j) inverse_hessian[i][j] = i == j ? scale : 0;
  };
  const auto dot = [](const Vector<N>& a, const Vector<N>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < N; ++i) sum += a[i] * b[i];
    return sum;
  };
  const auto flat = [&](const Vector<N>& g) {
    double most = 0;
    for (const double x : g) most = std::max(most, std::fabs(x));
    return most <= options.gradient_max * std::max(1.0, std::fabs(best.value));
  };
  best.value = f(best.at, gradient);
  ++best.evaluations;
  reset(0.5 / std::max(1e-12, std::sqrt(dot(gradient, gradient))));
  bool fresh = true;
  while (best.evaluations < options.evaluations_max) {
    if (flat(gradient)) {
      best.converged = true;
      break;
    }
    Vector<N> step{};
    for (std::size_t i = 0; i < N; ++i) step[i] = -dot(inverse_hessian[i], gradient);
    double slope = dot(step, gradient);
    if (!fresh && slope <= 0 && -slope <= options.gain_max * std::max(1.0, std::fabs(best.value))) {
      best.converged = true;
      break;
    }
    if (!(slope < 0)) {
      reset(0.5 / std::sqrt(dot(gradient, gradient)));
      fresh = true;
      continue;
    }
    const double longest = std::sqrt(dot(step, step));
    if (longest > 2) {  // parameters are logarithms: e² at once is far enough
      for (double& s : step) s *= 2 / longest;
      slope *= 2 / longest;
    }
    double length = 1, value = 0;
    Vector<N> at{}, next{};
    bool down = false;
    while (best.evaluations < options.evaluations_max && length > 1e-12) {
      for (std::size_t i = 0; i < N; ++i) at[i] = best.at[i] + length * step[i];
      value = f(at, next);
      ++best.evaluations;
      down = std::isfinite(value) && value <= best.value + 1e-4 * length * slope;
      if (down) break;
      const double fitted = -slope * length * length / (2 * (value - best.value - slope * length));
      length =
          std::isfinite(fitted) ? std::clamp(fitted, 0.1 * length, 0.5 * length) : 0.1 * length;
    }
    if (!down) {  // rounding hides any further descent
      if (fresh) {
        best.converged = flat(gradient) || length <= 1e-12;
        break;
      }
      reset(0.5 / std::max(1e-12, std::sqrt(dot(gradient, gradient))));
      fresh = true;
      continue;
    }
    Vector<N> moved{}, turned{};
    for (std::size_t i = 0; i < N; ++i)
      moved[i] = at[i] - best.at[i], turned[i] = next[i] - gradient[i];
    const double bend = dot(moved, turned);
    if (bend > 1e-12 * std::sqrt(dot(moved, moved) * dot(turned, turned))) {
      if (fresh) reset(bend / dot(turned, turned));
      fresh = false;
      Vector<N> hy{};
      for (std::size_t i = 0; i < N; ++i) hy[i] = dot(inverse_hessian[i], turned);
      const double yhy = dot(turned, hy);
      for (std::size_t i = 0; i < N; ++i)
        for (std::size_t j = 0; j < N; ++j)
          inverse_hessian[i][j] += (1 + yhy / bend) * moved[i] * moved[j] / bend -
                                   (hy[i] * moved[j] + moved[i] * hy[j]) / bend;
    }
    best.at = at;
    best.value = value;
    gradient = next;
  }
  return best;
}

/// Inverse of the second derivative of `f` at `at` (central differences of its gradient): the
/// covariance of maximum-likelihood estimates. A direction in which the surface is flat would have
/// none: a weak prior, of standard deviation 5 on a logarithm, bounds it and changes nothing
/// elsewhere. Nothing where the surface even bends down.
template <std::size_t N, class F>
std::optional<Matrix<N>> covariance(F&& f, const Vector<N>& at) {
  constexpr double h = 1e-4;
  constexpr double weak = 1.0 / 25;
  Matrix<N> second{};
  for (std::size_t i = 0; i < N; ++i) {
    Vector<N> left = at, right = at, low{}, high{};
    left[i] -= h;
    right[i] += h;
    f(left, low);
    f(right, high);
    for (std::size_t j = 0; j < N; ++j) second[i][j] = (high[j] - low[j]) / (2 * h);
  }
  for (std::size_t i = 0; i < N; ++i)
    for (std::size_t j = 0; j < i; ++j)
      second[i][j] = second[j][i] = (second[i][j] + second[j][i]) / 2;
  for (std::size_t i = 0; i < N; ++i) second[i][i] += weak;
  return inverse(second);
}

}  // namespace hospes::insight
