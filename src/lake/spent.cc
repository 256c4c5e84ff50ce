#include "lake/spent.h"

#include <fmt/format.h>

#include "lake/duck.h"

namespace hospes::lake {
namespace {

constexpr Duration day = std::chrono::hours(24);

/// What began before it has ended.
std::int64_t bound_of(const catalog::Period& period, Instant now) { return (period.last_ended(now) + day).us; }

}  // namespace

std::string spent_bits(const catalog::Retention& retention, std::string_view event, Instant now) {
  if (retention.empty()) return "0::UBIGINT";
  std::string out;
  for (const auto& k : retention.of(event).keep)
    out += fmt::format(
        "{}(CASE WHEN {} < {} THEN {}::UBIGINT ELSE 0::UBIGINT END)", out.empty() ? "" : " | ",
        k.period.after_last_act ? "greatest(epoch_us(happened), coalesce(last_act, 0))" : "epoch_us(happened)",
        bound_of(k.period, now), k.purposes
    );
  return "(" + out + ")";
}

std::string unspent(const catalog::Retention& retention, PurposeBit purpose, std::string_view row, Instant now) {
  if (retention.empty()) return "true";
  std::string out;
  const auto bound = [&](const catalog::RetentionClass& c) {
    for (const auto& k : c.keep)
      if ((k.purposes & bit(purpose)) != 0 && !k.period.after_last_act) return std::to_string(bound_of(k.period, now));
    return std::string("-9223372036854775807");  // its end hangs on the person: the sweep knows
  };
  for (const catalog::RetentionClass& c : retention.classes)
    for (const std::string& event : c.events)
      out += fmt::format(" WHEN {} THEN {}", sql_text(event), bound(c));
  const std::string rest = bound(retention.classes.back());
  return fmt::format(
      "epoch_us({}.happened) >= {}", row,
      out.empty() ? rest : fmt::format("(CASE {}.event{} ELSE {} END)", row, out, rest)
  );
}

}  // namespace hospes::lake
