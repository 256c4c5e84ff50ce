#include "base/result.h"

namespace hospes {

std::string_view to_string(Code code) {
  switch (code) {
    case Code::invalid_input: return "invalid_input";
    case Code::not_found: return "not_found";
    case Code::conflict: return "conflict";
    case Code::over_limit: return "over_limit";
    case Code::unavailable: return "unavailable";
    case Code::corrupt: return "corrupt";
  }
  return "unknown";
}

}  // namespace hospes
