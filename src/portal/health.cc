#include "portal/health.h"

#include <algorithm>
#include <vector>

#include "portal/tell.h"

namespace hospes::portal {
namespace {

constexpr std::int64_t minute_us = 60'000'000;

std::uint64_t& of(Health::Counts& counts, collect::Verdict verdict) {
  switch (verdict) {
    case collect::Verdict::accepted:
      return counts.accepted;
    case collect::Verdict::withheld:
      return counts.withheld;
    case collect::Verdict::rejected:
      break;
  }
  return counts.refused;
}

void add(Health::Counts& sum, const Health::Counts& more) {
  sum.accepted += more.accepted;
  sum.withheld += more.withheld;
  sum.refused += more.refused;
}

}  // namespace

void Health::arrived(const collect::Arrival& arrival) {
  const std::lock_guard lock(mutex_);
  Row& row = rows_[arrival.source];
  const std::int64_t number = arrival.at.us / minute_us;
  Minute& minute = row.lately[static_cast<std::size_t>(number) % minutes];
  if (minute.number != number) minute = {number, {}};
  ++of(row.total, arrival.verdict);
  ++of(minute.counts, arrival.verdict);
  row.last = Last{arrival.at, arrival.name, verdict_word(arrival.verdict)};
  if (arrival.verdict == collect::Verdict::rejected) ++row.rules[std::string(arrival.rule)];
  if (arrival.verdict != collect::Verdict::accepted) return;
  row.lags.push_back(arrival.lag);
  if (row.lags.size() > lags_max) row.lags.pop_front();
}

void Health::turned_away(const collect::TurnedAway& request) {
  const std::lock_guard lock(mutex_);
  Row& row = rows_[request.source == nullptr ? std::string() : request.source->name];
  Errors& errors = row.errors[request.status];
  ++errors.times;
  errors.last = request.at;
  errors.reason = request.reason;
  errors.origin = request.origin;
}

void Health::admitted(const collect::Admitted& request) {
  const std::lock_guard lock(mutex_);
  rows_[request.source.name].keys[request.key.hash] = request.at;
}

std::optional<Instant> Health::last_use(
    std::string_view source, const catalog::KeyHash& key
) const {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(source);
  if (row == rows_.end()) return std::nullopt;
  const auto at = row->second.keys.find(key);
  return at == row->second.keys.end() ? std::nullopt : std::optional(at->second);
}

Health::Report Health::report(std::string_view source, Instant now) const {
  const std::lock_guard lock(mutex_);
  Report out;
  const auto at = rows_.find(source);
  if (at == rows_.end()) return out;
  const Row& row = at->second;
  out.since_start = row.total;
  out.last = row.last;
  out.errors = row.errors;
  out.rules = row.rules;
  const std::int64_t running = now.us / minute_us;
  for (const Minute& minute : row.lately) {
    const std::int64_t age = running - minute.number;
    if (minute.number == 0 || age < 0 || age >= static_cast<std::int64_t>(minutes)) continue;
    add(out.last_hour, minute.counts);
    // The running minute, and of the one before what a minute reaches back to.
    if (age == 0) out.per_min += minute.counts.accepted;
    if (age == 1)
      out.per_min += (minute.counts.accepted *
                          static_cast<std::uint64_t>(minute_us - now.us % minute_us) +
                      minute_us - 1) /
                     minute_us;
  }
  if (row.lags.empty()) return out;
  std::vector<Duration> lags(row.lags.begin(), row.lags.end());
  std::ranges::sort(lags);
  out.lag_median = lags[lags.size() / 2];
  out.lag_max = lags.back();
  return out;
}

}  // namespace hospes::portal
