// Where definitions stand in their file. Private to the room.
#pragma once

#include "segment/text.h"

namespace hospes::segment {

struct Standing {
  std::string id;  // of a life cycle: "lifecycle " before it
  std::uint32_t line = 0;  // 1 …, of its first word
};

/// In the order of the file.
Parsed<std::vector<Standing>> standings(std::string_view source);

}  // namespace hospes::segment
