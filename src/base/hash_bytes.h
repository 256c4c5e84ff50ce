// A 128-bit hash among stored bytes: its high half first.
#pragma once

#include "base/bytes.h"
#include "base/hash.h"

namespace hospes {

inline void write_hash(Writer& out, Hash128 hash) {
  out.u64(hash.hi);
  out.u64(hash.lo);
}

inline Hash128 read_hash(Reader& in) {
  Hash128 hash;
  hash.hi = in.u64();
  hash.lo = in.u64();
  return hash;
}

}  // namespace hospes
