#include "zones/zones.h"

#include <cctz/time_zone.h>
#include <cctz/zone_info_source.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

namespace hospes::zones {

namespace {

struct Entry {
  const char* name;
  std::size_t at, size;
};
#include "zones_table.inc"  // bytes, entries, version_of_data: made by tools/make_zones.py

const Entry* entry(std::string_view name) {
  const auto* at = std::ranges::lower_bound(entries, name, {}, [](const Entry& e) {
    return std::string_view(e.name);
  });
  return at != std::end(entries) && name == at->name ? at : nullptr;
}

/// One TZif file of the table, read as cctz reads a file.
class Source final : public cctz::ZoneInfoSource {
 public:
  explicit Source(std::string_view left) : left_(left) {}
  std::size_t Read(void* to, std::size_t size) override {
    size = std::min(size, left_.size());
    std::memcpy(to, left_.data(), size);
    left_.remove_prefix(size);
    return size;
  }
  int Skip(std::size_t size) override {
    if (size > left_.size()) return -1;
    left_.remove_prefix(size);
    return 0;
  }
  std::string Version() const override { return version_of_data; }

 private:
  std::string_view left_;
};

using Fallback =
    std::function<std::unique_ptr<cctz::ZoneInfoSource>(const std::string&)>;  // the host's files

std::unique_ptr<cctz::ZoneInfoSource> from_table(const std::string& name, const Fallback&) {
  const Entry* found = entry(name);
  if (found == nullptr) return nullptr;
  return std::make_unique<Source>(std::string_view(bytes + found->at, found->size));
}

}  // namespace

struct Zone::Held {
  cctz::time_zone zone;
};

namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day_us = 86'400 * second;

std::int64_t floor_of(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Offsets are kept within these years: outside, zones have none to speak of, and cctz's civil
/// years would leave its range.
constexpr Instant first{-62'135'596'800 * second};  // 0001-01-01
constexpr Instant last{253'402'300'799 * second};   // 9999-12-31

struct Kept {
  Zone::Held held;
  Zone zone{held};
};

}  // namespace

const Zone* find(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<Kept>, std::less<>> known;
  const Entry* found = entry(name);
  if (found == nullptr) return nullptr;
  const std::lock_guard lock(mutex);
  auto at = known.find(name);
  if (at == known.end()) {
    auto kept = std::make_unique<Kept>();
    if (!cctz::load_time_zone(std::string(name), &kept->held.zone)) return nullptr;
    at = known.emplace(std::string(name), std::move(kept)).first;
  }
  return &at->second->zone;
}

Result<const Zone*> named(std::string_view name) {
  if (const Zone* zone = find(name)) return zone;
  return fail(
      Code::unavailable, "there is no time zone \"" + std::string(name.substr(0, 64)) +
                             "\"; write an IANA name such as Europe/Paris"
  );
}

const Zone& utc() {
  static const Zone& zone = *find("UTC");
  return zone;
}

std::string_view version() { return version_of_data; }

Stretch Zone::stretch(Instant at) const {
  at = std::clamp(at, first, last);
  const std::chrono::time_point<std::chrono::system_clock, cctz::seconds> when{
      cctz::seconds(floor_of(at.us, second))};
  const std::int64_t offset = held_.zone.lookup(when).offset;
  Stretch out{.offset_us = offset * second};
  cctz::time_zone::civil_transition next;
  if (held_.zone.next_transition(when, &next)) {
    // The old clock's reading at the change, taken back by the old offset.
    const cctz::civil_second epoch;
    out.until = Instant{((next.from - epoch) - offset) * second};
  }
  return out;
}

Local local(const Zone& zone, Instant at) {
  const std::int64_t us = (at + Duration(zone.stretch(at).offset_us)).us;
  const std::int64_t day = floor_of(us, day_us);
  return {day, us - day * day_us};
}

Instant instant_of(const Zone& zone, std::int64_t wall_us) {
  // No offset is a whole day: a day before, the stretch that shows it has not ended.
  Instant begin = Instant{wall_us - day_us};
  for (;;) {
    const Stretch stretch = zone.stretch(begin);
    const Instant at{wall_us - stretch.offset_us};
    if (at < stretch.until) return std::max(at, begin);
    begin = stretch.until;
  }
}

std::optional<std::int64_t> wall_of(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-dd dd:dd:dd";
  constexpr std::size_t seconds = 3;  // may be left out
  if (text.size() != shape.size() && text.size() + seconds != shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i]) return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t digits) {
    int out = 0;
    std::from_chars(text.data() + from, text.data() + from + digits, out);
    return out;
  };
  const Date date{number(0, 4), static_cast<unsigned>(number(5, 2)), static_cast<unsigned>(number(8, 2))};
  const int hour = number(11, 2), minute = number(14, 2);
  const int second = text.size() == shape.size() ? number(17, 2) : 0;
  const bool known = std::chrono::year_month_day(
                         std::chrono::year(date.year), std::chrono::month(date.month), std::chrono::day(date.day)
  ).ok();
  if (!known || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return day_of(date) * day_us + ((hour * 60 + minute) * 60 + second) * 1'000'000LL;
}

std::string wall_text(std::int64_t wall_us) {
  const std::int64_t day = floor_of(wall_us, day_us);
  const Date date = date_of(day);
  const std::int64_t of_day = (wall_us - day * day_us) / 1'000'000, minute = of_day / 60;
  const auto padded = [](std::int64_t n, std::size_t digits) {
    std::string out = std::to_string(n);
    return std::string(digits - std::min(digits, out.size()), '0') + out;
  };
  return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2) + " " +
         padded(minute / 60, 2) + ":" + padded(minute % 60, 2) +
         (of_day % 60 == 0 ? "" : ":" + padded(of_day % 60, 2));
}

Date date_of(std::int64_t day) {
  const std::chrono::year_month_day ymd{std::chrono::sys_days(std::chrono::days(day))};
  return {int(ymd.year()), unsigned(ymd.month()), unsigned(ymd.day())};
}

std::int64_t day_of(const Date& d) {
  const std::chrono::sys_days days = std::chrono::year(d.year) / static_cast<int>(d.month) /
                                     static_cast<int>(d.day);
  return days.time_since_epoch().count();
}

unsigned weekday_of(std::int64_t day) { return static_cast<unsigned>(((day + 3) % 7 + 7) % 7); }

}  // namespace hospes::zones

namespace cctz_extension {
// cctz asks this before any file: the host's are never read.
ZoneInfoSourceFactory zone_info_source_factory = hospes::zones::from_table;
}  // namespace cctz_extension
