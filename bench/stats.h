// Medians and percentiles of what was measured.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace hospes::bench {

/// Nearest rank; `percent` in (0, 100]. 0 of nothing. Sorts a copy.
inline double percentile(std::vector<double> values, double percent) {
  if (values.empty()) return 0;
  const auto rank =
      static_cast<std::size_t>(percent / 100.0 * static_cast<double>(values.size()) + 0.999999);
  const std::size_t at = std::clamp<std::size_t>(rank, 1, values.size()) - 1;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}
inline double median(std::vector<double> values) { return percentile(std::move(values), 50); }

}  // namespace hospes::bench
