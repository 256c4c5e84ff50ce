#include "portal/orders.h"

#include <algorithm>
#include <array>

#include "flow/look.h"
#include "insight/figures.h"
#include "zones/zones.h"

namespace hospes::portal {
namespace {

constexpr std::string_view order_event = "Order Completed";
constexpr std::array<std::string_view, 3> amount_names = {"total", "revenue", "value"};

struct Wanted {
  Name event = no_name, currency = no_name;
  std::array<Name, amount_names.size()> amounts{};
};

Wanted wanted(const Names& names) {
  Wanted out{names.find(order_event), names.find("currency"), {}};
  std::ranges::transform(amount_names, out.amounts.begin(), [&](auto name) { return names.find(name); });
  return out;
}

std::optional<Decimal> amount_of(const Wanted& names, std::string_view body) {
  for (const Name name : names.amounts) {
    if (name == no_name) continue;
    const ValueView value = find_property(body, name);
    if (value.kind == ValueKind::number) return value.number;
  }
  return std::nullopt;
}

/// A cell with what a cell may not hold taken out.
void add_cell(std::string& row, std::string_view text) {
  for (const char c : text)
    if (c != ',' && c != '"' && c != '\n' && c != '\r') row += c;
}

}  // namespace

Result<HouseOrders> orders_of(const ConsoleDoors& doors, PurposeBit purpose) {
  const Wanted names = wanted(doors.names);
  const Mask bit = Mask{1} << purpose;
  const Mask heedless = doors.node.house().heeds_no_answer;
  std::string text = "customer,date,value,currency\n";
  std::uint64_t orders = 0, closed = 0, unpriced = 0;
  const zones::Zone& zone = *TRY(zones::named(doors.catalog.house.time_zone));
  Status trouble;
  walk(doors.node, [&](const Met& met) {
    if (names.event == no_name) return false;  // nobody ever sent one
    const flow::Look look(
        met.state, met.component, met.person, heedless, now_of(doors, met.state)
    );
    for (const segment::Seen& seen : look.person().events) {
      const Moment& m = *seen.moment;
      if (m.name != names.event || (m.flags & flag_simulated) != 0) continue;
      if ((seen.mask & bit) == 0) {
        ++closed;
        continue;
      }
      if (++orders > orders_max) {
        trouble = fail(
            Code::over_limit,
            "this house has more orders than a report reads at once; export them and run "
            "`hospes insight` on the files"
        );
        return false;
      }
      const auto amount = amount_of(names, seen.body);
      if (!amount) {
        ++unpriced;
        continue;
      }
      const auto day = static_cast<int>(zones::local(zone, m.happened).day);
      text.append(to_hex(met.person.id.atom)).append(1, ',').append(insight::date_text(day));
      text.append(1, ',').append(to_string(*amount)).append(1, ',');
      if (names.currency != no_name) add_cell(text, find_property(seen.body, names.currency).text);
      text += '\n';
    }
    return true;
  });
  TRY(trouble);
  auto table = TRY(insight::Columns::parse(std::move(text), std::string(order_event)));
  return HouseOrders{std::move(table), closed, unpriced};
}

}  // namespace hospes::portal
