// Decisions as the partition sees them: the person of one question, and where stock is counted.
// docs/decisions.md.
#pragma once

#include "decide/choose.h"
#include "flow/apply.h"

namespace hospes::flow {

/// Who asks, and what the question itself says of permission.
struct Asking {
  bool by_page = false;  // with a public key: only what is firmly tied to the atom is looked at
  Mask yes = 0, no = 0;  // the consent signal that came with the question; a no always wins
  Instant now;           // the house's clock, for a partition that is idle stands still
};

/// The person of that atom, as they may be looked at now. Unknown when the atom belongs to several
/// people or to none. Borrows the component's memories. Cost: some hundred nanoseconds; for a page
/// whose device is joined by assertion alone, one evaluation of each segment that is asked about.
decide::Subject subject_of(
    const PartitionState& state, const Component& component, std::size_t atom, const Asking& asking,
    const House& house
);

/// How many of the offer are known here to be taken: exact where it is counted, elsewhere as told when
/// nothing was left.
std::uint64_t taken_of(const PartitionState& state, const decide::Offer& offer);

/// What a token of it seals (touchpoint/token.h).
std::string ticket_form(const Atom& atom, const decide::Exposure& exposure);

/// Where takes of that offer are counted: a fixed slot, whatever is declared.
inline AtomId stock_lane(std::string_view offer) {
  const Hash128 h = hash128(offer);
  return {h.hi, h.lo};
}

}  // namespace hospes::flow
