// The only file that speaks to the zone library, which throws.
#include "portal/day.h"

#include <date/tz.h>

namespace hospes::portal {
namespace {

using Microseconds = date::sys_time<std::chrono::microseconds>;

Result<const date::time_zone*> zone_named(std::string_view zone) {
  try {
    return date::locate_zone(std::string(zone));
  } catch (const std::exception&) {
    return fail(
        Code::unavailable,
        "no time zone data for " + std::string(zone) + " on this machine; install tzdata"
    );
  }
}

date::local_days day_of(const date::time_zone& zone, Instant at) {
  return date::floor<date::days>(zone.to_local(Microseconds(std::chrono::microseconds(at.us))));
}

}  // namespace

Result<Instant> day_began(std::string_view zone, Instant at) {
  const date::time_zone* found = TRY(zone_named(zone));
  const auto midnight = found->to_sys(day_of(*found, at), date::choose::earliest);
  return Instant{std::chrono::microseconds(midnight.time_since_epoch()).count()};
}

Result<std::string> date_of(std::string_view zone, Instant at) {
  const date::time_zone* found = TRY(zone_named(zone));
  return date::format("%F", day_of(*found, at));
}

}  // namespace hospes::portal
