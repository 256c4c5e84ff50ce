// The codes of links that are good once. Private to staff/.
#pragma once

#include <string>
#include <string_view>

namespace hospes::staff {

/// 160 random bits as 32 letters that can be read aloud (Crockford's base 32).
std::string new_code();
/// SHA-256 in hex: what is kept and compared instead.
std::string hash_of(std::string_view secret);

}  // namespace hospes::staff
