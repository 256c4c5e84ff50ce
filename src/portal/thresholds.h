// Thresholds of the tests that compare people: counted over the whole house, to be recorded.
#pragma once

#include <vector>

#include "node/node.h"
#include "segment/definition.h"

namespace hospes::portal {

/// One for each such test of the definitions in force of whose measure anybody has a value: that of
/// the ⌈n × percent / 100⌉-th of n people, ties in. Visits everybody, a slice at a time (`walk`);
/// 8 bytes a person and test while it counts. Not on a partition's thread.
std::vector<segment::Threshold> count_thresholds(node::Node& node, Instant now);

/// Counts them and proposes those that changed. Nothing happens when none did.
Status refresh_thresholds(node::Node& node, Instant now);

}  // namespace hospes::portal
