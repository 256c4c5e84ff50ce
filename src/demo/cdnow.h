// The real orders of the demo house: CDNOW's 69,659 orders of 23,570 people, 1997-98 (Fader and
// Hardie), and what the demo invents around them by a seeded rule: names, addresses, times of day,
// permissions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace hospes::demo {

struct Order {
  std::uint32_t row =
      0;  // line of the file, from 1: the messageId, for 255 rows are exact repeats and real orders
  std::uint32_t customer = 0;  // 1 … 23570
  std::int32_t day = 0;        // of the real order, since 1970-01-01
  std::uint32_t quantity = 0;
  std::int64_t cents = 0;  // 80 orders cost nothing
  bool operator==(const Order&) const = default;
};

inline constexpr std::size_t orders_max = 1'000'000;

/// Reads CDNOW_master.txt: a header, then `customer date count dollars`. In the order of the file.
/// corrupt names the line.
Result<std::vector<Order>> parse_cdnow(std::string_view text);
Result<std::vector<Order>> read_cdnow(const std::string& path);

/// What is invented of one customer; the same for ever.
struct Customer {
  std::string user_id;  // `08231`
  std::string first_name, last_name;
  std::string email;        // always of a domain that cannot exist
  std::int32_t minute = 0;  // of the day in UTC, 08:00 to 20:00: one for all their orders, so that
                            // gaps are whole days
  std::vector<std::string_view> purposes;  // granted before the first order; `market` always
};
Customer customer(std::uint32_t number);

/// The orders of a demo in the order of their moved time, and by how much they were moved.
struct Plan {
  std::vector<Order> orders;
  std::int64_t weeks = 0;

  Instant at(const Order& order) const;
};
/// Whole weeks, so that the last order is at most a week old at `now` and none is in the future.
std::int64_t weeks_to(const std::vector<Order>& orders, Instant now);
Plan plan(std::vector<Order> orders, std::int64_t weeks);

/// `1997-01-01` of a day since 1970-01-01.
std::string date_of(std::int32_t day);
/// `12.50` of 1250 cents.
std::string amount_of(std::int64_t cents);

}  // namespace hospes::demo
