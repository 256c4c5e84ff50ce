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

std::string date_text(std::int64_t day) {
  const zones::Date date = zones::date_of(day);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

Result<std::string> date_of(std::string_view zone, Instant at) {
  const zones::Zone& found = *TRY(zones::named(zone));
  return date_text(zones::local(found, at).day);
}

}  // namespace hospes::portal
