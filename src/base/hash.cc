#include "base/hash.h"

#include <nmmintrin.h>

#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace hospes {

Hash128 hash128(std::string_view text, const HashSecret& secret) {
  const XXH128_hash_t h =
      XXH3_128bits_withSecret(text.data(), text.size(), secret.bytes.data(), secret.bytes.size());
  return {h.high64, h.low64};
}

Hash128 hash128(std::string_view text) {
  const XXH128_hash_t h = XXH3_128bits(text.data(), text.size());
  return {h.high64, h.low64};
}

std::string to_hex(Hash128 h) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out(32, '0');
  for (unsigned i = 0; i < 16; ++i) {
    out[i] = digits[(h.hi >> (60 - 4 * i)) & 15];
    out[16 + i] = digits[(h.lo >> (60 - 4 * i)) & 15];
  }
  return out;
}

std::uint32_t crc32c(std::string_view text, std::uint32_t seed) {
  std::uint64_t crc = ~seed;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  auto narrow = static_cast<std::uint32_t>(crc);
  for (; left > 0; ++at, --left) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(*at));
  return ~narrow;
}

}  // namespace hospes
