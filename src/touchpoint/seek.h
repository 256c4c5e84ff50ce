// Finds the person of an atom where they live now, from partition to partition, and holds no thread
// meanwhile.
#pragma once

#include <functional>

#include "node/node.h"

namespace hospes::touchpoint {

/// `draw` is called once, on the partition's thread: with the component and the atom's place in it, or
/// with a null component when nobody of that atom is known (any partition then).
using Draw = std::function<
    void(const flow::PartitionState& state, const flow::Component* component, std::size_t atom)>;

void seek(node::Node& node, AtomId atom, Draw draw);

}  // namespace hospes::touchpoint
