// What stands of the evidence, and the people that follow from it: pure questions about one
// component (design.md rules 5 and 6, docs/adr/0005-identity-by-value.md).
#pragma once

#include <optional>
#include <vector>

#include "flow/state.h"
#include "identity/people.h"

namespace hospes::flow {

/// `a` < `b`. Nullptr: nothing brought the two together.
Evidence* find_edge(Component& component, AtomId a, AtomId b);

/// The best evidence of the pair that stands at `now`: no answer against `link` on either end since
/// it started, the yes it rests on unbroken, no staff cut but for later proof.
std::optional<identity::Edge> standing(
    const Component& component, const Evidence& evidence, PurposeBit link, Instant now
);

/// The last ruling of these two words on the pair; nullptr when there is none.
const Ruling* ruled(
    const Component& component, AtomId a, AtomId b, record::Ruled::Word on, record::Ruled::Word off
);

/// Since when staff voided the edge between the two; nothing: it is not cut.
std::optional<Instant> cut_since(const Component& component, AtomId a, AtomId b);
/// Since when a guest keeps the two apart, and no proof came since.
std::optional<Instant> parted_since(
    const Component& component, AtomId a, AtomId b, PurposeBit link, Instant now
);

/// Who is who, in either reading.
identity::People people_of(
    const Component& component, identity::Reading reading, PurposeBit link, Instant now
);

/// Indices of the atom and all that firm edges tie it to; itself alone when it is in no firm person:
/// a device of several people.
std::vector<std::uint16_t> firmly_tied(
    const Component& component, std::size_t atom, PurposeBit link, Instant now
);

/// Whom access, export, correction and erasure reach from the atom (design.md rule 5): its firm
/// person less the devices that are shared in the live reading, the atom itself always. Ascending;
/// nobody who is erased.
std::vector<std::uint16_t> reached(
    const Component& component, std::size_t atom, PurposeBit link, Instant now
);

/// The edges that an erasure of the atom must keep in their place (record::Forgotten).
std::vector<record::Forgotten::Edge> edges_to_keep(
    const Component& component, AtomId atom, PurposeBit link, Instant now
);

/// At most so many instants are kept of one grade of one edge; and only what started within
/// `settling` of the newest, but for the earliest that stands.
inline constexpr std::size_t points_max = 8;
inline constexpr Duration settling = std::chrono::minutes(10);

}  // namespace hospes::flow
