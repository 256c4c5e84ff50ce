// From orders to what the lifetime models read: buying days per customer, and (x, t_x, T) at a cut.
//   x    repeat buying days up to the cut        t_x  weeks from the first buying day to the last
//   one T    weeks from the first buying day to the cut
// Orders of one day count once (Fader and Hardie).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hospes::insight {

struct Orders {
  std::vector<std::uint32_t> customer;  // codes into `names`
  std::vector<std::int32_t> day;        // since 1970-01-01
  std::vector<double> value;            // may be empty
  std::vector<std::string> names;
};

/// Distinct buying days of everybody, in order; `value` sums what was paid that day.
struct BuyingDays {
  std::vector<std::uint32_t> first;  // of customer i: [first[i], first[i + 1])
  std::vector<std::int32_t> day;
  std::vector<double> value;
  std::int32_t begin = 0, end = 0;  // first and last day of the data

  std::size_t customers() const { return first.size() - 1; }
  std::span<const std::int32_t> days(std::size_t customer) const {
    return {day.data() + first[customer], first[customer + 1] - first[customer]};
  }
  std::span<const double> values(std::size_t customer) const {
    return {value.data() + first[customer], first[customer + 1] - first[customer]};
  }
};
/// Cost: one sort of the orders. Customers without an order have no days.
BuyingDays buying_days(const Orders& orders);

struct Customer {
  std::uint32_t x = 0;
  double tx = 0, T = 0;
};
struct Calibration {
  std::vector<std::uint32_t> who;
  std::vector<Customer> customers;
  std::vector<double> repeat_value;  // mean paid on a repeat buying day above zero; 0 without one
  std::vector<std::uint32_t> repeat_days;  // those days
};
/// Customers whose first buying day is at most `cut`.
Calibration calibrate(const BuyingDays& days, std::int32_t cut);
/// Buying days in (after, until] of each of `who`.
std::vector<std::uint32_t> bought(
    const BuyingDays& days, std::span<const std::uint32_t> who, std::int32_t after,
    std::int32_t until
);

/// Customers with the same (x, t_x, T) are one cell with a weight; distinct times are listed once,
/// so that a likelihood takes their logarithms once.
struct Cells {
  struct Cell {
    std::uint32_t x = 0, tx = 0, T = 0;  // tx, T: into `times`
    double weight = 0;
  };
  std::vector<Cell> cells;
  std::vector<double> times;
  std::uint32_t x_most = 0;
  double customers = 0, repeats = 0, weeks = 0;  // sums
};
Cells gather(std::span<const Customer> customers);

}  // namespace hospes::insight
