// The one file of the room that speaks to the zone library, which throws.
#include "intake/zone.h"

#include <date/tz.h>

namespace hospes::intake {
namespace {

constexpr std::int64_t second_us = 1'000'000;

}  // namespace

Result<Zone> Zone::find(const std::string& name) {
  try {
    Zone out;
    out.zone_ = date::locate_zone(name);
    return out;
  } catch (const std::exception&) {
    return fail(
        Code::unavailable, "no time zone data for \"" + name + "\" on this machine; write an IANA "
                           "name such as Europe/Paris, or install tzdata"
    );
  }
}

Instant Zone::utc(std::int64_t wall_us) {
  if (wall_us >= begin_us_ && wall_us < end_us_) return {wall_us - offset_us_};
  const auto& zone = *static_cast<const date::time_zone*>(zone_);
  const date::local_time<std::chrono::microseconds> wall{std::chrono::microseconds(wall_us)};
  const auto info = zone.get_info(wall);
  const std::int64_t offset = std::chrono::seconds(info.first.offset).count() * second_us;
  if (info.result == date::local_info::nonexistent)
    return {std::chrono::microseconds(info.first.end.time_since_epoch()).count()};
  if (info.result == date::local_info::unique) {
    // A day from either change nothing is shown twice or skipped.
    constexpr std::int64_t day = 86'400 * second_us;
    begin_us_ = std::chrono::microseconds(info.first.begin.time_since_epoch()).count() + offset + day;
    end_us_ = std::chrono::microseconds(info.first.end.time_since_epoch()).count() + offset - day;
    offset_us_ = offset;
  }
  return {wall_us - offset};
}

}  // namespace hospes::intake
