// Plain columns in: what every report and model reads. A table of text cells from a delimited file,
// and typed readings of its columns whose errors name the line, the value and what to write
// instead.
//
//   file   = header line, then one line a row; "," ";" tab or blanks, whichever the header shows;
//   quotes as RFC 4180 number = -?digits[.digits]; with ";" between cells also digits,digits date
//   = YYYY-MM-DD or YYYYMMDD, or D/M/Y or M/D/Y when the column itself tells which; a time of day
//   may follow
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/dates.h"

namespace hospes::insight {

inline constexpr std::size_t columns_max = 2'000;
inline constexpr std::size_t cells_max = 200'000'000;

class Columns {
 public:
  /// `name` stands in errors. invalid_input names the first line that does not fit the header;
  /// over_limit beyond `cells_max`.
  static Result<Columns> parse(std::string text, std::string name);
  /// Rows of another file with the same header, below these.
  Status append(Columns other);
  /// Only the rows whose `column` reads `value`; not_found names the nearest column.
  Status keep(std::string_view column, std::string_view value);

  std::size_t rows() const { return lines_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  const std::string& file() const { return file_; }
  /// not_found names the nearest.
  Result<std::size_t> find(std::string_view column) const;
  std::string_view text(std::size_t column, std::size_t row) const { return cells_[column][row]; }
  /// `orders.csv:12`, for errors.
  std::string place(std::size_t row) const;
  bool decimal_comma() const { return decimal_comma_; }

 private:
  std::string file_;
  std::vector<std::shared_ptr<const std::string>> texts_;  // what the cells point into
  std::vector<std::string> names_;
  std::vector<std::vector<std::string_view>> cells_;        // by column
  std::vector<std::uint32_t> lines_;                        // of each row, from 1
  std::vector<std::pair<std::size_t, std::string>> parts_;  // first row of each file
  bool decimal_comma_ = false;
};

/// A column of names, each distinct one once, in the order of first appearance.
struct Keys {
  static constexpr std::uint32_t none = 0xffffffff;  // an empty cell
  std::vector<std::uint32_t> codes;
  std::vector<std::string_view> names;
};
Keys keys(const Columns& table, std::size_t column);

/// Every cell a finite number. An empty cell, NaN or text is invalid_input with its place.
Result<std::vector<double>> numbers(const Columns& table, std::size_t column);

using table::DateOrder;

/// Microseconds since 1970-01-01 of every cell. invalid_input for two forms in one column, and for
/// a column that could be read both ways round.
Result<std::vector<std::int64_t>> instants(
    const Columns& table, std::size_t column, DateOrder order = DateOrder::as_found
);
inline constexpr std::int64_t day_us = 86'400'000'000;

}  // namespace hospes::insight
