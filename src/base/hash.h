// 128-bit hashes with a secret (XXH3). Identifiers and messageIds are chosen by strangers: never a bare 64-bit hash.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace hospes {

struct Hash128 {
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
  auto operator<=>(const Hash128&) const = default;
};

/// 192 secret bytes, made once per house and kept for ever. XXH3 wants at least 136.
struct HashSecret {
  std::array<unsigned char, 192> bytes{};
};

Hash128 hash128(std::string_view text, const HashSecret& secret);

/// Unkeyed; for digests and golden vectors only, never for what a stranger may choose.
Hash128 hash128(std::string_view text);

/// 32 hex digits, high half first.
std::string to_hex(Hash128 h);

/// Already uniform: its low half is hash enough.
struct HashOfHash {
  std::size_t operator()(const Hash128& h) const noexcept { return h.lo; }
  using is_avalanching = void;
};

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), of `text` after `seed` (the CRC of what came before).
std::uint32_t crc32c(std::string_view text, std::uint32_t seed = 0);

}  // namespace hospes
