// An answer as bytes that others read: JSON, CSV (RFC 4180, or as French Excel opens it), text for a terminal.
#pragma once

#include <string>

#include "lake/duck.h"

namespace hospes::lake {

/// `"columns":[{"name","type"}],"rows":[[…]]`: numbers bare, but whole ones beyond 2⁵³, which a browser would round
/// (RFC 8259, section 6), as text; truth as truth, nothing as null.
std::string json_members(const Table& table);

struct Csv {
  char between = ',';
  bool mark = false;           // a byte-order mark, by which Excel knows UTF-8
  bool decimal_comma = false;  // 12,5
  /// A text that a spreadsheet would compute (it begins with = + - @, a tab or a return) gets a quote in front: OWASP,
  /// CSV injection.
  bool formula_safe = false;

  static constexpr Csv french() { return {';', true, true, true}; }
};
std::string to_csv(const Table& table, const Csv& csv);

/// Columns side by side, numbers to the right; cells longer than `cell_max` letters are cut with an ellipsis.
std::string to_text(const Table& table, std::size_t cell_max = 60);

}  // namespace hospes::lake
