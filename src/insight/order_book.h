// Orders as a report reads them: one line of the file is one order, or, where an order number is
// given, all its lines together.
#pragma once

#include "insight/buyers.h"
#include "insight/input.h"

namespace hospes::insight {

struct OrderBook {
  Orders orders;
  std::vector<std::int64_t> at_us;  // of each order
  std::size_t rows = 0;
  std::size_t nameless = 0;  // rows without a customer, left out
  std::size_t refunds = 0;   // rows below zero, left out of purchases
  double refunded = 0;       // their sum
  std::size_t free = 0;      // orders that cost nothing; kept, unless `free=no`
  std::size_t repeated = 0;  // rows equal to an earlier one; kept, for they may be two orders
  bool valued = false;

  /// Rows read and what was left out, for the card.
  Words data(const Input& input) const;
};

/// Roles customer, date, value, order, currency; `valued` makes value required.
std::vector<Role> order_roles(bool valued);
std::vector<Setting> order_settings();
/// invalid_input for two currencies in one file: no rate is given.
Result<OrderBook> read_orders(const Input& input);

/// `first orders 1997-01-01 to 1997-03-25` of the buying days.
Words cohort_of(const BuyingDays& days);
Words period_of(std::int32_t begin, std::int32_t end);

}  // namespace hospes::insight
