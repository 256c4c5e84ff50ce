// Of tests and benchmarks only: planted worlds of labelled creatives, the same as those of the
// peer's script.
#pragma once

#include <cmath>
#include <numeric>
#include <random>

#include "insight/creative.h"

namespace hospes::insight {

/// numpy.random.RandomState (Mersenne twister; legacy draws), so that our worlds are those of the
/// peer's script.
class RandomState {
 public:
  explicit RandomState(std::uint32_t seed) : bits_(seed) {}
  double uniform() {
    const double a = static_cast<double>(bits_() >> 5), b = static_cast<double>(bits_() >> 6);
    return (a * 67108864.0 + b) / 9007199254740992.0;
  }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  std::uint32_t upto(std::uint32_t most) {
    std::uint32_t mask = most, out = 0;
    for (const int shift : {1, 2, 4, 8, 16}) mask |= mask >> shift;
    while ((out = static_cast<std::uint32_t>(bits_()) & mask) > most) {
    }
    return out;
  }
  std::vector<std::size_t> permutation(std::uint32_t n) {
    std::vector<std::size_t> out(n);
    std::iota(out.begin(), out.end(), std::size_t{0});
    for (std::uint32_t i = n - 1; i > 0; --i) std::swap(out[i], out[upto(i)]);
    return out;
  }
  double normal() {
    if (kept_) {
      kept_ = false;
      return value_;
    }
    double x = 0, y = 0, r = 0;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      r = x * x + y * y;
    } while (r >= 1 || r == 0);
    const double f = std::sqrt(-2 * std::log(r) / r);
    value_ = f * x;
    kept_ = true;
    return f * y;
  }

 private:
  std::mt19937 bits_;
  bool kept_ = false;
  double value_ = 0;
};

struct World {
  Screen data;
  std::vector<char> planted;
};

/// 370 creatives, 120 labels, 12 effects of .4 to 1 standard deviation of the noise
/// (reference_peers: ref_stats.py).
inline World world(std::uint32_t seed, bool null = false) {
  constexpr std::size_t n = 370, m = 120, k = 12;
  RandomState r(seed);
  std::vector<double> u(n * m);
  for (double& v : u) v = r.uniform();
  World out;
  out.data.labels.resize(m, std::vector<char>(n));
  for (std::size_t j = 0; j < m; ++j) {
    const double share = r.uniform(.05, .5);
    for (std::size_t i = 0; i < n; ++i) out.data.labels[j][i] = u[i * m + j] < share;
  }
  const auto order = r.permutation(m);
  std::vector<double> effect(m, 0), sign(k);
  for (double& s : sign) s = r.upto(1) == 1 ? 1 : -1;
  for (std::size_t i = 0; i < k; ++i) effect[order[i]] = sign[i] * r.uniform(.4, 1.0);
  out.planted.assign(m, 0);
  for (std::size_t j = 0; j < m; ++j) {
    out.planted[j] = !null && effect[j] != 0;
    if (null) effect[j] = 0;
  }
  for (std::size_t i = 0; i < n; ++i) {
    double y = r.normal();
    for (std::size_t j = 0; j < m; ++j) y += out.data.labels[j][i] ? effect[j] : 0;
    out.data.y.push_back(y);
  }
  return out;
}

}  // namespace hospes::insight
