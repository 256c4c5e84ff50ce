// Words that let somebody in: random, and kept as hashes only.
#pragma once

#include <string>
#include <string_view>

namespace hospes::staff {

/// 32 letters of 5 bits: 160 bits. No I, L, O, U: a code may be read aloud (Crockford's base 32).
std::string new_secret();
/// SHA-256 in hex: what is kept and compared instead of the secret.
std::string hash_of(std::string_view secret);

}  // namespace hospes::staff
