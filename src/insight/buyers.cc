#include "insight/buyers.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace hospes::insight {

BuyingDays buying_days(const Orders& orders) {
  struct Row {
    std::uint64_t key;  // customer, then day from the earliest
    double value;
  };
  BuyingDays out;
  out.first.assign(orders.names.size() + 1, 0);
  if (orders.day.empty()) return out;
  const auto [low, high] = std::ranges::minmax(orders.day);
  out.begin = low;
  out.end = high;
  std::vector<Row> rows;
  rows.reserve(orders.day.size());
  for (std::size_t i = 0; i < orders.day.size(); ++i)
    rows.push_back(
        {std::uint64_t{orders.customer[i]} << 32 | static_cast<std::uint32_t>(orders.day[i] - low),
         orders.value.empty() ? 0 : orders.value[i]}
    );
  std::ranges::stable_sort(rows, {}, &Row::key);
  std::uint64_t previous = ~std::uint64_t{0};
  for (const Row& row : rows) {
    if (row.key != previous) {
      out.day.push_back(low + static_cast<std::int32_t>(row.key & 0xffffffff));
      out.value.push_back(0);
      ++out.first[(row.key >> 32) + 1];
      previous = row.key;
    }
    out.value.back() += row.value;
  }
  std::partial_sum(out.first.begin(), out.first.end(), out.first.begin());
  return out;
}

Calibration calibrate(const BuyingDays& days, std::int32_t cut) {
  Calibration out;
  for (std::uint32_t who = 0; who < days.customers(); ++who) {
    const auto all = days.days(who);
    if (all.empty() || all[0] > cut) continue;
    const auto seen = static_cast<std::size_t>(std::ranges::upper_bound(all, cut) - all.begin());
    double sum = 0;
    std::uint32_t paid = 0;
    for (std::size_t i = 1; i < seen; ++i) {
      const double value = days.values(who)[i];
      if (value > 0) sum += value, ++paid;
    }
    out.who.push_back(who);
    out.customers.push_back(
        {static_cast<std::uint32_t>(seen - 1), (all[seen - 1] - all[0]) / 7.0, (cut - all[0]) / 7.0}
    );
    out.repeat_value.push_back(paid > 0 ? sum / paid : 0);
    out.repeat_days.push_back(paid);
  }
  return out;
}

std::vector<std::uint32_t> bought(
    const BuyingDays& days, std::span<const std::uint32_t> who, std::int32_t after,
    std::int32_t until
) {
  std::vector<std::uint32_t> out;
  out.reserve(who.size());
  for (const std::uint32_t one : who) {
    const auto all = days.days(one);
    out.push_back(static_cast<std::uint32_t>(
        std::ranges::upper_bound(all, until) - std::ranges::upper_bound(all, after)
    ));
  }
  return out;
}

Cells gather(std::span<const Customer> customers) {
  Cells out;
  for (const Customer& c : customers) out.times.insert(out.times.end(), {c.tx, c.T});
  std::ranges::sort(out.times);
  out.times.erase(std::ranges::unique(out.times).begin(), out.times.end());
  const auto place = [&](double t) {
    return static_cast<std::uint32_t>(std::ranges::lower_bound(out.times, t) - out.times.begin());
  };
  out.cells.reserve(customers.size());
  for (const Customer& c : customers) {
    out.cells.push_back({c.x, place(c.tx), place(c.T), 1});
    out.x_most = std::max(out.x_most, c.x);
    out.customers += 1;
    out.repeats += c.x;
    out.weeks += c.T;
  }
  const auto key = [](const Cells::Cell& c) { return std::tuple(c.x, c.tx, c.T); };
  std::ranges::sort(out.cells, {}, key);
  std::size_t last = 0;
  for (std::size_t i = 1; i < out.cells.size(); ++i) {
    if (key(out.cells[i]) == key(out.cells[last]))
      out.cells[last].weight += 1;
    else
      out.cells[++last] = out.cells[i];
  }
  if (!out.cells.empty()) out.cells.resize(last + 1);
  return out;
}

}  // namespace hospes::insight
