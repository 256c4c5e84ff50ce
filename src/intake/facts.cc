#include "intake/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "table/rows.h"

namespace hospes::intake {
namespace {

constexpr std::array separators = {';', ',', '\t', '|'};
constexpr std::size_t sample_rows = 200;

std::string_view name_of(char separator) {
  switch (separator) {
    case ';':
      return ";";
    case ',':
      return ",";
    case '\t':
      return "tab";
    default:
      return "|";
  }
}

std::unexpected<Error> ask(std::string message) {
  return fail(Code::invalid_input, std::move(message));
}

Result<table::ByteEvidence> bytes_of(const std::string& path) {
  TextFile file = TRY(TextFile::open(path));
  table::ByteEvidence out;
  std::string bytes;
  while (TRY(file.read(bytes)) > 0) {
    out.add(bytes);
    bytes.clear();
  }
  return out;
}

/// How the first rows look with one separator.
struct Trial {
  char separator = 0;
  std::size_t cells = 0;   // of the header
  std::size_t agree = 0, rows = 0;
  bool broken = false;
  bool fits() const { return !broken && cells > 1 && agree == rows; }
};

Result<Trial> attempt(const std::string& path, const TableFacts& facts, char separator) {
  RowStream rows(
      TRY(TextFile::open(path)), TRY(table::Decoder::open(facts.encoding)), separator,
      facts.mark_bytes
  );
  Trial out{.separator = separator};
  std::vector<std::string_view> cells;
  while (out.rows < sample_rows) {
    const auto more = rows.next(cells);
    if (!more) out.broken = true;
    if (!more || !*more) break;
    if (out.cells == 0) {
      out.cells = cells.size();
      continue;
    }
    ++out.rows;
    out.agree += cells.size() == out.cells ? 1 : 0;
  }
  return out;
}

/// `sep=;` on the first line, as spreadsheets write it; 0: no.
Result<char> told_separator(const std::string& path, const TableFacts& facts) {
  RowStream rows(
      TRY(TextFile::open(path)), TRY(table::Decoder::open(facts.encoding)), '\n', facts.mark_bytes
  );
  std::vector<std::string_view> cells;
  const auto more = rows.next(cells);
  const bool told = more && *more && cells[0].size() == 5 && cells[0].starts_with("sep=");
  return told ? cells[0][4] : 0;
}

Result<char> separator_of(const std::string& path, const TableFacts& facts) {
  std::vector<Trial> fitting;
  Trial most;
  std::size_t parting = 0;  // those that part the first line at all
  for (const char separator : separators) {
    const Trial trial = TRY(attempt(path, facts, separator));
    if (trial.fits()) fitting.push_back(trial);
    parting += trial.cells > 1 ? 1 : 0;
    if (trial.cells > most.cells) most = trial;
  }
  if (fitting.size() == 1) return fitting[0].separator;
  if (fitting.size() > 1)
    return ask(fmt::format(
        "{}: cells may be parted by \"{}\" ({} columns) or \"{}\" ({} columns): say --separator \"{}\" "
        "or --separator \"{}\"",
        facts.file, name_of(fitting[0].separator), fitting[0].cells, name_of(fitting[1].separator),
        fitting[1].cells, name_of(fitting[0].separator), name_of(fitting[1].separator)
    ));
  if (most.cells <= 1)
    return ask(fmt::format(
        "{}: its first line names one column only. If a title stands above the names, delete it; if "
        "there is one column, say --separator \",\"",
        facts.file
    ));
  // Some lines do not fit: believable only if most do and nothing else parts the names, or nearly all.
  if (parting == 1 && most.agree * 2 >= most.rows) return most.separator;
  if (most.rows >= 10 && most.agree * 10 >= most.rows * 9) return most.separator;
  return ask(fmt::format(
      "{}: with \"{}\" between cells the first line names {} columns, but of the first {} rows {} have "
      "so many. Delete what stands above the names, or say --separator",
      facts.file, name_of(most.separator), most.cells, most.rows, most.agree
  ));
}

/// A header made of data would lose a row and name columns after a person.
bool looks_like_data(std::string_view cell) {
  return cell.find('@') != cell.npos || table::stamp(cell).form != table::Form::none ||
         table::number(cell).shape != table::Shape::none;
}

Status take_header(const std::vector<std::string_view>& cells, TableFacts& facts) {
  if (cells.size() > table_columns_max)
    return fail(
        Code::over_limit,
        fmt::format("{} has {} columns; at most {}", facts.file, cells.size(), table_columns_max)
    );
  for (const std::string_view cell : cells) {
    if (looks_like_data(cell))
      return ask(fmt::format(
          "{}: the first line does not name columns, it holds data. Add a line with names above it",
          facts.file
      ));
    for (const ColumnFacts& known : facts.columns)
      if (known.header == cell && !cell.empty())
        return ask(fmt::format(
            "{}: two columns are named \"{}\"; give one of them another name", facts.file, cell
        ));
    facts.columns.emplace_back().header = cell;
  }
  return {};
}

void look_at_cell(std::string_view cell, std::uint64_t line, ColumnFacts& out) {
  if (cell.empty()) return;
  if (out.filled++ == 0) out.sample = cell.substr(0, 60);
  out.boolean_cells += boolean(cell) ? 1 : 0;
  // Once a column has shown that it is neither all numbers nor all dates, its cells are text.
  if (out.numbers.none_line == 0) out.numbers.add(table::number(cell), line);
  if (out.not_date_line != 0 && out.date_cells == 0) return;
  const table::Stamp stamp = table::stamp(cell);
  switch (stamp.form) {
    case table::Form::none:
      if (out.not_date_line == 0) out.not_date_line = line;
      return;
    case table::Form::compact:
      ++out.compact_cells;
      break;
    case table::Form::short_year:
      if (out.short_year_line == 0) out.short_year_line = line;
      break;
    default:
      ++out.date_cells;
  }
  out.dates.add(stamp, line);
  out.zoned_cells += stamp.offset_minutes ? 1 : 0;
  out.timed_cells += stamp.has_time ? 1 : 0;
}

}  // namespace

std::string_view plain_cell(std::string_view cell) {
  if (cell == "\\N" || cell == "NULL") return {};
  if (cell.size() >= 3 && cell.starts_with("=\"") && cell.ends_with('"'))
    return cell.substr(2, cell.size() - 3);
  return cell;
}

std::optional<bool> boolean(std::string_view cell) {
  if (cell.size() > 5) return std::nullopt;
  std::string low;
  for (const char c : cell) low += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  for (const char* yes : {"true", "oui", "yes", "vrai"})
    if (low == yes) return true;
  for (const char* no : {"false", "non", "no", "faux"})
    if (low == no) return false;
  return std::nullopt;
}

Result<RowStream> rows_of(const std::string& path, const TableFacts& facts) {
  RowStream rows(
      TRY(TextFile::open(path)), TRY(table::Decoder::open(facts.encoding)), facts.separator,
      facts.mark_bytes, facts.by_row
  );
  std::vector<std::string_view> cells;
  if (facts.told_separator) TRY(rows.next(cells));
  TRY(rows.next(cells));
  return rows;
}

Result<TableFacts> look_at(const std::string& path, const TableHints& hints) {
  TableFacts out{.file = std::filesystem::path(path).filename().string()};
  out.by_row = hints.by_row;
  const auto bytes = TRY(bytes_of(path));
  out.mark_bytes = bytes.mark_bytes();
  out.encoding = hints.encoding.empty() ? TRY(bytes.encoding(out.file)) : hints.encoding;
  const char told = TRY(told_separator(path, out));
  out.told_separator = told != 0;
  out.separator = told != 0              ? told
                  : hints.separator != 0 ? hints.separator
                                         : TRY(separator_of(path, out));
  RowStream rows(
      TRY(TextFile::open(path)), TRY(table::Decoder::open(out.encoding)), out.separator,
      out.mark_bytes, out.by_row
  );
  std::vector<std::string_view> cells;
  if (out.told_separator) TRY(rows.next(cells));
  if (!TRY(rows.next(cells))) return ask(out.file + " is empty");
  TRY(take_header(cells, out));
  while (TRY(rows.next(cells))) {
    ++out.rows;
    if (cells.size() != out.columns.size()) {
      ++out.ragged;
      continue;
    }
    for (std::size_t i = 0; i < cells.size(); ++i)
      look_at_cell(plain_cell(cells[i]), rows.number(), out.columns[i]);
  }
  return out;
}

}  // namespace hospes::intake
