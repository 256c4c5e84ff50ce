#include "insight/wide.h"

#include <cmath>

// Compiled with -ffast-math, which is what lets GCC call the vector library; nothing else may be in
// this file.
namespace hospes::insight {

void exp_all(std::span<double> values) {
  double* const at = values.data();
  const std::size_t n = values.size();
  for (std::size_t i = 0; i < n; ++i) at[i] = std::exp(at[i]);
}

void log_all(std::span<double> values) {
  double* const at = values.data();
  const std::size_t n = values.size();
  for (std::size_t i = 0; i < n; ++i) at[i] = std::log(at[i]);
}

void log1p_all(std::span<double> values) {
  double* const at = values.data();
  const std::size_t n = values.size();
  for (std::size_t i = 0; i < n; ++i) at[i] = std::log1p(at[i]);
}

}  // namespace hospes::insight
