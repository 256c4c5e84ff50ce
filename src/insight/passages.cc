#include "insight/passages.h"

#include <algorithm>
#include <numeric>

namespace hospes::insight {
namespace {

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace

Log log_of(
    std::span<const std::uint32_t> person, std::vector<std::string> people,
    std::span<const std::int64_t> at_us, std::span<const std::uint32_t> event,
    std::vector<std::string> names
) {
  Log out{.names = std::move(names), .people = std::move(people)};
  std::vector<std::uint32_t> order(person.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t i) {
    return std::pair(person[i], at_us[i]);
  });
  out.first.assign(out.people.size() + 1, 0);
  for (const std::uint32_t i : order) {
    ++out.first[person[i] + 1];
    out.at_us.push_back(at_us[i]);
    out.event.push_back(event[i]);
  }
  std::partial_sum(out.first.begin(), out.first.end(), out.first.begin());
  return out;
}

namespace {

/// How many steps a walk that begins at event `begin` makes: each step at the earliest event that
/// can be it.
std::size_t walk(
    const Log& log, std::uint32_t begin, std::uint32_t end, std::span<const std::uint32_t> steps,
    std::int64_t within_us
) {
  std::size_t done = 1;
  for (std::uint32_t i = begin + 1; i < end && done < steps.size(); ++i) {
    if (log.at_us[i] - log.at_us[begin] > within_us) break;
    if (log.event[i] == steps[done]) ++done;
  }
  return done;
}

}  // namespace

std::vector<std::uint64_t> funnel(
    const Log& log, std::span<const std::uint32_t> steps, std::int64_t within_us, bool any
) {
  std::vector<std::uint64_t> out(steps.size(), 0);
  for (std::size_t who = 0; who < log.size(); ++who) {
    std::size_t best = 0;
    for (std::uint32_t i = log.first[who]; i < log.first[who + 1] && best < steps.size(); ++i) {
      if (log.event[i] != steps[0]) continue;
      best = std::max(best, walk(log, i, log.first[who + 1], steps, within_us));
      if (!any) break;
    }
    for (std::size_t k = 0; k < best; ++k) ++out[k];
  }
  return out;
}

Passages passages(const Log& log) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<double>> gaps;
  Passages out{
      .leaving = std::vector<std::uint64_t>(log.names.size(), 0),
      .last = std::vector<std::uint64_t>(log.names.size(), 0)};
  for (std::size_t who = 0; who < log.size(); ++who) {
    for (std::uint32_t i = log.first[who]; i < log.first[who + 1]; ++i) {
      if (i + 1 == log.first[who + 1]) {
        ++out.last[log.event[i]];
        continue;
      }
      ++out.leaving[log.event[i]];
      gaps[{log.event[i], log.event[i + 1]}].push_back(
          static_cast<double>(log.at_us[i + 1] - log.at_us[i])
      );
    }
  }
  for (auto& [pair, times] : gaps)
    out.list.push_back({pair.first, pair.second, times.size(), median(times)});
  std::ranges::stable_sort(out.list, std::greater<>(), &Passage::count);
  return out;
}

std::vector<std::pair<std::vector<std::uint32_t>, std::uint64_t>> variants(
    const Log& log, std::size_t most
) {
  std::map<std::vector<std::uint32_t>, std::uint64_t> counts;
  for (std::size_t who = 0; who < log.size(); ++who) {
    if (log.first[who] == log.first[who + 1]) continue;
    ++counts[{log.event.begin() + log.first[who], log.event.begin() + log.first[who + 1]}];
  }
  std::vector<std::pair<std::vector<std::uint32_t>, std::uint64_t>> out(
      counts.begin(), counts.end()
  );
  std::ranges::stable_sort(out, std::greater<>(), [](const auto& v) { return v.second; });
  if (out.size() > most) out.resize(most);
  return out;
}

}  // namespace hospes::insight
