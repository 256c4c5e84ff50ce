// Typed readings of text columns: names, numbers, dates.
#include <fmt/format.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <charconv>
#include <cmath>
#include <optional>

#include "insight/columns.h"
#include "table/dates.h"

namespace hospes::insight {
namespace {

using table::Form;

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
    const Columns& table, std::size_t column, const std::vector<table::Stamp>& stamps, DateOrder order
) {
  if (order != DateOrder::as_found) return order == DateOrder::month_first;
  table::DateEvidence seen;
  for (std::size_t row = 0; row < stamps.size(); ++row) seen.add(stamps[row], row + 1);
  if (seen.day_line != 0 && seen.month_line != 0)
    return fail(
        Code::invalid_input,
        fmt::format(
            "{} is written day first at {} and month first at {}; write all as YYYY-MM-DD",
            table.names()[column], table.place(seen.day_line - 1), table.place(seen.month_line - 1)
        )
    );
  if (seen.day_line == 0 && seen.month_line == 0 && seen.ambiguous_line != 0)
    return fail(
        Code::invalid_input,
        fmt::format(
            "{}: {} \"{}\" may be read day first or month first; write YYYY-MM-DD, or say --dates "
            "dmy or --dates mdy",
            table.place(seen.ambiguous_line - 1), table.names()[column],
            table.text(column, seen.ambiguous_line - 1)
        )
    );
  return seen.month_line != 0;
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
  std::vector<table::Stamp> stamps;
  stamps.reserve(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    stamps.push_back(table::stamp(table.text(column, row)));
    const table::Stamp& s = stamps.back();
    if (s.form == Form::none || s.form == Form::short_year) return not_a_date(table, column, row);
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
    const auto at = table::wall_us(stamps[row], swapped);
    if (!at) return not_a_date(table, column, row);
    out.push_back(*at);
  }
  return out;
}

}  // namespace hospes::insight
