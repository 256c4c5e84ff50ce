// Who carries the revenue, who comes back, who leaves: plain counts with their intervals.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "insight/chance.h"
#include "insight/order_book.h"

namespace hospes::insight {

/// Recency (days before `now`, smaller is better), frequency (orders), monetary (their sum), each
/// in five equal groups, 5 the best; who ties is parted by name, numbers by their value, so that
/// the groups are equal and the same everywhere.
struct Rfm {
  std::vector<std::uint32_t> who;
  std::vector<double> days, orders, spent;
  std::vector<std::array<std::uint8_t, 3>> score;  // 1 … 5
};
Rfm rfm(const Orders& orders, std::int32_t now);

/// The share of the whole that the largest `part` of the people carry, floor(part × n) of them;
/// ties fall by name.
double top_share(std::span<const double> amounts, double part);
/// Gini coefficient of amounts ≥ 0; 0 when all are equal or nothing is there.
double gini(std::span<const double> amounts);

/// First-order months (rows, months since 0000-01) and how many of them bought again k months
/// later.
struct CohortTable {
  std::map<int, std::vector<double>> active;  // [k]; k = 0 is everybody
};
CohortTable cohorts(const BuyingDays& days);
int month_of(std::int32_t day);
std::string month_text(int month);

/// Kaplan and Meier 1958, Greenwood's variance, intervals on the log(-log) scale (Kalbfleisch and
/// Prentice).
struct SurvivalPoint {
  double time = 0, at_risk = 0, left = 0, survival = 1;
  Interval i95{1, 1};
};
struct Lasting {
  double time = 0;
  bool left = false;  // else still there when last seen
};
std::vector<SurvivalPoint> kaplan_meier(std::span<const Lasting> people);
/// First time at which survival is at most one half; nothing while it never is.
std::optional<double> median_survival(std::span<const SurvivalPoint> curve);

}  // namespace hospes::insight
