// Ed25519 (RFC 8032). A private key is its seed of 32 bytes; whoever holds one zeroes it.
#pragma once

#include <string>
#include <string_view>

#include "digest/digest.h"

namespace hospes::ed25519 {

inline constexpr std::size_t signature_bytes = 64;

Digest public_key(const Digest& seed);
/// `signature_bytes` of it. Cost: about 40 µs.
std::string sign(const Digest& seed, std::string_view text);
/// False, too, for a key or a signature that is none. Cost: about 110 µs.
bool is_signed(const Digest& public_key, std::string_view text, std::string_view signature);

}  // namespace hospes::ed25519
