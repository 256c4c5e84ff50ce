#include "portal/reach.h"

#include <algorithm>

#include "catalog/kinds.h"
#include "consent/ledger.h"
#include "identity/people.h"

namespace hospes::portal {
namespace {

bool says_yes(const flow::AtomState& atom, PurposeBit purpose, Instant now) {
  const consent::Standing* s = atom.ledger.standing(purpose);
  return s != nullptr && s->yes_over(now, now);
}

/// What `link` has not closed, as the component keeps it.
std::vector<identity::Edge> edges_of(const flow::Component& component) {
  std::vector<identity::Edge> out;
  for (const flow::Evidence& e : component.edges) {
    std::size_t grade = e.earliest.size();
    while (grade > 0 && e.earliest[grade - 1] == Instant::never()) --grade;
    if (grade > 0)
      out.push_back({e.a, e.b, static_cast<Grade>(grade - 1), e.earliest[grade - 1]});
  }
  return out;
}

bool firmly_tied(
    const flow::Component& component, const std::vector<AtomId>& addresses,
    const std::vector<AtomId>& yeses
) {
  std::vector<Atom> atoms;
  for (const flow::AtomState& a : component.atoms) atoms.push_back(a.atom);
  const auto firm = identity::people(atoms, edges_of(component), identity::Reading::firm);
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

bool reachable_by_email(const Met& met, PurposeBit purpose, Instant now) {
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
  if (addresses.empty() || yeses.empty()) return false;
  if (consent::meet(ledgers, purpose, now) != consent::Answer::given) return false;
  return on_address || firmly_tied(met.component, addresses, yeses);
}

}  // namespace hospes::portal
