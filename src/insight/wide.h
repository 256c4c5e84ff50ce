// Elementwise functions over arrays, four numbers at a time (glibc's vector library): likelihoods
// spend their time in them. Private to the room.
#pragma once

#include <span>

namespace hospes::insight {

/// Each in place, within 4 ulp. Precondition: finite; for exp up to 709.
void exp_all(std::span<double> values);
/// Each > 0.
void log_all(std::span<double> values);
/// Each ≥ 0.
void log1p_all(std::span<double> values);

}  // namespace hospes::insight
