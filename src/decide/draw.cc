#include "decide/draw.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace hospes::decide {

std::uint32_t draw(
    std::string_view name, std::uint32_t version, std::string_view salt, AtomId unit
) {
  std::string text;
  Writer out(text);
  out.text(name);
  out.u32(version);
  out.text(salt);
  out.u64(unit.hi);
  out.u64(unit.lo);
  const Hash128 h = hash128(text);
  return static_cast<std::uint32_t>((static_cast<unsigned __int128>(h.hi) * draws) >> 64);
}

}  // namespace hospes::decide
