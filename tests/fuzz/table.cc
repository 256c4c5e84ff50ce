// Delimited text of an import: rows whole and in pieces, encodings, and what a cell can mean.
#include <algorithm>
#include <string>
#include <vector>

#include "table/dates.h"
#include "table/encoding.h"
#include "table/numbers.h"
#include "table/rows.h"
#include "target.h"

namespace {

using namespace hospes;

/// In one piece, as the smallest loader reads it.
std::vector<std::vector<std::string>> rows_of(std::string text, char separator, bool& broken) {
  std::vector<std::vector<std::string>> out;
  table::Rows rows(text.data(), text.data() + text.size(), separator);
  std::vector<std::string_view> cells;
  std::uint64_t before = 0;
  for (;;) {
    const auto got = rows.next(cells);
    broken = got == table::Got::broken;
    if (got != table::Got::row) return out;
    fuzz::must(rows.first() > before && rows.first() <= rows.lines() + 1, "rows begin on lines that grow");
    before = rows.first();
    std::size_t bytes = 0;
    for (const std::string_view cell : cells) bytes += cell.size();
    fuzz::must(bytes <= text.size(), "no cell is longer than its text");
    out.emplace_back(cells.begin(), cells.end());
  }
}

void rows_in_pieces(std::string_view text, char separator) {
  bool broken = false;
  const auto whole = rows_of(std::string(text), separator, broken);
  std::vector<std::vector<std::string>> parts;
  bool part_broken = false;
  std::string_view rest = text;
  while (!rest.empty() && !part_broken) {
    const std::size_t size = table::row_bytes(rest, separator);
    fuzz::must(size <= rest.size(), "a row ends within its text");
    const std::string_view piece = size == 0 ? rest : rest.substr(0, size);
    for (auto& row : rows_of(std::string(piece), separator, part_broken)) parts.push_back(std::move(row));
    rest.remove_prefix(piece.size());
  }
  if (!broken && !part_broken) fuzz::must(whole == parts, "rows are the same in pieces");
}

void cell(std::string_view text) {
  const auto number = table::number(text);
  for (const auto sign : {table::DecimalSign::as_found, table::DecimalSign::point, table::DecimalSign::comma}) {
    const auto said = table::value(number, sign);
    if (!said) continue;
    fuzz::must(number.shape != table::Shape::none && number.shape != table::Shape::code, "what is no number has no value");
    const auto again = table::number(*said);
    fuzz::must(again.shape != table::Shape::none, "a number that is printed is one");
  }
  const auto stamp = table::stamp(text);
  const auto day = table::wall_us(stamp, false), month = table::wall_us(stamp, true);
  if (stamp.form == table::Form::none) fuzz::must(!day && !month, "what is no date has no day");
  if (stamp.form == table::Form::iso || stamp.form == table::Form::compact || stamp.form == table::Form::named)
    fuzz::must(day == month, "where the order is plain nobody is asked");
}

void encoding(std::string_view text, std::size_t cut) {
  table::ByteEvidence whole, parts;
  whole.add(text);
  parts.add(text.substr(0, cut));
  parts.add(text.substr(cut));
  const auto a = whole.encoding("f"), b = parts.encoding("f");
  fuzz::must(a.has_value() == b.has_value() && (!a || *a == *b), "evidence is the same in pieces");
  fuzz::must(whole.mark_bytes() <= text.size(), "a mark is part of its text");
  for (const char* name : {"UTF-8", "WINDOWS-1252", "UTF-16LE", "CP850"}) {
    auto one = table::Decoder::open(name), two = table::Decoder::open(name);
    if (!one || !two) continue;
    std::string out, again;
    const Status done = one->append(text, out);
    const Status first = two->append(text.substr(0, cut), again);
    const Status second = first ? two->append(text.substr(cut), again) : first;
    if (done && second) fuzz::must(out == again, "decoded the same in pieces");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = fuzz::text_of(data, size);
  constexpr char separators[] = {',', ';', '\t', '|', ' '};
  const char separator = separators[fuzz::choose(text, 5)];
  rows_in_pieces(text, separator);
  table::separator_of(text);
  cell(text.substr(0, 200));
  encoding(text, text.size() / 2);
  return 0;
}
