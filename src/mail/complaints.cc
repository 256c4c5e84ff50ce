#include "mail/complaints.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace hospes::mail {
namespace {

constexpr std::int64_t a_day_us = 86'400'000'000;
constexpr std::uint64_t complaints_bytes_max = std::uint64_t{64} << 20;
constexpr std::uint64_t written_every = 500;
constexpr const char* complaints_file = "complaints";

std::string_view next_word(std::string_view& rest) {
  const std::string_view out = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(rest.size(), out.size() + 1));
  return out;
}

std::optional<std::int64_t> next_number(std::string_view& rest) {
  const std::string_view text = next_word(rest);
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || out < 0) return std::nullopt;
  return out;
}

std::string counted(std::string_view what, std::string_view name, std::int64_t day, std::uint64_t count) {
  return std::string(what).append(" ").append(name) + " " + std::to_string(day) + " " + std::to_string(count) + "\n";
}

std::string happened(std::string_view what, std::string_view name, Instant at) {
  return std::string(what).append(" ").append(name) + " " + std::to_string(at.us);
}

}  // namespace

Result<std::unique_ptr<Complaints>> Complaints::open(
    disk::Disk& disk, const std::string& folder, Instant now
) {
  std::unique_ptr<Complaints> out(new Complaints());
  out->lines_ = TRY(Lines::open(disk, folder, complaints_file, complaints_bytes_max, [&](std::string_view line) {
    return out->take(line);
  }));
  TRY(out->lines_->replace(out->compact(now.us / a_day_us)));
  return out;
}

bool Complaints::take(std::string_view line) {
  const std::string_view what = next_word(line), name = next_word(line);
  const auto when = next_number(line);
  if (name.empty() || !when) return false;
  if (what == "begun") {
    begun_ = {*when};
    return line.empty();
  }
  Held& held = held_[std::string(name)];
  if (what == "stopped") {
    held.stopped = true;
    held.since = {*when};
    return line.empty();
  }
  if (what == "reopened") {
    held = {.reopened = {*when}, .reopened_by = std::string(line)};
    return !line.empty();
  }
  const auto count = next_number(line);
  if (!count || !line.empty() || (what != "sent" && what != "complaint")) return false;
  Day& day = held.days[*when];
  (what == "sent" ? day.sent : day.complaints) += static_cast<std::uint64_t>(*count);
  return true;
}

/// The lines that say the same, without what the window has left behind.
std::string Complaints::compact(std::int64_t today) const {
  std::string out = begun_ ? happened("begun", "all", *begun_) + "\n" : "";
  for (const auto& [name, held] : held_) {
    if (!held.reopened_by.empty())
      out += happened("reopened", name, held.reopened) + " " + held.reopened_by + "\n";
    for (const auto& [day, n] : held.days) {
      if (day <= today - days) continue;
      if (n.sent > 0) out += counted("sent", name, day, n.sent);
      if (n.complaints > 0) out += counted("complaint", name, day, n.complaints);
    }
    if (held.stopped) out += happened("stopped", name, held.since) + "\n";
  }
  return out;
}

/// What was sent and stands in no line yet.
std::string Complaints::unwritten(std::string_view name, Held& held) {
  if (held.unwritten == 0) return {};
  return counted("sent", name, held.days.rbegin()->first, std::exchange(held.unwritten, 0));
}

Complaints::Standing Complaints::sum(const Held& held, std::int64_t today) {
  Standing out{.stopped = held.stopped, .since = held.since, .reopened_by = held.reopened_by,
               .reopened = held.reopened};
  for (const auto& [day, n] : held.days) {
    if (day <= today - days) continue;
    out.sent += n.sent;
    out.complaints += n.complaints;
  }
  return out;
}

void Complaints::sent(std::string_view destination, Instant now) {
  const std::int64_t today = now.us / a_day_us;
  const std::lock_guard lock(mutex_);
  Held& held = held_[std::string(destination)];
  std::string lines;
  if (held.unwritten >= written_every || (!held.days.empty() && held.days.rbegin()->first != today))
    lines = unwritten(destination, held);
  held.days.erase(held.days.begin(), held.days.upper_bound(today - days));
  ++held.days[today].sent;
  ++held.unwritten;
  if (!lines.empty()) (void)lines_->add(lines);  // lost, it makes the rate look higher
}

Result<bool> Complaints::complained(std::string_view destination, Instant now) {
  const std::int64_t today = now.us / a_day_us;
  const std::lock_guard lock(mutex_);
  Held& held = held_[std::string(destination)];
  std::string lines = unwritten(destination, held);
  ++held.days[today].complaints;
  lines += counted("complaint", destination, today, 1);
  const bool stops = stop_if_many(held, now);
  if (stops) lines += happened("stopped", destination, now) + "\n";
  TRY(lines_->add(lines));
  return stops;
}

bool Complaints::stop_if_many(Held& held, Instant now) {
  const Standing s = sum(held, now.us / a_day_us);
  if (held.stopped || s.complaints < least || s.complaints * 1'000 < per_thousand_max * s.sent) return false;
  held.stopped = true;
  held.since = now;
  return true;
}

Status Complaints::restore(const std::vector<Counted>& counted, Instant now) {
  const std::lock_guard lock(mutex_);
  begun_ = now;
  for (const Counted& c : counted) {
    Day& day = held_[c.destination].days[c.day];
    day.sent += c.sent;
    day.complaints += c.complaints;
  }
  for (auto& [name, held] : held_) stop_if_many(held, now);
  return lines_->replace(compact(now.us / a_day_us));
}

Status Complaints::reopen(std::string_view destination, std::string_view who, Instant now) {
  const std::lock_guard lock(mutex_);
  const auto at = held_.find(destination);
  if (at == held_.end() || !at->second.stopped)
    return fail(Code::conflict, "marketing mail of this destination is not stopped");
  std::string name(who);
  std::ranges::replace_if(name, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  if (name.empty()) name = "somebody";
  TRY(lines_->add(happened("reopened", destination, now) + " " + name + "\n"));
  at->second = {.reopened = now, .reopened_by = std::move(name)};
  return {};
}

bool Complaints::stopped(std::string_view destination) const {
  const std::lock_guard lock(mutex_);
  const auto at = held_.find(destination);
  return at != held_.end() && at->second.stopped;
}

Complaints::Standing Complaints::of(std::string_view destination, Instant now) const {
  const std::lock_guard lock(mutex_);
  const auto at = held_.find(destination);
  return at == held_.end() ? Standing{} : sum(at->second, now.us / a_day_us);
}

}  // namespace hospes::mail
