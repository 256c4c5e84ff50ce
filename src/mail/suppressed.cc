#include "mail/suppressed.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace hospes::mail {
namespace {

constexpr std::array<std::string_view, 3> reasons{"gone", "complaint", "soft"};
constexpr std::size_t name_bytes = 24;
constexpr std::uint64_t file_bytes_max = std::uint64_t{1} << 30;
constexpr std::int64_t day_us = 86'400'000'000;
constexpr const char* file_name = "suppressed";

bool is_name(std::string_view text) {
  return text.size() == name_bytes && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

struct Line {
  std::string_view name;
  Suppressed::Reason reason = Suppressed::Reason::gone;
  std::int64_t day = 0;
};

std::optional<Line> read_line(std::string_view text) {
  Line out;
  if (text.size() < name_bytes + 2 || !is_name(text.substr(0, name_bytes))) return std::nullopt;
  out.name = text.substr(0, name_bytes);
  text.remove_prefix(name_bytes + 1);
  const std::size_t space = std::min(text.find(' '), text.size());
  const auto reason = std::ranges::find(reasons, text.substr(0, space));
  if (reason == reasons.end() || space == text.size()) return std::nullopt;
  out.reason = static_cast<Suppressed::Reason>(reason - reasons.begin());
  text.remove_prefix(space + 1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.day);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

bool Suppressed::Held::known(Reason reason, std::int64_t day) const {
  if (reason == Reason::gone) return gone;
  if (reason == Reason::complaint) return complained;
  return gone || last_soft == day;  // one a day counts
}

void Suppressed::Held::take(Reason reason, std::int64_t day) {
  if (reason == Reason::gone) gone = true;
  if (reason == Reason::complaint) complained = true;
  if (reason != Reason::soft) return;
  if (soft == 0) first_soft = day;
  last_soft = day;
  ++soft;
  if (soft >= soft_max && last_soft - first_soft >= soft_days) gone = true;
}

Result<std::unique_ptr<Suppressed>> Suppressed::open(disk::Disk& disk, const std::string& folder) {
  std::unique_ptr<Suppressed> out(new Suppressed());
  out->lines_ = TRY(Lines::open(disk, folder, file_name, file_bytes_max, [&](std::string_view text) {
    const auto line = read_line(text);
    if (line) out->held_[std::string(line->name)].take(line->reason, line->day);
    return line.has_value();
  }));
  return out;
}

bool Suppressed::stops(std::string_view name, bool marketing) const {
  const std::lock_guard lock(mutex_);
  const auto at = held_.find(std::string(name));
  return at != held_.end() && (at->second.gone || (marketing && at->second.complained));
}

bool Suppressed::complained(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto at = held_.find(std::string(name));
  return at != held_.end() && at->second.complained;
}

Status Suppressed::add(std::string_view name, Reason reason, Instant now) {
  if (!is_name(name))
    return fail(Code::invalid_input, "an address is named by 24 hexadecimal digits");
  const std::int64_t day = now.us / day_us;
  const std::lock_guard lock(mutex_);
  const auto at = held_.find(std::string(name));
  if (at != held_.end() && at->second.known(reason, day)) return {};
  if (held_.size() >= names_max)
    return fail(Code::over_limit, "the list of suppressed addresses is full");
  const std::string line = std::string(name) + " " +
                           std::string(reasons[static_cast<std::size_t>(reason)]) + " " +
                           std::to_string(day) + "\n";
  TRY(lines_->add(line));
  held_[std::string(name)].take(reason, day);
  return {};
}

std::size_t Suppressed::size() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

}  // namespace hospes::mail
