// Where definitions stand in their file. Private to the room.
#pragma once

#include "segment/file.h"

namespace hospes::segment {

/// In the order of the file.
Parsed<std::vector<Standing>> standings(std::string_view source);

}  // namespace hospes::segment
