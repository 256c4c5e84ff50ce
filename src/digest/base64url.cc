#include "digest/base64url.h"

#include <algorithm>

#include "digest/digest.h"

namespace hospes {

std::string base64url(std::string_view bytes) {
  std::string out = base64(bytes);
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  out.erase(out.find_last_not_of('=') + 1);
  return out;
}

}  // namespace hospes
