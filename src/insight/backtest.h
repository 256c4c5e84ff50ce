// How wrong would we have been? A model fitted up to a day, judged by what came after it.
#pragma once

#include "insight/lifetime.h"
#include "insight/report.h"

namespace hospes::insight {

/// How often intervals held what they promised. Counts are whole numbers, so an interval of whole
/// numbers promises more than its level; `level80` and `level95` judge the forecast distribution
/// itself, by the share of each outcome's probability that lies within the central 80 and 95 % (the
/// expectation of the randomised probability integral transform, Brockwell 2007).
struct Coverage {
  double level80 = 0, level95 = 0;
  double shown80 = 0, shown95 = 0;        // intervals of whole numbers, as printed
  double promised80 = 0, promised95 = 0;  // their own probability
};

struct Backtest {
  std::int32_t cut = 0, end = 0;
  double weeks = 0;
  std::size_t customers = 0;
  LifetimeFit fit;
  double predicted = 0, actual = 0;
  double mae = 0;  // per customer
  Coverage coverage;
};

/// Fits `family` to those who first bought by `cut` and forecasts until `end`.
Result<Backtest> back_test(
    const BuyingDays& days, Family family, std::int32_t cut, std::int32_t end
);

/// The smallest interval of whole numbers with at most (1-level)/2 on either side.
Interval interval_of(const std::vector<double>& distribution, double level);

/// Purchases of all `customers` together in the next `weeks`: mean, and the variance of the sum
/// given the parameters, and that of the mean from the parameters being estimates.
struct Total {
  double mean = 0, variance = 0, parameter_variance = 0;
};
Total total(const LifetimeFit& fit, std::span<const Customer> customers, double weeks);

}  // namespace hospes::insight
