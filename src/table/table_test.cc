#include <gtest/gtest.h>

#include <array>

#include "base/dice.h"
#include "table/dates.h"
#include "table/encoding.h"
#include "table/numbers.h"
#include "table/rows.h"

namespace hospes::table {
namespace {

using Row = std::vector<std::string>;

std::vector<Row> whole(std::string text, char separator) {
  std::vector<Row> out;
  std::vector<std::string_view> cells;
  Rows rows(text.data(), text.data() + text.size(), separator);
  for (;;) {
    const Got got = rows.next(cells);
    EXPECT_NE(got, Got::broken);
    if (got != Got::row) return out;
    out.emplace_back(cells.begin(), cells.end());
  }
}

/// The same text row by row, as one streams it.
std::vector<Row> streamed(const std::string& text, char separator) {
  std::vector<Row> out;
  std::string_view left = text;
  while (!left.empty()) {
    const std::size_t bytes = row_bytes(left, separator);
    std::string one(left.substr(0, bytes == 0 ? left.size() : bytes));
    left.remove_prefix(one.size());
    for (Row& row : whole(one, separator)) out.push_back(std::move(row));
  }
  return out;
}

std::string in_quotes(const std::string& cell, char separator) {
  if (cell.find_first_of(std::string("\"\n\r ") + separator) == std::string::npos) return cell;
  std::string out = "\"";
  for (const char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

TEST(Rows, WhatIsWrittenIsReadWholeAndStreamed) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    const char separator = std::array{',', ';', '\t', '|'}[dice.below(4)];
    const std::string end = std::array{"\n", "\r\n"}[dice.below(2)];
    std::vector<Row> wanted;
    std::string text;
    for (std::uint64_t r = 0, rows = 1 + dice.below(20); r < rows; ++r) {
      Row& row = wanted.emplace_back();
      for (std::uint64_t c = 0, cells = 2 + dice.below(4); c < cells; ++c) {
        std::string& cell = row.emplace_back();
        for (std::uint64_t i = 0, n = dice.below(6); i < n; ++i)
          cell += std::string("ab\"\n\r ;,|\t")[dice.below(10)];
        text += (c > 0 ? std::string(1, separator) : "") + in_quotes(cell, separator);
      }
      text += end;
    }
    EXPECT_EQ(whole(text, separator), wanted);
    EXPECT_EQ(streamed(text, separator), wanted);
  }
}

TEST(Rows, AnEndThatIsNotThereYet) {
  EXPECT_EQ(row_bytes("a;b", ';'), 0U);
  EXPECT_EQ(row_bytes("a;b\r", ';'), 0U);
  EXPECT_EQ(row_bytes("a;b\r\nc", ';'), 5U);
  EXPECT_EQ(row_bytes("a;\"b\n", ';'), 0U);
  EXPECT_EQ(row_bytes("a;\"b\"\"\n\"\nc", ';'), 9U);
  EXPECT_EQ(row_bytes("5\" disc;b\nc", ';'), 10U) << "a quote inside a bare cell is a letter";
}

TEST(Dates, FormsAndInstants) {
  struct Case {
    const char* text;
    Form form;
    const char* day_first;  // as ISO of the wall, empty: no such day
  };
  const auto at = [](const char* iso) { return wall_us(stamp(iso), false); };
  for (const Case& c : std::initializer_list<Case>{
           {"2025-04-03", Form::iso, "2025-04-03"},
           {"2025/4/3", Form::iso, "2025-04-03"},
           {"20250403", Form::compact, "2025-04-03"},
           {"03/04/2025", Form::parted, "2025-04-03"},
           {"3.4.2025 14:05", Form::parted, "2025-04-03 14:05"},
           {"03/04/2025 14h05", Form::parted, "2025-04-03 14:05"},
           {"03/04/2025 2:05 PM", Form::parted, "2025-04-03 14:05"},
           {"03/04/25", Form::short_year, "2025-04-03"},
           {"3 avril 2025", Form::named, "2025-04-03"},
           {"1er f\xc3\xa9vrier 2025", Form::named, "2025-02-01"},
           {"03-ao\xc3\xbbt-2025 08:00:01", Form::named, "2025-08-03 08:00:01"},
           {"3 D\xc3\xa9" "c. 2025", Form::named, "2025-12-03"},
           {"2025-04-03 10:00:00.123 UTC", Form::iso, "2025-04-03 10:00:00.123"},
           {"2025-04-03T10:00:00+02:00", Form::iso, "2025-04-03 08:00"},
           {"2025-04-03T10:00:00-0530", Form::iso, "2025-04-03 15:30"},
           {"31/02/2025", Form::parted, ""},
           {"13/13/2025", Form::parted, ""}}) {
    SCOPED_TRACE(c.text);
    const Stamp s = stamp(c.text);
    EXPECT_EQ(s.form, c.form);
    EXPECT_EQ(wall_us(s, false), *c.day_first == '\0' ? std::nullopt : at(c.day_first));
  }
  for (const char* none :
       {"", "yesterday", "12", "1.2", "01.02.03.04", "2025-04-03 25:00", "2025-04-03 10",
        "2025-04-03 10:00 +99:00", "3 avrile 2025", "45750", "2025-04-03 10:00:00:00"})
    EXPECT_EQ(stamp(none).form, Form::none) << none;
}

TEST(Dates, WhatAColumnShows) {
  DateEvidence seen;
  seen.add(stamp("03/03/2025"), 1);
  EXPECT_EQ(seen.ambiguous_line, 0U) << "the same either way";
  seen.add(stamp("03/04/2025"), 2);
  EXPECT_EQ(seen.ambiguous_line, 2U);
  EXPECT_EQ(seen.day_line, 0U);
  seen.add(stamp("23/04/2025"), 3);
  seen.add(stamp("04/23/2025"), 4);
  EXPECT_EQ(seen.day_line, 3U);
  EXPECT_EQ(seen.month_line, 4U);
}

TEST(Numbers, Shapes) {
  struct Case {
    const char* text;
    Shape shape;
    const char* point;  // with a decimal point; nullptr: none
    const char* comma;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"12", Shape::whole, "12", "12"},
           {"0", Shape::whole, "0", "0"},
           {"-7", Shape::whole, "-7", "-7"},
           {"1.234,56", Shape::comma, nullptr, "1234.56"},
           {"1,234.56", Shape::point, "1234.56", nullptr},
           {"12,5", Shape::comma, nullptr, "12.5"},
           {"0.125", Shape::point, "0.125", nullptr},
           {"1234.567", Shape::point, "1234.567", nullptr},
           {"1.234", Shape::either, "1.234", "1234"},
           {"1,234", Shape::either, "1234", "1.234"},
           {"1.234.567", Shape::comma, nullptr, "1234567"},
           {"1 234,50 \xe2\x82\xac", Shape::comma, nullptr, "1234.50"},
           {"\xe2\x82\xac 12", Shape::whole, "12", "12"},
           {"1\xe2\x80\xaf" "234", Shape::whole, "1234", "1234"},
           {"1\xc2\xa0" "234,5", Shape::comma, nullptr, "1234.5"},
           {"1'234.50", Shape::point, "1234.50", nullptr},
           {"-12,50 EUR", Shape::comma, nullptr, "-12.50"},
           {"04000", Shape::code, nullptr, nullptr},
           {"0612345678", Shape::code, nullptr, nullptr},
           {"+33612345678", Shape::code, nullptr, nullptr},
           {"1234567890123456", Shape::code, nullptr, nullptr}}) {
    SCOPED_TRACE(c.text);
    const Number n = number(c.text);
    const auto told = [](const char* text) {
      return text == nullptr ? std::optional<std::string>() : text;
    };
    EXPECT_EQ(n.shape, c.shape);
    EXPECT_EQ(value(n, DecimalSign::point), told(c.point));
    EXPECT_EQ(value(n, DecimalSign::comma), told(c.comma));
  }
  for (const char* none :
       {"", "-", "1.23.4", "12.34,56", "1,2,3", "(12)", "1e5", "12%", "a1", "1 23", "01,5", ".5",
        "5.", "1.234,", "12.5.", "1,234,56"})
    EXPECT_EQ(number(none).shape, Shape::none) << none;
  EXPECT_EQ(number("12,50 \xe2\x82\xac").currency, "EUR");
}

