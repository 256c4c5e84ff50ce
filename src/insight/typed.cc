// Typed readings of text columns: names, numbers, dates.
#include <fmt/format.h>

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

#include "insight/columns.h"

namespace hospes::insight {
namespace {

std::optional<double> number(std::string_view text, bool decimal_comma) {
  std::string with_point;
  if (decimal_comma && text.find(',') != std::string_view::npos) {
    if (text.find('.') != std::string_view::npos) return std::nullopt;
    with_point = text;
    with_point[with_point.find(',')] = '.';
    text = with_point;
  }
  double out = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (text.empty() || error != std::errc() || stop != end || !std::isfinite(out))
    return std::nullopt;
  return out;
}

enum class Form : unsigned char { none, iso, compact, parted };
struct Stamp {
  Form form = Form::none;
  char mark = '-';  // between the parts
  std::array<int, 3> parts{};
  std::int64_t time_us = 0;
};

std::optional<int> whole(std::string_view text) {
  int out = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || text[0] == '-' || error != std::errc() || stop != text.data() + text.size())
    return std::nullopt;
  return out;
}

/// `HH:MM[:SS[.fraction]][Z]` as microseconds of the day.
std::optional<std::int64_t> time_of_day(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() < 5 || text[2] != ':') return std::nullopt;
  const auto hour = whole(text.substr(0, 2)), minute = whole(text.substr(3, 2));
  double second = 0;
  if (text.size() > 5) {
    if (text[5] != ':' || text.size() < 8) return std::nullopt;
    const auto read = number(text.substr(6), false);
    if (!read || *read < 0 || *read >= 61) return std::nullopt;
    second = *read;
  }
  if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  return (std::int64_t{*hour} * 60 + *minute) * 60'000'000 +
         static_cast<std::int64_t>(std::llround(second * 1e6));
}

Stamp stamp(std::string_view text) {
  Stamp out;
  const auto gap = text.find_first_of(" T");
  if (gap != std::string_view::npos) {
    const auto time = time_of_day(text.substr(gap + 1));
    if (!time) return {};
    out.time_us = *time;
    text = text.substr(0, gap);
  }
  if (text.size() == 8 && whole(text)) {
    out.form = Form::compact;
    out.parts = {*whole(text.substr(0, 4)), *whole(text.substr(4, 2)), *whole(text.substr(6))};
    return out;
  }
  const auto first = text.find_first_of("-/.");
  if (first == std::string_view::npos) return {};
  out.mark = text[first];
  const auto second = text.find(out.mark, first + 1);
  if (second == std::string_view::npos) return {};
  const std::array parts = {
      text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto part = whole(parts[i]);
    if (!part) return {};
    out.parts[i] = *part;
  }
  if (parts[0].size() == 4 && parts[1].size() <= 2 && parts[2].size() <= 2)
    out.form = Form::iso;
  else if (parts[2].size() == 4 && parts[0].size() <= 2 && parts[1].size() <= 2)
    out.form = Form::parted;
  return out;
}

std::optional<std::int64_t> instant(const Stamp& s, bool month_first) {
  auto [year, month, day] = s.parts;
  if (s.form == Form::parted) {
    year = s.parts[2];
    month = s.parts[month_first ? 0 : 1];
    day = s.parts[month_first ? 1 : 0];
  }
  const std::chrono::year_month_day date{
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
      std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || year < 1900 || year > 2200) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * day_us + s.time_us;
}

std::unexpected<Error> not_a_date(const Columns& table, std::size_t column, std::size_t row) {
  return fail(
      Code::invalid_input, fmt::format(
                               "{}: {} \"{}\" is no date between 1900 and 2200; write YYYY-MM-DD",
                               table.place(row), table.names()[column], table.text(column, row)
                           )
  );
}

/// Which way round the parted dates of a column stand, from the values that allow one reading only.
Result<bool> month_first(
    const Columns& table, std::size_t column, const std::vector<Stamp>& stamps, DateOrder order
) {
  if (order != DateOrder::as_found) return order == DateOrder::month_first;
  std::optional<std::size_t> day_row, month_row;
  for (std::size_t row = 0; row < stamps.size(); ++row) {
    if (stamps[row].parts[0] > 12 && !day_row) day_row = row;
    if (stamps[row].parts[1] > 12 && !month_row) month_row = row;
  }
  if (day_row && month_row)
    return fail(
        Code::invalid_input,
        fmt::format(
            "{} is written day first at {} and month first at {}; write all as YYYY-MM-DD",
            table.names()[column], table.place(*day_row), table.place(*month_row)
        )
    );
  if (!day_row && !month_row)
    return fail(
        Code::invalid_input, fmt::format(
                                 "{}: {} \"{}\" may be read day first or month first; write "
                                 "YYYY-MM-DD, or say --dates dmy or "
                                 "--dates mdy",
                                 table.place(0), table.names()[column], table.text(column, 0)
                             )
    );
  return month_row.has_value();
}

}  // namespace

Keys keys(const Columns& table, std::size_t column) {
  Keys out;
  out.codes.reserve(table.rows());
  boost::unordered_flat_map<std::string_view, std::uint32_t> known;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string_view text = table.text(column, row);
    if (text.empty()) {
      out.codes.push_back(Keys::none);
      continue;
    }
    const auto [it, fresh] = known.try_emplace(text, static_cast<std::uint32_t>(out.names.size()));
    if (fresh) out.names.push_back(text);
    out.codes.push_back(it->second);
  }
  return out;
}

Result<std::vector<double>> numbers(const Columns& table, std::size_t column) {
  std::vector<double> out;
  out.reserve(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto value = number(table.text(column, row), table.decimal_comma());
    if (!value)
      return fail(
          Code::invalid_input,
          fmt::format(
              "{}: {} \"{}\" is no number; write digits with a decimal point, or leave the row out",
              table.place(row), table.names()[column], table.text(column, row)
          )
      );
    out.push_back(*value);
  }
  return out;
}

Result<std::vector<std::int64_t>> instants(
    const Columns& table, std::size_t column, DateOrder order
) {
  std::vector<Stamp> stamps;
  stamps.reserve(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    stamps.push_back(stamp(table.text(column, row)));
    const Stamp& s = stamps.back();
    if (s.form == Form::none) return not_a_date(table, column, row);
    if (s.form != stamps[0].form || s.mark != stamps[0].mark)
      return fail(
          Code::invalid_input,
          fmt::format(
              "{} is written in two ways: \"{}\" at {}, \"{}\" at {}; write all as YYYY-MM-DD",
              table.names()[column], table.text(column, 0), table.place(0), table.text(column, row),
              table.place(row)
          )
      );
  }
  bool swapped = false;
  if (!stamps.empty() && stamps[0].form == Form::parted)
    swapped = TRY(month_first(table, column, stamps, order));
  std::vector<std::int64_t> out;
  out.reserve(stamps.size());
  for (std::size_t row = 0; row < stamps.size(); ++row) {
    const auto at = instant(stamps[row], swapped);
    if (!at) return not_a_date(table, column, row);
    out.push_back(*at);
  }
  return out;
}

}  // namespace hospes::insight
