// Effects as the partition sees them: asked again at the moment of use, and found after a start.
// design.md rule 12, docs/act.md.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "flow/apply.h"
#include "outbox/permit.h"

namespace hospes::flow {

/// What a release finds. `heeded`: atoms whose no, to one of `purposes`, stops a send that was released.
struct Release {
  outbox::Answer answer;
  Mask purposes = 0;
  std::vector<AtomId> heeded;
};

/// Asks for a claimed effect, in one turn of the partition that `component` lives in. `now`: the
/// house's clock, for a partition that is idle stands still. Nothing: the effect is not claimed by
/// that attempt, or its component is on its way to another partition.
std::optional<Release> release(
    const PartitionState& state, const ComponentId& component, AtomId anchor, Hash128 effect,
    std::uint32_t attempt, const House& house, Instant now
);

/// What would be said about the person of that atom if the rule's passage came now.
outbox::Answer would(
    const PartitionState& state, const Component& component, std::size_t atom,
    const outbox::Rule& rule, const House& house, Instant now
);

/// How often the person wants to hear from the house: the least that any of their identifiers says;
/// more than the house's caps allow counts only where it was said by one of `firm`.
outbox::Choice chosen_by(
    const Component& component, const PersonState& person, std::span<const std::uint16_t> firm
);

/// Every effect that waits or is claimed, in no order.
void visit_open(const PartitionState& state, const std::function<void(const Effected&)>& visit);

/// Under whom an effect of the person lies: their strongest identifier, the eldest of equals.
std::size_t anchor_of(const Component& component, const PersonState& person);

}  // namespace hospes::flow
