// The person of one question, as far as it may be looked at: plain values, borrowed for its length.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "decide/memory.h"
#include "model/ids.h"
#include "outbox/permit.h"

namespace hospes::decide {

struct Subject {
  bool known = false;  // somebody; else only what is the same for everybody is answered
  AtomId unit;         // draws are of it: the strongest identifier
  std::vector<std::uint64_t> members;  // one bit a segment
  /// By place in Definitions::uses: `none`, or what denies it.
  std::vector<outbox::Deny> permission;
  std::vector<const Memory*> memories;
  std::int64_t today = 0;  // of the house

  bool in(std::uint32_t segment) const {
    return segment / 64 < members.size() && (members[segment / 64] >> (segment % 64) & 1) != 0;
  }
  bool permits(std::uint32_t use) const {
    return known && use < permission.size() && permission[use].reason == outbox::Reason::none;
  }
};

}  // namespace hospes::decide
