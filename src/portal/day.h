// Where a day begins in the house's time zone. Private to portal/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace hospes::portal {

/// The last midnight at or before `at` in an IANA zone; where the clock skips midnight, the first
/// instant of the day. unavailable when there is no such zone. Cost: well under a microsecond.
Result<Instant> day_began(std::string_view zone, Instant at);

/// A day since 1970-01-01, as 2026-03-01.
std::string date_text(std::int64_t day);
/// The date of `at` there, as 2026-03-01.
Result<std::string> date_of(std::string_view zone, Instant at);

}  // namespace hospes::portal
