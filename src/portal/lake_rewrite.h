// The lake anew, without what may not be in it.
#pragma once

#include "portal/console.h"

namespace hospes::portal {

/// What was accepted up to now is in the lake, and nothing in it is of whoever is erased or has
/// withdrawn. No-op without a lake. Cost: its files, read and written.
Status rewrite_lake(const ConsoleDoors& doors);

}  // namespace hospes::portal
