// How often a person wants to hear from the house: heard, kept under each identifier, asked of a person.
#include <algorithm>

#include "flow/effects.h"
#include "flow/evidence.h"
#include "flow/step.h"

namespace hospes::flow {

using outbox::Choice;
using outbox::Level;

Choice chosen_by(
    const Component& component, const PersonState& person, std::span<const std::uint16_t> firm
) {
  Choice out;
  const auto stricter = [&](const Choice& c) {
    return c.level > out.level || (c.level == out.level && c.since < out.since);
  };
  for (const auto& list : {person.atoms, person.tied})
    for (const std::uint16_t i : list) {
      const Choice& c = component.atoms[i].chosen;
      // More than the house's caps allow is heard of the firm person only, as a yes is.
      if (c.level == Level::all && std::ranges::find(firm, i) == firm.end()) continue;
      if (stricter(c)) out = c;
    }
  return out;
}

void keep_levels(Component& component, std::span<const std::uint16_t> people) {
  const Choice* least = nullptr;
  for (const std::uint16_t i : people) {
    const Choice& c = component.atoms[i].chosen;
    if (c.level >= Level::usual && (least == nullptr || c.level > least->level)) least = &c;
  }
  if (least == nullptr) return;
  const Choice kept = *least;
  for (const std::uint16_t i : people) {
    AtomState& atom = component.atoms[i];
    if (atom.erased || atom.chosen.level >= kept.level) continue;
    atom.chosen = kept;
    atom.fresh_chosen = true;
  }
}

void deliver(Step& step, Component& component, const record::Levelled& said) {
  const std::size_t at = index_of(component, said.atom.id);
  if (at == nowhere || component.atoms[at].erased || said.level >= outbox::level_names.size()) return;
  const Choice choice{
      .level = static_cast<Level>(said.level), .since = step.state.clock, .message = said.message,
      .source = said.source};
  // One word for all that is proved or attested to be theirs, as a yes is (design.md rule 6).
  for (const std::uint16_t i : firmly_tied(component, at, step.house.link, step.state.clock)) {
    AtomState& atom = component.atoms[i];
    if (atom.erased) continue;
    atom.chosen = choice;
    atom.fresh_chosen = true;
  }
  touch(step.state, component);
  const PersonState* person = person_with(component, at);
  if (person != nullptr) ask_again(step, component, *person);
}

}  // namespace hospes::flow
