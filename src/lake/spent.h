// What of the lake's rows the house's schedules have ended (docs/retention.md), as SQL. Private to lake/.
#pragma once

#include <string>
#include <string_view>

#include "catalog/retention.h"

namespace hospes::lake {

/// The bits of a row of that event that have ended at `now`, as a UBIGINT: over its `happened`, and `last_act` (µs, of its
/// person; null when nothing is known).
std::string spent_bits(const catalog::Retention& retention, std::string_view event, Instant now);

/// Whether the row may still be seen by the purpose, as a condition over `{row}.event` and `{row}.happened`, as far as the
/// row alone says it.
std::string unspent(const catalog::Retention& retention, PurposeBit purpose, std::string_view row, Instant now);

}  // namespace hospes::lake
