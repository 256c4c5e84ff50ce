// The house's own orders as a table that the insight room reads. Private to portal/.
#pragma once

#include "insight/columns.h"
#include "portal/people.h"
#include "portal/reads.h"

namespace hospes::portal {

inline constexpr std::size_t orders_max = 2'000'000;  // some 120 MB of text while a report is made

struct HouseOrders {
  insight::Columns table;    // customer, date, value, and currency where one was sent
  std::uint64_t closed = 0;    // orders that `purpose` may not see now
  std::uint64_t unpriced = 0;  // orders without an amount, left out
};

/// Every real order (`Order Completed`) that `purpose` may see now; invented ones never. A customer
/// is a person as they are joined now; a date is that of the house's zone; the value is `total`, else
/// `revenue`, else `value`. over_limit beyond `orders_max`. Walks
/// everybody (people.h): call it from a thread that may wait.
Result<HouseOrders> orders_of(const ConsoleDoors& doors, PurposeBit purpose);

}  // namespace hospes::portal
