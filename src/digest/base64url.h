// base64url without padding (RFC 4648 section 5; RFC 7515 section 2): what tokens in addresses are written in.
#pragma once

#include <string>
#include <string_view>

namespace hospes {

std::string base64url(std::string_view bytes);

}  // namespace hospes
