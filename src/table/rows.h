// Rows and cells of delimited text: RFC 4180, with the separators that people use.
//
//   row   = cell *(separator cell) line-end; blank lines are passed over
//   cell  = bare, with blanks around it dropped | '"' anything, '""' for a quote '"'
//   line-end = LF | CRLF | CR; inside quotes they belong to the cell
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace hospes::table {

enum class Got : std::uint8_t {
  row,
  end,
  broken  // a quote is not closed, or something follows it
};

/// Walks text that is all there, row by row. Quoted cells are unescaped in place, which only
/// shortens them; cells borrow from the text. Separator ' ': any run of blanks and tabs.
class Rows {
 public:
  Rows(char* begin, char* end, char separator, std::uint64_t lines_before = 0)
      : at_(begin), end_(end), separator_(separator), line_(lines_before) {}

  bool done() const { return at_ == end_; }
  /// The cells of the next row that is not blank.
  Got next(std::vector<std::string_view>& cells);
  /// The line on which that row began, from 1.
  std::uint64_t first() const { return first_; }
  /// Lines read so far.
  std::uint64_t lines() const { return line_; }

 private:
  bool row(std::vector<std::string_view>& cells);
  std::string_view bare();
  std::string_view quoted();
  void skip_blanks();
  void end_line();

  char* at_;
  char* end_;
  char separator_;
  std::uint64_t line_ = 0, first_ = 0;
};

/// Bytes of the row at the front of `text`, its line end included; 0 when its end is not there yet.
/// A CR at the very end waits for what follows it. Reads quotes as `Rows` does.
std::size_t row_bytes(std::string_view text, char separator);

/// By the first line alone: the most frequent of , ; and tab, else blanks, else ',' for one column.
char separator_of(std::string_view text);

}  // namespace hospes::table
