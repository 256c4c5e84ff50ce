#include "insight/activity.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <numeric>

namespace hospes::insight {
namespace {

/// Numbers before other names and by their value, then by letters.
bool name_before(const std::string& a, const std::string& b) {
  const auto number = [](const std::string& s) -> std::optional<std::uint64_t> {
    std::uint64_t out = 0;
    const auto [stop, error] = std::from_chars(s.data(), s.data() + s.size(), out);
    if (error != std::errc() || stop != s.data() + s.size()) return std::nullopt;
    return out;
  };
  const auto x = number(a), y = number(b);
  if (x && y && *x != *y) return *x < *y;
  if (x.has_value() != y.has_value()) return x.has_value();
  return a < b;
}

/// SQL's ntile(5): the first n mod 5 groups hold one more.
void fifths(
    std::vector<std::size_t>& order, std::vector<std::array<std::uint8_t, 3>>& out,
    std::size_t which
) {
  const std::size_t n = order.size(), small = n / 5, more = n % 5;
  std::size_t at = 0;
  for (std::uint8_t tile = 1; tile <= 5; ++tile)
    for (std::size_t k = 0; k < small + (tile <= more ? 1 : 0); ++k) out[order[at++]][which] = tile;
}

}  // namespace

Rfm rfm(const Orders& orders, std::int32_t now) {
  const std::size_t n = orders.names.size();
  std::vector<double> last(n, -1e18), count(n, 0), sum(n, 0);
  for (std::size_t i = 0; i < orders.day.size(); ++i) {
    const auto who = orders.customer[i];
    last[who] = std::max<double>(last[who], orders.day[i]);
    count[who] += 1;
    sum[who] += orders.value.empty() ? 0 : orders.value[i];
  }
  Rfm out;
  for (std::uint32_t who = 0; who < n; ++who) {
    if (count[who] == 0) continue;
    out.who.push_back(who);
    out.days.push_back(now - last[who]);
    out.orders.push_back(count[who]);
    out.spent.push_back(sum[who]);
  }
  out.score.resize(out.who.size());
  const auto sorted = [&](const std::vector<double>& by, double sign, std::size_t which) {
    std::vector<std::size_t> order(out.who.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
      if (by[a] != by[b]) return sign * by[a] < sign * by[b];
      return name_before(orders.names[out.who[a]], orders.names[out.who[b]]);
    });
    fifths(order, out.score, which);
  };
  sorted(out.days, -1, 0);
  sorted(out.orders, 1, 1);
  sorted(out.spent, 1, 2);
  return out;
}

double top_share(std::span<const double> amounts, double part) {
  std::vector<double> sorted(amounts.begin(), amounts.end());
  std::ranges::sort(sorted, std::greater<>());
  const double all = std::accumulate(sorted.begin(), sorted.end(), 0.0);
  const auto top = static_cast<std::size_t>(part * static_cast<double>(sorted.size()) + 1e-9);
  return all > 0 ? std::accumulate(
                       sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(top), 0.0
                   ) / all
                 : 0;
}

double gini(std::span<const double> amounts) {
  std::vector<double> sorted(amounts.begin(), amounts.end());
  std::ranges::sort(sorted);
  double sum = 0, ranked = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    sum += sorted[i];
    ranked += sorted[i] * static_cast<double>(i + 1);
  }
  const auto n = static_cast<double>(sorted.size());
  return sum > 0 ? 2 * ranked / (n * sum) - (n + 1) / n : 0;
}

int month_of(std::int32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return static_cast<int>(date.year()) * 12 +
         static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

std::string month_text(int month) { return fmt::format("{:04}-{:02}", month / 12, month % 12 + 1); }

CohortTable cohorts(const BuyingDays& days) {
  CohortTable out;
  for (std::uint32_t who = 0; who < days.customers(); ++who) {
    const auto all = days.days(who);
    if (all.empty()) continue;
    const int first = month_of(all[0]);
    auto& row = out.active[first];
    int previous = -1;
    for (const std::int32_t day : all) {
      const int k = month_of(day) - first;
      if (k == previous) continue;
      previous = k;
      if (row.size() <= static_cast<std::size_t>(k)) row.resize(static_cast<std::size_t>(k) + 1, 0);
      row[static_cast<std::size_t>(k)] += 1;
    }
  }
  return out;
}

std::vector<SurvivalPoint> kaplan_meier(std::span<const Lasting> people) {
  std::vector<Lasting> sorted(people.begin(), people.end());
  std::ranges::sort(sorted, {}, &Lasting::time);
  constexpr double z = 1.959963984540054;
  std::vector<SurvivalPoint> out;
  double survival = 1, greenwood = 0;
  for (std::size_t i = 0; i < sorted.size();) {
    SurvivalPoint point{.time = sorted[i].time, .at_risk = static_cast<double>(sorted.size() - i)};
    for (; i < sorted.size() && sorted[i].time == point.time; ++i)
      point.left += sorted[i].left ? 1 : 0;
    if (point.left == 0) continue;
    survival *= 1 - point.left / point.at_risk;
    point.survival = survival;
    if (survival > 0) {
      greenwood += point.left / (point.at_risk * (point.at_risk - point.left));
      const double scale = std::log(-std::log(survival)),
                   se = std::sqrt(greenwood) / -std::log(survival);
      point.i95 = {std::exp(-std::exp(scale + z * se)), std::exp(-std::exp(scale - z * se))};
    } else {
      point.i95 = {0, out.empty() ? 1 : out.back().i95.high};  // Greenwood is not defined here
    }
    out.push_back(point);
  }
  return out;
}

std::optional<double> median_survival(std::span<const SurvivalPoint> curve) {
  for (const SurvivalPoint& p : curve)
    if (p.survival <= .5 + 1e-12) return p.time;
  return std::nullopt;
}

}  // namespace hospes::insight
