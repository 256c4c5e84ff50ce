#include "portal/reach.h"

#include <algorithm>

#include "catalog/kinds.h"
#include "consent/ledger.h"
#include "flow/evidence.h"
#include "identity/people.h"

namespace hospes::portal {
namespace {

bool says_yes(const flow::AtomState& atom, PurposeBit purpose, Instant now) {
  const consent::Standing* s = atom.ledger.standing(purpose);
  return s != nullptr && s->yes_over(now, now);
}

bool firmly_tied(
    const Met& met, PurposeBit link, const std::vector<AtomId>& addresses,
    const std::vector<AtomId>& yeses
) {
  const auto firm =
      flow::people_of(met.component, identity::Reading::firm, link, met.state.clock);
  const auto holds = [](const identity::Group& group, const std::vector<AtomId>& some) {
    return std::ranges::any_of(some, [&](AtomId id) {
      return std::ranges::find(group.atoms, id) != group.atoms.end();
    });
  };
  return std::ranges::any_of(firm.groups, [&](const identity::Group& group) {
    return holds(group, addresses) && holds(group, yeses);
  });
}

}  // namespace

bool reachable_by_email(const Met& met, PurposeBit purpose, PurposeBit link, Instant now) {
  std::vector<const consent::Ledger*> ledgers;
  std::vector<AtomId> addresses, yeses;
  bool on_address = false;
  for (const std::uint16_t i : met.person.atoms) {
    const flow::AtomState& atom = met.component.atoms[i];
    ledgers.push_back(&atom.ledger);
    const bool address = atom.atom.kind == catalog::kind::email;
    const bool yes = says_yes(atom, purpose, now);
    if (address) addresses.push_back(atom.atom.id);
    if (yes) yeses.push_back(atom.atom.id);
    on_address = on_address || (address && yes);
  }
  for (const std::uint16_t i : met.person.tied) ledgers.push_back(&met.component.atoms[i].ledger);
  if (addresses.empty() || yeses.empty()) return false;
  if (consent::meet(ledgers, purpose, now) != consent::Answer::given) return false;
  return on_address || firmly_tied(met, link, addresses, yeses);
}

}  // namespace hospes::portal
