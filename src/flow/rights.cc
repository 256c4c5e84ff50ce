// Who has everything of theirs kept from use (GDPR art. 18), or is about to be forgotten, stands
// aside: their events are kept under their atoms, and there is no person that a segment, a rule, a
// read or a count could meet. docs/rights.md.
#include <algorithm>

#include "flow/evidence.h"
#include "flow/look.h"
#include "flow/step.h"

namespace hospes::flow {

std::vector<AtomId> set_aside(
    const Component& component, const identity::People& live, PurposeBit link, Instant now
) {
  std::vector<AtomId> halted;
  for (const AtomState& a : component.atoms)
    if (!a.erased && rights::halts(a.requests)) halted.push_back(a.atom.id);
  if (halted.empty()) return halted;
  const auto touched = [&](const identity::Group& group) {
    return std::ranges::any_of(group.atoms, [&](AtomId id) {
      return std::ranges::find(halted, id) != halted.end();
    });
  };
  const identity::People firm = people_of(component, identity::Reading::firm, link, now);
  std::vector<AtomId> tied;
  for (const identity::Group& group : firm.groups)
    if (touched(group)) tied.insert(tied.end(), group.atoms.begin(), group.atoms.end());
  halted.insert(halted.end(), tied.begin(), tied.end());
  std::vector<AtomId> out;
  for (const identity::Group& group : live.groups)
    if (touched(group)) out.insert(out.end(), group.atoms.begin(), group.atoms.end());
  std::ranges::sort(out);
  return out;
}

bool stands_aside(const Component& component, const AtomState& atom) {
  return rights::halts(atom.requests) ||
         std::ranges::binary_search(component.aside, atom.atom.id);
}

void deliver(Step& step, Component& component, const record::Requested& requested) {
  const std::size_t at = index_of(component, requested.atom.id);
  if (at == nowhere || component.atoms[at].erased) {
    ++step.state.totals.erased;
    return;
  }
  AtomState& atom = component.atoms[at];
  rights::Request said;
  if (!rights::read_request(requested.content, said)) return;  // of a later hospes
  const bool halted = rights::halts(atom.requests);
  if (!rights::put(atom.requests, std::move(said))) return;
  atom.fresh_requests = true;
  touch(step.state, component);
  if (halted != rights::halts(atom.requests)) regroup(step, component, Why::restriction, true);
}

}  // namespace hospes::flow
