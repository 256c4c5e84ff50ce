// What a whole CSV shows of itself, gathered in one walk before anything is decided. Memory: some
// hundred bytes a column.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "intake/text_file.h"
#include "table/dates.h"
#include "table/numbers.h"

namespace hospes::intake {

inline constexpr std::size_t table_columns_max = 1'000;

/// What a file with types says of a column.
enum class ColumnTold : std::uint8_t { nothing, text, number };

struct ColumnFacts {
  std::string header;
  ColumnTold told = ColumnTold::nothing;
  std::uint64_t filled = 0;
  std::string sample;              // the first cell that is not empty, at most 60 bytes
  table::NumberEvidence numbers;
  table::DateEvidence dates;
  std::uint64_t date_cells = 0;    // with a four-digit year, and not only digits
  std::uint64_t compact_cells = 0, short_year_line = 0;
  std::uint64_t not_date_line = 0, zoned_cells = 0, timed_cells = 0;
  std::uint64_t boolean_cells = 0;  // true, false, oui, non, …
};

struct TableFacts {
  std::string file;  // its name, for errors
  std::string encoding;
  std::size_t mark_bytes = 0;
  char separator = ',';
  bool told_separator = false;  // the first line says sep=;
  bool by_row = false;          // its lines are nobody's: numbers are of rows, the header 0
  std::uint64_t rows = 0, ragged = 0;
  std::vector<ColumnFacts> columns;
};

struct TableHints {
  std::string encoding;
  char separator = 0;
  bool by_row = false;
};

/// Walks the file twice: its bytes, then its rows. invalid_input asks about the encoding, the
/// separator, a header that is none; `stopping` ends it with unavailable.
Result<TableFacts> look_at(const std::string& path, const TableHints& hints);

/// Opens it again for reading rows, the header already passed.
Result<RowStream> rows_of(const std::string& path, const TableFacts& facts);

/// A cell as it is meant: `="00123"`, by which spreadsheets keep zeros, is 00123; \N and NULL are
/// empty.
std::string_view plain_cell(std::string_view cell);
/// Nothing when it is neither. true: oui, yes, vrai, true.
std::optional<bool> boolean(std::string_view cell);

}  // namespace hospes::intake
