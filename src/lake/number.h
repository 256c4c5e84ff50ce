// Who somebody is in the lake: a number that says nothing, the same in every file of one house, another in the next.
#pragma once

#include "base/bytes.h"
#include "base/hash.h"
#include "model/ids.h"

namespace hospes::lake {

/// 1 … 2⁶³−1: keyed by the house's secret, which lies with the keys and never with the data. Pseudonymous (GDPR, art.
/// 4(5)): who has the files and not the secret cannot go back to the atom. Two of a million share one in 10⁷ houses.
inline std::int64_t number_of(AtomId atom, const HashSecret& secret) {
  std::string text("lake", 5);
  Writer out(text);
  out.u64(atom.hi);
  out.u64(atom.lo);
  return static_cast<std::int64_t>((hash128(text, secret).hi >> 1) | 1);
}

}  // namespace hospes::lake
