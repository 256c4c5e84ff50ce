// The identity of a message that brought none: what was said, in an order of its own, without
// `sentAt`, which is all that a retry changes (design.md rule 9).
#pragma once

#include <string>

#include "base/hash.h"
#include "collect/parse.h"

namespace hospes::collect {

/// A messageId for an event without one: equal for two items that say the same, whatever the order
/// of their keys, the spelling of their numbers and the path they came by. Keyed, so that nobody
/// can make another message's. Two calls that differ in nothing, not even in `timestamp`, are one.
std::string canonical_id(const Item& item, const HashSecret& secret);

}  // namespace hospes::collect
