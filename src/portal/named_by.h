// What else of the house asks about a segment: actions, journeys, offers, experiments, flags. Private to
// portal/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "portal/console.h"

namespace hospes::portal {

/// As one reads it: `action welcome`, `journey winback`. Of journeys those that one may enter. Other
/// segments are the segment room's business (segment/kin.h).
std::vector<std::string> named_by(const ConsoleDoors& doors, std::string_view segment);

}  // namespace hospes::portal
