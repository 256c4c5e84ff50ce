// Local dates and times of day, by the IANA database compiled into the program. Pure: no file of
// the host, no clock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace hospes::zones {

/// A stretch of time in which a zone keeps one offset: local time runs evenly in it.
struct Stretch {
  std::int64_t offset_us = 0;         // local = UTC + offset
  Instant until = Instant::never();  // first instant of the next stretch
};

/// One zone of the database. Lives as long as the program.
class Zone {
 public:
  /// That which holds `at`. Cost: some ten nanoseconds.
  Stretch stretch(Instant at) const;

  struct Held;  // of cctz, behind the .cc
  explicit Zone(const Held& held) : held_(held) {}

 private:
  const Held& held_;
};

/// Null when the database has no such zone. Names as IANA spells them: "Europe/Paris", "UTC".
/// Thread-safe; a zone is read once.
const Zone* find(std::string_view name);
/// The same; unavailable says what to write.
Result<const Zone*> named(std::string_view name);
const Zone& utc();

/// Of the database: "2026c".
std::string_view version();

// Civil days are counted from 1970-01-01, in the proleptic Gregorian calendar.

struct Local {
  std::int64_t day = 0;     // since 1970-01-01
  std::int64_t us = 0;      // since that day's midnight on the wall
};
Local local(const Zone& zone, Instant at);
/// The other way: the first instant at which the wall shows `wall` (both together, in microseconds
/// since 1970-01-01); where the clock skips it, the instant of the jump. Cost: as two stretches.
Instant instant_of(const Zone& zone, std::int64_t wall_us);

/// `2026-12-01 10:00`, or with `:30` behind it, as microseconds on the wall since 1970-01-01, for instant_of. Nothing: no such
/// day or time.
std::optional<std::int64_t> wall_of(std::string_view text);
std::string wall_text(std::int64_t wall_us);

struct Date {
  int year = 1970;
  unsigned month = 1, day = 1;
};
Date date_of(std::int64_t day);
std::int64_t day_of(const Date& date);
/// 0: Monday … 6: Sunday (ISO 8601).
unsigned weekday_of(std::int64_t day);

}  // namespace hospes::zones
