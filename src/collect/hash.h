// The keyed hashes by which a message counts once and an order number finds its person. The door
// makes them, the portal asks with them. Length-prefixed parts: no two lists of parts make one
// text.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "model/ids.h"

namespace hospes::collect {

inline Hash128 message_hash(
    const HashSecret& secret, std::string_view source, std::string_view message_id
) {
  std::string text;
  Writer out(text);
  out.text("message");
  out.text(source);
  out.text(message_id);
  return hash128(text, secret);
}

/// Of an identifier that was erased: what happened to it before is taken no more.
inline Hash128 tombstone_hash(const HashSecret& secret, KindId kind, std::string_view value) {
  std::string text;
  Writer out(text);
  out.text("tombstone");
  out.u8(kind);
  out.text(value);
  return hash128(text, secret);
}

inline Hash128 reference_hash(const HashSecret& secret, std::string_view value) {
  std::string text;
  Writer out(text);
  out.text("reference");
  out.text(value);
  return hash128(text, secret);
}

}  // namespace hospes::collect
