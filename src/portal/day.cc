#include "portal/day.h"

#include <fmt/format.h>

#include "zones/zones.h"

namespace hospes::portal {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;

}  // namespace

Result<Instant> day_began(std::string_view zone, Instant at) {
  const zones::Zone& found = *TRY(zones::named(zone));
  return zones::instant_of(found, zones::local(found, at).day * day_us);
}

Result<std::string> date_of(std::string_view zone, Instant at) {
  const zones::Zone& found = *TRY(zones::named(zone));
  const zones::Date date = zones::date_of(zones::local(found, at).day);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

}  // namespace hospes::portal
