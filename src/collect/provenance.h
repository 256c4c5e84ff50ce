// Where an event or answer that came by an import is from: kept whatever it may serve, for whoever
// holds data says where it is from (GDPR art. 5(2)).
#pragma once

#include <string_view>

#include "collect/parse.h"

namespace hospes::collect {

/// `context.import.manifest`: the first digits of the manifest it came with. `context.import.origin`:
/// of what somebody took away from another house, when that one received it, by which source, and
/// who it is: `2026-11-24T10:00:00Z shop, Disquaire`. `context.import.acts`: the house may act on it (flow).
bool is_provenance(const Field& field);
/// Whether it came by an import at all.
bool imported(const Item& item);
/// Its origin; empty when it says none.
std::string_view origin_of(const Item& item);

}  // namespace hospes::collect
