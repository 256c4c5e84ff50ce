#include "insight/response.h"

#include <algorithm>
#include <cmath>

namespace hospes::insight {

Responses responses(std::span<const Reached> people, std::size_t segments, double level) {
  Responses out;
  out.segments.resize(segments);
  for (std::size_t s = 0; s < segments; ++s)
    out.segments[s].segment = static_cast<std::uint32_t>(s);
  for (const Reached& one : people) {
    ++out.reached;
    out.responded += one.responded ? 1 : 0;
    for (const std::uint32_t s : one.segments) {
      ++out.segments[s].reached;
      out.segments[s].responded += one.responded ? 1 : 0;
    }
  }
  std::vector<double> p;
  std::vector<std::size_t> tested;
  for (std::size_t s = 0; s < segments; ++s) {
    SegmentResponse& r = out.segments[s];
    if (r.reached == 0) continue;
    r.expected = static_cast<double>(r.reached) * static_cast<double>(out.responded) /
                 static_cast<double>(out.reached);
    r.i95 = wilson(static_cast<double>(r.responded), static_cast<double>(r.reached), .95);
    if (r.reached == out.reached) continue;
    r.p = hypergeometric_two_sided(r.responded, r.reached, out.responded, out.reached);
    p.push_back(r.p);
    tested.push_back(s);
  }
  const auto adjusted = benjamini_hochberg(p);
  for (std::size_t i = 0; i < tested.size(); ++i) {
    out.segments[tested[i]].p_bh = adjusted[i];
    out.segments[tested[i]].stands_out = adjusted[i] <= level;
  }
  return out;
}

// Normal approximation at the strictest threshold of the correction, level / tests: a lone segment
// needs no less.
double visible_below(double rate, double n, double tests, double level) {
  const double z = normal_quantile(1 - level / (2 * tests)), power = normal_quantile(.8);
  const double reach = z * std::sqrt(rate * (1 - rate) / n);
  double low = 0, high = rate;
  const auto seen = [&](double r) {
    return rate - r >= reach + power * std::sqrt(r * (1 - r) / n);
  };
  if (!seen(0)) return 0;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (seen(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace hospes::insight
