// The names that a journey may use in a house.
#pragma once

#include "catalog/catalog.h"
#include "journey/validate.h"
#include "segment/evaluate.h"

namespace hospes::portal {

/// Purposes, actions, placements and offers; events and segments are not checked.
journey::Vocabulary journey_names(const catalog::Catalog& catalog);
/// Those of segments in force as well.
journey::Vocabulary journey_names(const catalog::Catalog& catalog, const segment::Definitions& segments);

}  // namespace hospes::portal
