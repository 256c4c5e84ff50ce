// One person as their own answers let them be seen now: what the segment rooms are asked about.
#pragma once

#include <vector>

#include "consent/lens.h"
#include "flow/state.h"
#include "segment/evaluate.h"

namespace hospes::flow {

/// The answers of all atoms of the person, and of those firmly tied to one of them. Borrows from the
/// component.
consent::Lens lens_of(const Component& component, const PersonState& person, Mask heedless);
/// Bit k: has an identifier of kind k.
std::uint64_t kinds_of(const Component& component, const PersonState& person);
/// What the person answers about each purpose: the most restrictive of their atoms' last answers,
/// unset neutral.
std::vector<segment::Answered> answers_of(const Component& component, const PersonState& person);
/// Whether everything under the atom is kept from use: then no person bears it.
bool stands_aside(const Component& component, const AtomState& atom);
/// Whether anything on the person's timeline comes from a source of invented people.
bool is_simulated(const Component& component, const PersonState& person);

/// Membership from scratch; a retired segment has no members.
bool truth_of(
    const segment::Definitions& definitions, segment::SegmentIndex index,
    const segment::Person& person, Instant now
);

/// The visible timeline in order of meaning. Borrows from the component: use at once.
class Look {
 public:
  /// Reads cold timelines back (cold.h). `now`: the partition's clock, or later: then what the schedules
  /// end until then (retention.h) is not seen, should its turn not have come yet.
  Look(
      const PartitionState& state, const Component& component, const PersonState& person,
      Mask heedless, Instant now
  );
  segment::Person person() const { return {events_, kinds_, answers_}; }
  Instant next_change() const { return next_change_; }

 private:
  std::vector<segment::Seen> events_;
  std::uint64_t kinds_ = 0;
  std::vector<segment::Answered> answers_;
  Instant next_change_;
};

}  // namespace hospes::flow
