#include "collect/strict.h"

#include "collect/rejects.h"
#include "collect/shapes.h"

namespace hospes::collect {

bool is_context(std::string_view property) { return property.starts_with("context."); }

std::optional<Contradiction> contradiction(
    const Item& item, std::string_view event, const catalog::EventRow& row
) {
  const std::string of = "event \"" + std::string(event) + "\"";
  const bool track = item.type == EventType::track;
  if (track && !row.catalogued()) return Contradiction{&not_catalogued, of};
  for (const Field& field : item.fields) {
    if (is_context(field.name)) continue;
    const auto* known = row.property(field.name);
    const std::string what = "property \"" + std::string(field.name) + "\" of " + of;
    if (known == nullptr) {
      if (track) return Contradiction{&not_catalogued, what};
    } else if (!fits(*known, field.value)) {
      return Contradiction{
          &property_type, what + " is " + std::string(catalog::to_string(known->type)) +
                              " in the catalogue, and came as " +
                              std::string(to_string(*shape_type(field.value)))};
    }
  }
  return std::nullopt;
}

}  // namespace hospes::collect
