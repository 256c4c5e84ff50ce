#include "catalog/events.h"

#include <algorithm>

#include "base/nearest.h"

namespace hospes::catalog {
namespace {

constexpr std::size_t name_bytes_max = 256;  // design rule 19

std::vector<std::string_view> names_of(const std::map<std::string, EventRow, std::less<>>& rows) {
  std::vector<std::string_view> out;
  for (const auto& [name, row] : rows) out.push_back(name);
  return out;
}

Status check_row(const EventRow& row, const Purposes& purposes) {
  if (row.name.empty() || row.name.size() > name_bytes_max) {
    return fail(Code::invalid_input, "an event name needs 1 to 256 bytes");
  }
  if (const Mask free = row.serves & ~purposes.catalogued_only(); free != 0) {
    const auto names = purposes.names(free);
    const std::string name(names.empty() ? "?" : names.front());
    return fail(
        Code::invalid_input, "event \"" + row.name + "\" cannot list " + name +
                                 ": consent opens it for any event, so nothing is to be listed; "
                                 "serves takes operate, legal, secure and market"
    );
  }
  if (row.properties.size() > Events::properties_max) {
    return fail(Code::over_limit, "event \"" + row.name + "\" has more than 300 properties");
  }
  return {};
}

}  // namespace

std::string_view to_string(PropertyType type) {
  constexpr std::string_view names[] = {"text", "number", "boolean", "instant", "list", "money"};
  return names[static_cast<std::size_t>(type)];
}

std::optional<PropertyType> parse_property_type(std::string_view text) {
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(PropertyType::money); ++i) {
    if (text == to_string(static_cast<PropertyType>(i))) return static_cast<PropertyType>(i);
  }
  return std::nullopt;
}

const PropertyRow* EventRow::property(std::string_view property_name) const {
  const auto at = std::ranges::find(properties, property_name, &PropertyRow::name);
  return at == properties.end() ? nullptr : &*at;
}

Status Events::put(EventRow row, const Purposes& purposes) {
  if (auto good = check_row(row, purposes); !good) return good;
  if (rows_.size() >= events_max && !rows_.contains(row.name)) {
    return fail(Code::over_limit, "a catalogue holds at most 4096 event types");
  }
  std::string name = row.name;
  rows_.insert_or_assign(std::move(name), std::move(row));
  return {};
}

const EventRow& Events::row(std::string_view name) const {
  static const EventRow nobody_catalogued_it;
  const auto at = rows_.find(name);
  return at == rows_.end() ? nobody_catalogued_it : at->second;
}

Result<const EventRow*> Events::named(std::string_view name) const {
  if (const EventRow& found = row(name); found.catalogued()) return &found;
  return fail(
      Code::not_found, "unknown event \"" + std::string(name.substr(0, name_bytes_max)) + "\"" +
                           nearest_hint(name, names_of(rows_))
  );
}

}  // namespace hospes::catalog
