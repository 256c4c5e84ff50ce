// Numbers as people write them: 1.234,56 and 1,234.56, 1 234,50 €, 0612345678 that is none. One text
// such as 1.234 can mean two numbers; a column often shows which: NumberEvidence.
//
//   number = [-] [sign] digits, in groups of three parted by a blank, a no-break blank, ' . or ,
//            [decimal-sign digits] [sign]; a sign is €, EUR, $ or £
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hospes::table {

enum class Shape : std::uint8_t {
  none,    // no number
  code,    // digits that a number would lose: a leading zero, a leading +, over fifteen of them
  whole,   // no decimal sign, and none can be meant
  point,   // the decimal sign is a point
  comma,   // the decimal sign is a comma
  either,  // one mark before three digits: thousands or a decimal sign
};

struct Number {
  Shape shape = Shape::none;
  std::string digits;         // as JSON writes it; either: as if its mark parted thousands
  std::string as_decimal;     // either: as if its mark were the decimal sign
  char mark = 0;              // either: the mark
  std::string_view currency;  // ISO 4217, or empty
};

Number number(std::string_view text);

enum class DecimalSign : std::uint8_t { as_found, point, comma };

/// The JSON number that `number` is when the decimal sign is `sign`. Nothing: it is none, or it
/// contradicts the sign.
std::optional<std::string> value(const Number& number, DecimalSign sign);

/// What a column's cells show. Lines are whatever the caller counts, 0 is none.
struct NumberEvidence {
  std::uint64_t numbers = 0;
  std::uint64_t none_line = 0, code_line = 0, point_line = 0, comma_line = 0, either_line = 0;
  std::string currency;                  // the first seen
  std::uint64_t other_currency_line = 0;  // the first with another
  void add(const Number& number, std::uint64_t line);
};

}  // namespace hospes::table
