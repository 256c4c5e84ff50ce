// Dates as people write them. A Stamp is what stands there; which of D/M/Y and M/D/Y it is, one
// stamp cannot tell and a column often can: DateEvidence.
//
//   date = Y-M-D | YYYYMMDD | D/M/Y or M/D/Y | D/M/YY … | D monthname Y; "-", "/" or "." between
//   time = [T or blank] HH:MM[:SS[.fraction]] [Z | UTC | ±HH:MM | ±HHMM]; "14h05" as well
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hospes::table {

inline constexpr std::int64_t day_us = 86'400'000'000;

enum class Form : std::uint8_t {
  none,        // no date
  iso,         // year first
  compact,     // YYYYMMDD
  parted,      // two parts of one or two digits, then the year
  short_year,  // three parts of two digits: nobody can tell
  named        // with the month's name, French or English
};

struct Stamp {
  Form form = Form::none;
  char mark = '-';              // between the parts
  std::array<int, 3> parts{};   // as they stand; named: day, month, year
  std::int64_t time_us = 0;     // of the day
  bool has_time = false;
  std::optional<int> offset_minutes;  // of its zone, when it says so
};

Stamp stamp(std::string_view text);

enum class DateOrder : std::uint8_t { as_found, day_first, month_first };

/// Microseconds since 1970-01-01, in its own zone when it names one (then UTC), else as on the
/// wall. Nothing when there is no such day, or its year is not 1900 to 2200. A short year counts
/// from 1970 to 2069, and its parts stand as `month_first` says.
std::optional<std::int64_t> wall_us(const Stamp& stamp, bool month_first);

/// What a column's stamps show of their order. Lines are whatever the caller counts, 0 is none.
struct DateEvidence {
  std::uint64_t day_line = 0;        // the first that can only be day first
  std::uint64_t month_line = 0;      // the first that can only be month first
  std::uint64_t ambiguous_line = 0;  // the first that can be both, and differs
  void add(const Stamp& stamp, std::uint64_t line);
};

}  // namespace hospes::table
