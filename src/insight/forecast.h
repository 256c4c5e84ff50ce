// Private to the room: a forecast with the error of the last one beside it, as clv and the first
// screen's cards tell it.
#pragma once

#include "insight/backtest.h"
#include "insight/reports.h"

namespace hospes::insight {

inline constexpr double z80 = 1.2815515655446004, z95 = 1.959963984540054;

struct Forecast {
  std::vector<Backtest> tests;    // one a family; empty when the period is too short
  std::vector<LifetimeFit> fits;  // of the whole period
  std::size_t chosen = 0;
  Calibration people;                 // of the whole period
  std::vector<double> chances, next;  // P(alive), purchases in `weeks`
  double weeks = 0;
  Total total;
  double miss = 0;  // log(actual / predicted) of the chosen model's back-test

  const LifetimeFit& fit() const { return fits[chosen]; }
  /// Process, parameters and, as large as it was last time, the model's own error.
  /// `mean`: the purchases of the first `part` of the horizon, 0 < part ≤ 1.
  Interval around(double mean, double part, double z) const;
};

/// The day that halves the period: what comes after it judges.
std::int32_t half_of(const BuyingDays& days);
/// Each of `candidates` fitted up to `cut` and to the whole; the best likelihood before the cut is
/// chosen.
Result<Forecast> forecast(
    const BuyingDays& days, std::int32_t cut, double weeks, std::span<const Family> candidates
);
/// `14% low`.
std::string miss_text(double predicted, double actual, Language l);
/// Repeat purchases so far, what the last forecast said of them, and the next one with its band.
Plot tracking_plot(const BuyingDays& days, const Forecast& forecast, const Words& title);

}  // namespace hospes::insight
