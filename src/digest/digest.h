// SHA-256, HMAC-SHA256 (RFC 2104), hex, and base64 (RFC 4648 section 4).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace hospes {

/// 32 bytes.
using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view text);
/// RFC 2104.
Digest hmac(std::string_view key, std::string_view text);
std::string_view view_of(const Digest& digest);

/// Two digits a byte, a–f small.
std::string hex(std::string_view bytes);

std::string base64(std::string_view bytes);
/// As OpenSSL decodes: padded, and lenient with spaces around and with stray bits.
std::optional<std::string> base64_decoded(std::string_view text);
/// Nothing unless `text` is what `base64` writes: padded, no stray bits, nothing else in it.
std::optional<std::string> base64_read(std::string_view text);
std::optional<Digest> digest_read(std::string_view base64_text);

}  // namespace hospes
