#include "lake/cut.h"

#include <fmt/format.h>

#include <array>

#include "lake/number.h"
#include "lake/withhold.h"
#include "record/codec.h"

namespace hospes::lake {
namespace {

constexpr std::array<std::string_view, 3> amounts = {"total", "revenue", "value"};

class Reading {
 public:
  Reading(const CutDoors& doors, Held& held)
      : doors_(doors), held_(held), withhold_(doors.catalog, doors.names, doors.keys) {}

  /// An event stands in the lane of its anchor once; copies on their way to the owner bear an origin.
  void take(const record::Record& record, Cut& out) {
    const auto* arrived = std::get_if<record::Arrived>(&record.body);
    if (arrived == nullptr || record.origin) return;
    if (!held_.insert(arrived->event.message.hi).second) return;  // came before
    out.events.push_back(row_of(arrived->event));
  }
  std::uint64_t withheld() const { return withhold_.withheld(); }

 private:
  EventRow row_of(const Event& e) {
    EventRow row;
    row.day = to_string(e.received).substr(0, 10);
    row.event = withhold_.name(e);
    row.message = e.message.hi;
    row.identity = number_of(e.owner.id, doors_.keys.house_secret());
    row.happened = e.happened;
    row.received = e.received;
    row.type = to_string(e.type);
    row.source = doors_.names.text(e.source);
    row.purposes = e.mask;
    row.opened = opened_by(e);
    row.simulated = (e.flags & flag_simulated) != 0;
    take_amount(e, row);
    row.properties = withhold_.properties(e);
    return row;
  }

  std::string opened_by(const Event& e) const {
    std::string out;
    for (const OpenedBy& o : e.opened)
      out += fmt::format(
          "{}{{'purpose': {}, 'by': {}}}", out.empty() ? "[" : ", ", o.purpose,
          number_of(o.atom, doors_.keys.house_secret())
      );
    return out.empty() ? out : out + "]";
  }

  void take_amount(const Event& e, EventRow& row) const {
    const catalog::EventRow& known = doors_.catalog.events.row(doors_.names.text(e.name));
    const auto find = [&](std::string_view name) {
      const Name id = known.property(name) == nullptr ? no_name : doors_.names.find(name);
      return id == no_name ? ValueView{} : find_property(e.properties.packed(), id);
    };
    for (const std::string_view name : amounts) {
      const ValueView said = find(name);
      if (said.kind != ValueKind::number) continue;
      row.value = said.number;
      break;
    }
    const ValueView said = find("currency");
    if (said.kind == ValueKind::text && catalog::is_currency(said.text)) row.currency = said.text;
  }

  const CutDoors& doors_;
  Held& held_;
  Withhold withhold_;
};

}  // namespace

Result<Cut> read_cut(const CutDoors& doors, Position after, std::optional<Position> planned, Held& held) {
  Cut out{.after = after, .upto = after, .events = {}};
  Reading reading(doors, held);
  std::size_t bytes = 0;
  const Status read = doors.log.scan(after, [&](const log::Durable& d) -> Result<bool> {
    if (planned && d.position > *planned) return false;
    if (!planned && (out.records == cut_records_max || bytes > cut_bytes_max)) {
      out.full = true;
      return false;
    }
    const record::Record record = TRY(record::decode(d.bytes, doors.names, doors.keys));
    reading.take(record, out);
    out.upto = d.position;
    bytes += d.bytes.size();
    ++out.records;
    return true;
  });
  if (!read) {
    give_back(out, held);
    return std::unexpected(read.error());
  }
  out.withheld = reading.withheld();
  return out;
}

void give_back(const Cut& cut, Held& held) {
  for (const EventRow& row : cut.events) held.erase(row.message);
}

}  // namespace hospes::lake
