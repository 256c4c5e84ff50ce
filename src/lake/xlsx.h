// An answer as a workbook of one sheet (ECMA-376, Office Open XML, part 1).
#pragma once

#include <string>

#include "lake/duck.h"

namespace hospes::lake {

inline constexpr std::size_t sheet_rows_max = 1'048'575;  // below the heading

/// Numbers, dates and truths are such; whole numbers beyond 15 digits, which a spreadsheet rounds, are texts, and texts
/// are never formulas. over_limit beyond `sheet_rows_max`. `at`: when it was made.
Result<std::string> to_xlsx(const Table& table, Instant at);

}  // namespace hospes::lake
