// How a person is called, as their own traits say it. Used on the partition's thread.
#pragma once

#include <string>

#include "model/names.h"
#include "portal/people.h"

namespace hospes::portal {

/// `name`, else first and last name, of the latest identify events that some purpose may see; empty
/// when nobody said. Looks at the newest and the oldest 256 events of each identifier. `real_only`:
/// without what invented people's sources say.
std::string called(const Met& met, const Names& names, Mask heedless, bool real_only = false);

}  // namespace hospes::portal
