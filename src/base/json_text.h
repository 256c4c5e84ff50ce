// A text as JSON writes it (RFC 8259 section 7).
#pragma once

#include <string>
#include <string_view>

namespace hospes {

/// With its quotes. `text` is UTF-8 and stays so; quotes, backslashes and control characters are escaped.
std::string json_text(std::string_view text);

}  // namespace hospes
