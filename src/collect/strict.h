// What a strict source refuses: events and properties that the catalogue does not know, or knows otherwise.
// Private to collect/.
#pragma once

#include <optional>
#include <string>

#include "catalog/events.h"
#include "collect/parse.h"

namespace hospes::collect {

/// What the context says is the library's, not the house's: no catalogue lists it.
bool is_context(std::string_view property);

struct Contradiction {
  const Reject* why = nullptr;
  std::string what;  // names the event, the property, and the type wanted: never a value
};
/// The first one; nothing when the event is as the catalogue says. Only calls of type track must be
/// catalogued: the traits of people and groups are free, as long as their types fit.
std::optional<Contradiction> contradiction(
    const Item& item, std::string_view event, const catalog::EventRow& row
);

}  // namespace hospes::collect
