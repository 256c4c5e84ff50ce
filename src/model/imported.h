// What an event that came by an import bears beside its own properties, from the door (collect/provenance.h) to whoever reads it.
#pragma once

#include <string_view>

#include "model/event.h"
#include "model/names.h"

namespace hospes {

inline constexpr std::string_view manifest_field = "context.import.manifest", origin_field = "context.import.origin",
                                  acts_field = "context.import.acts";

/// What the event says in that field; null when it says nothing there.
inline ValueView said_in(const Event& event, const Names& names, std::string_view field) {
  const Name name = names.find(field);
  return name == no_name ? ValueView{} : find_property(event.properties.packed(), name);
}

}  // namespace hospes
