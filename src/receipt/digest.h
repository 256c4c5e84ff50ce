// SHA-256, HMAC-SHA256, and base64 in its one canonical spelling (RFC 4648 section 4).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace hospes::receipt {

/// 32 bytes.
using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view text);
/// RFC 2104.
Digest hmac(std::string_view key, std::string_view text);
std::string_view view_of(const Digest& digest);

std::string base64(std::string_view bytes);
/// Nothing unless `text` is what `base64` writes: padded, no stray bits, nothing else in it.
std::optional<std::string> base64_read(std::string_view text);
std::optional<Digest> digest_read(std::string_view base64_text);

}  // namespace hospes::receipt
