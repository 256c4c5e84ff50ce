#include "server/moves.h"

#include <algorithm>

namespace hospes::server {
namespace {

constexpr std::int64_t second_us = 1'000'000;

Moves::Row& row_of(std::vector<Moves::Row>& rows, segment::SegmentIndex segment) {
  const auto at = std::ranges::find(rows, segment, &Moves::Row::segment);
  return at == rows.end() ? rows.emplace_back(Moves::Row{.segment = segment}) : *at;
}

}  // namespace

void Moves::forget(Instant now) {
  const std::int64_t first = (now - window).us / second_us;
  while (!seconds_.empty() && seconds_.front().second < first) seconds_.pop_front();
}

void Moves::add(const std::vector<flow::Transition>& transitions, Instant now) {
  const std::lock_guard lock(mutex_);
  const std::int64_t second = now.us / second_us;
  if (seconds_.empty() || seconds_.back().second < second) {
    forget(now);
    seconds_.push_back({second, {}});
  }
  for (const flow::Transition& t : transitions) {
    Row& row = row_of(seconds_.back().rows, t.segment);
    ++(t.entered ? row.in : row.out);
    row.simulated = row.simulated || t.simulated;
    newest_.push_front(t);
  }
  while (newest_.size() > newest_max) newest_.pop_back();
}

std::vector<Moves::Row> Moves::rows(Instant now) {
  std::vector<Row> sum;
  const std::lock_guard lock(mutex_);
  forget(now);
  for (const Second& s : seconds_) {
    for (const Row& r : s.rows) {
      Row& row = row_of(sum, r.segment);
      row.in += r.in;
      row.out += r.out;
      row.simulated = row.simulated || r.simulated;
    }
  }
  std::ranges::stable_sort(sum, std::ranges::greater{}, [](const Row& r) { return r.in + r.out; });
  return sum;
}

std::vector<flow::Transition> Moves::newest() {
  const std::lock_guard lock(mutex_);
  return {newest_.begin(), newest_.end()};
}

}  // namespace hospes::server
