// Who is who: people as a function of the set of evidence (design.md rule 5). Pure, and blind to
// the order of arrival.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "model/event.h"
#include "model/ids.h"

namespace hospes::identity {

inline constexpr std::size_t component_atoms_max =
    256;  // design rule 5: beyond it a component is frozen
inline constexpr std::size_t component_edges_max = 2'000;

/// Evidence that two atoms are one person, permitted to link. `earliest` of the evidence of that
/// grade.
struct Edge {
  AtomId a, b;
  Grade grade = Grade::asserted;
  Instant earliest;
  bool operator==(const Edge&) const = default;
};

enum class Reading : std::uint8_t {
  live,  // all edges: for what happens on the page, now
  firm,  // proved and attested edges alone: for access, erasure, an address
};

struct Group {
  PersonId id;                // of its eldest atom
  std::vector<AtomId> atoms;  // eldest first
  bool operator==(const Group&) const = default;
};

enum class SetAside : std::uint8_t {
  limit,          // would give one person more of a kind than the catalogue allows
  shared_device,  // one end is a device of several people
  other_reading,  // asserted, in the firm reading
  unknown_end,    // names an atom that is not here
  frozen,         // the component is too large to be believed
  quarantined,    // one end is named by more people than any value of somebody is
  parted,         // a guest said that the two, or two whom it would bring together, are not one
};

struct Rejected {
  Edge edge;
  SetAside why = SetAside::limit;
  KindId kind = 0;  // whose limit, when `why` is limit
  bool operator==(const Rejected&) const = default;
};

struct People {
  std::vector<Group> groups;  // by id, eldest first; every living atom that is not shared or
                              // quarantined is in one
  std::vector<AtomId> shared;       // devices whose own events belong to nobody, ascending
  std::vector<Rejected> set_aside;  // kept, shown, and reconsidered when the component changes
  bool frozen = false;              // over a bound: everyone stands alone
  bool operator==(const People&) const = default;
};

struct Pair {
  AtomId a, b;
  bool operator==(const Pair&) const = default;
};

/// Everything that hangs together.
struct Evidenced {
  std::span<const Atom> atoms;  // distinct
  std::span<const Edge> edges;  // what stands; at most one for each pair
  std::span<const Pair> parted = {};  // whom a guest keeps apart, whatever path joins them
  std::span<const AtomId> erased = {};  // keep their edges' place and count, and join nothing
  std::span<const AtomId> quarantined = {};  // join nothing and belong to nobody
  bool frozen = false;
};

/// Takes edges by (grade, kind priority, earliest, hash of the ends) and accepts each unless a
/// limit of the catalogue would break or two parted atoms would meet. A device one of whose edges
/// cannot be accepted for a limit is shared: all such are marked, their edges voided, and it starts
/// again until none is left. Shared devices are found as if nobody were parted and nothing erased:
/// neither un-shares (docs/adr/0005). Kind priority is that of the stronger end, then of the weaker.
/// Cost: about a microsecond for a handful.
People people(const Evidenced& evidenced, Reading reading);
inline People people(std::span<const Atom> atoms, std::span<const Edge> edges, Reading reading) {
  return people(Evidenced{.atoms = atoms, .edges = edges}, reading);
}

}  // namespace hospes::identity
