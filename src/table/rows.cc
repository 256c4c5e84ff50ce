#include "table/rows.h"

#include <algorithm>

namespace hospes::table {
namespace {

bool ends_line(char c) { return c == '\n' || c == '\r'; }

}  // namespace

Got Rows::next(std::vector<std::string_view>& cells) {
  cells.clear();
  while (at_ != end_ && cells.empty()) {
    ++line_;
    first_ = line_;
    if (!row(cells)) return Got::broken;
  }
  return cells.empty() ? Got::end : Got::row;
}

bool Rows::row(std::vector<std::string_view>& cells) {
  if (separator_ == ' ') skip_blanks();
  if (at_ == end_ || ends_line(*at_)) return end_line(), true;
  for (;;) {
    const auto cell = at_ != end_ && *at_ == '"' ? quoted() : bare();
    if (cell.data() == nullptr) return false;
    cells.push_back(cell);
    if (separator_ == ' ') skip_blanks();
    if (at_ == end_ || ends_line(*at_)) return end_line(), true;
    if (separator_ == ' ') continue;
    ++at_;  // the separator
    if (at_ == end_) return cells.emplace_back(at_, 0), true;
  }
}

std::string_view Rows::bare() {
  const char* from = at_;
  while (at_ != end_ && !ends_line(*at_) && *at_ != separator_ &&
         !(separator_ == ' ' && *at_ == '\t'))
    ++at_;
  const char* to = at_;
  while (from != to && *from == ' ') ++from;
  while (from != to && to[-1] == ' ') --to;
  return {from, static_cast<std::size_t>(to - from)};
}

std::string_view Rows::quoted() {
  char* out = ++at_;
  const char* from = out;
  for (; at_ != end_; ++at_) {
    if (*at_ == '\n') ++line_;
    if (*at_ == '"') {
      if (at_ + 1 == end_ || at_[1] != '"') break;
      ++at_;
    }
    *out++ = *at_;
  }
  if (at_ == end_) return {};
  ++at_;
  while (at_ != end_ && *at_ == ' ' && separator_ != ' ') ++at_;
  if (at_ != end_ && *at_ != separator_ && !ends_line(*at_) && separator_ != ' ') return {};
  return {from, static_cast<std::size_t>(out - from)};
}

void Rows::skip_blanks() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
}

void Rows::end_line() {
  if (at_ != end_ && *at_ == '\r') ++at_;
  if (at_ != end_ && *at_ == '\n') ++at_;
}

std::size_t row_bytes(std::string_view text, char separator) {
  bool cell_start = true, quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      // A doubled quote leaves and enters again: the same thing.
      if (c == '"') quoted = i + 1 < text.size() && text[i + 1] == '"' ? (++i, true) : false;
    } else if (cell_start && c == '"') {
      quoted = true;
    } else if (c == '\n') {
      return i + 1;
    } else if (c == '\r') {
      if (i + 1 == text.size()) return 0;
      return text[i + 1] == '\n' ? i + 2 : i + 1;
    }
    cell_start = c == separator && !quoted;
  }
  return 0;
}

char separator_of(std::string_view text) {
  const std::string_view header = text.substr(0, text.find('\n'));
  char best = ' ';
  std::ptrdiff_t most = 0;
  for (const char c : {',', ';', '\t'}) {
    const auto count = std::ranges::count(header, c);
    if (count > most) most = count, best = c;
  }
  const bool blanks = header.find_first_of(" \t") != std::string_view::npos;
  return best == ' ' && !blanks ? ',' : best;  // one column
}

}  // namespace hospes::table