Result<std::string> encoding_of(const std::string& text, std::size_t piece) {
  ByteEvidence seen;
  for (std::size_t i = 0; i < text.size(); i += piece) seen.add(std::string_view(text).substr(i, piece));
  return seen.encoding("t.csv");
}

TEST(Encoding, GuessesWhatTheBytesAllowAndElseAsks) {
  struct Case {
    std::string text;
    const char* told;  // the encoding, or what the question says
  };
  for (const Case& c : std::initializer_list<Case>{
           {"plain", "UTF-8"},
           {"\xef\xbb\xbfnom", "UTF-8"},
           {"caf\xc3\xa9 12 \xe2\x82\xac", "UTF-8"},
           {"caf\xe9", "WINDOWS-1252"},
           {"12 \x80, l\x92\xe9t\xe9", "WINDOWS-1252"},
           {std::string("\xff\xfen\0", 4), "UTF-16LE"},
           {"caf\x8e", "old Mac or DOS"},
           {"prix\n12 \xa4", "t.csv:2: a byte that is"},
           {"caf\xc3\xa9\ncaf\xe9", "t.csv:2: most of this file is UTF-8"},
           {"Andr\xc3\x83\xc2\xa9", "encoded twice"},
           {std::string("a\0b", 3), "a zero byte"}}) {
    for (const std::size_t piece : {1U, 3U, 100U}) {
      const auto told = encoding_of(c.text, piece);
      const std::string said = told ? *told : told.error().message;
      EXPECT_NE(said.find(c.told), std::string::npos) << said;
    }
  }
}

TEST(Encoding, DecodesInPiecesOfAnySize) {
  const std::string text = std::string("\x6e\0\xe9\0\xac\x20", 6);
  for (const std::size_t piece : {1U, 2U, 5U}) {
    auto decoder = Decoder::open("UTF-16LE");
    ASSERT_TRUE(decoder);
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += piece)
      EXPECT_TRUE(decoder->append(std::string_view(text).substr(i, piece), out));
    EXPECT_EQ(out, "n\xc3\xa9\xe2\x82\xac");
  }
  EXPECT_FALSE(Decoder::open("no-such"));
}

}  // namespace
}  // namespace hospes::table
