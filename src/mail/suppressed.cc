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
  TRY(disk.make_folder(folder));
  const std::string path = folder + "/" + file_name;
  auto text = disk::read_all(disk, path, file_bytes_max);
  if (!text) {
    if (text.error().code != Code::not_found) return std::unexpected(text.error());
    TRY(disk.open(path, disk::Mode::create));
    TRY(disk.sync_folder(folder));
    text = std::string();
  }
  std::string_view rest = *text;
  const std::size_t whole = rest.rfind('\n') == rest.npos ? 0 : rest.rfind('\n') + 1;
  rest = rest.substr(0, whole);  // a torn last line was never answered for
  auto file = TRY(disk.open(path, disk::Mode::write));
  std::unique_ptr<Suppressed> out(new Suppressed(std::move(file), whole));
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    const auto line = read_line(rest.substr(0, end));
    if (!line)
      return fail(Code::corrupt, path + ":" + std::to_string(number) + "  is no line of this list");
    out->held_[std::string(line->name)].take(line->reason, line->day);
    rest.remove_prefix(end + 1);
  }
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
  TRY(file_->write(end_, line));
  TRY(file_->sync());
  end_ += line.size();
  held_[std::string(name)].take(reason, day);
  return {};
}

std::size_t Suppressed::size() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

}  // namespace hospes::mail
