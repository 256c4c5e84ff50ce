#include <algorithm>

#include "base/check.h"
#include "catalog/kinds.h"
#include "consent/lens.h"
#include "flow/evidence.h"
#include "flow/look.h"
#include "flow/step.h"

namespace hospes::flow {
namespace {

/// Others of the component who are firmly tied to one of the person. Few have any: a shared device,
/// whose edges the live reading voids.
std::vector<std::uint16_t> tied_to(
    const Component& component, const PersonState& person, const identity::People& firm
) {
  std::vector<std::uint16_t> out;
  const auto is_own = [&](AtomId id) {
    const std::size_t at = index_of(component, id);
    return std::ranges::find(person.atoms, at) != person.atoms.end();
  };
  for (const identity::Group& group : firm.groups) {
    if (std::ranges::none_of(group.atoms, is_own)) continue;
    for (const AtomId id : group.atoms) {
      const auto at = static_cast<std::uint16_t>(index_of(component, id));
      if (!is_own(id) && std::ranges::find(out, at) == out.end()) out.push_back(at);
    }
  }
  std::ranges::sort(out);
  return out;
}

void emit(
    Step& step, Component& component, const PersonState& person, segment::Flips& flips, Why why
) {
  if (flips.empty()) return;
  PartitionState& state = step.state;
  const bool simulated = is_simulated(component, person);
  pass_stages(step, flips, why, simulated);
  for (const segment::Flip& flip : flips) {
    if (flip.segment >= state.members.size()) state.members.resize(flip.segment + 1);
    roaring::Roaring& members = state.members[flip.segment];
    if (flip.entered) {
      members.add(person.dense);
    } else {
      members.remove(person.dense);
    }
    ++state.totals.transitions;
    step.outcome.transitions.push_back(
        {.partition = state.self,
         .person = person.id,
         .dense = person.dense,
         .segment = flip.segment,
         .entered = flip.entered,
         .from = flip.from,
         .at = flip.at,
         .why = why,
         .simulated = simulated,
         .message = step.message,
         .members = members.cardinality()}
    );
    decide(step, component, person, flip, why);
    lead(step, component, person, flip, why);
  }
}

void settle(Step& step, Component& component, PersonState& person, Instant lens_change) {
  badge(step.state, component, person);
  const Instant due = std::min(
      step.state.engine ? step.state.engine->due(person.page) : Instant::never(), lens_change
  );
  person.due = due;
  if (due != Instant::never()) schedule(step.state, person, due);
  touch(step.state, component);
}

void repoint_dense(PartitionState& state, Component& component) {
  for (std::size_t i = 0; i < component.people.size(); ++i) {
    state.dense[component.people[i].dense] = {&component, static_cast<std::uint16_t>(i)};
  }
}

}  // namespace

void badge(PartitionState& state, const Component& component, PersonState& person) {
  const bool simulated = is_simulated(component, person);
  if (simulated == std::exchange(person.simulated, simulated)) return;
  if (simulated) {
    state.simulated.add(person.dense);
  } else {
    state.simulated.remove(person.dense);
  }
}

PersonState* person_with(Component& component, std::size_t atom_index) {
  for (PersonState& person : component.people) {
    if (std::ranges::find(person.atoms, atom_index) != person.atoms.end()) return &person;
  }
  return nullptr;
}

void schedule(PartitionState& state, PersonState& person, Instant due) {
  if (due >= person.scheduled) return;  // the earlier timer will put itself back
  person.scheduled = due;
  state.timers.push({due, person.dense});
}

void retire(Step& step, Component& component, PersonState& person, Why why) {
  segment::Flips flips;
  for (const segment::Member& m : person.page.members()) {
    flips.push_back(
        {.segment = m.segment,
         .entered = false,
         .at = step.state.clock,
         .cause = segment::Cause::rebuild,
         .since = m.since}
    );
  }
  step.state.dense[person.dense] = {};  // first: who is no more is led nowhere by it
  emit(step, component, person, flips, why);
  step.state.simulated.remove(person.dense);
}

void rebuild(Step& step, Component& component, PersonState& person, Instant now, Why why) {
  const Look look(step.state, component, person, step.house.heeds_no_answer, now);
  segment::Flips flips;
  if (step.state.engine) step.state.engine->rebuild(person.page, look.person(), now, flips);
  emit(step, component, person, flips, why);
  settle(step, component, person, look.next_change());
}

void refresh(PartitionState& state, Component& component, PersonState& person, Mask heedless) {
  const Look look(state, component, person, heedless, state.clock);
  segment::Flips none;
  if (state.engine) state.engine->rebuild(person.page, look.person(), state.clock, none);
  for (const segment::Member& m : person.page.members()) state.members[m.segment].add(person.dense);
  badge(state, component, person);
  person.due = std::min(
      state.engine ? state.engine->due(person.page) : Instant::never(), look.next_change()
  );
  if (person.due != Instant::never()) schedule(state, person, person.due);
}

void fold(
    Step& step, Component& component, PersonState& person, AtomState& atom, const Moment& moment
) {
  if (!step.state.engine) return badge(step.state, component, person);
  const consent::Lens lens = lens_of(component, person, step.house.heeds_no_answer);
  const Instant now = step.state.clock;
  const segment::Seen seen{
      &moment, atom.held.body(moment), lens.visible(moment, atom.held.opened(moment), now)};
  segment::Flips flips;
  if (step.state.engine->add(person.page, seen, kinds_of(component, person), now, flips) ==
      segment::Added::needs_rebuild) {
    const Look look(step.state, component, person, step.house.heeds_no_answer, now);
    step.state.engine->rebuild(person.page, look.person(), now, flips, segment::Cause::event);
  }
  emit(step, component, person, flips, Why::event);
  settle(step, component, person, lens.next_change(now));
}

void fire(Step& step, Component& component, PersonState& person, Instant due) {
  if (!step.state.engine) return;
  segment::Flips flips;
  // A yes that ends hides events from every segment: then only the whole timeline tells.
  const consent::Lens lens = lens_of(component, person, step.house.heeds_no_answer);
  const bool answers_change = lens.next_change(due - Duration(1)) <= due;
  if (answers_change ||
      step.state.engine->fire(person.page, due, flips) == segment::Added::needs_rebuild) {
    const Look look(step.state, component, person, step.house.heeds_no_answer, due);
    step.state.engine->rebuild(person.page, look.person(), due, flips, segment::Cause::time);
  }
  emit(step, component, person, flips, Why::time);
  settle(step, component, person, lens.next_change(due));
}

void tie(Component& component, PurposeBit link, Instant now) {
  if (component.atoms.size() < 2) return;
  const identity::People firm = people_of(component, identity::Reading::firm, link, now);
  for (PersonState& person : component.people) {
    std::vector<std::uint16_t> tied = tied_to(component, person, firm);
    person.stale = person.stale || tied != person.tied;
    person.tied = std::move(tied);
  }
}

std::vector<std::uint32_t> regroup(Step& step, Component& component, Why why, bool everybody) {
  PartitionState& state = step.state;
  identity::People grouped =
      people_of(component, identity::Reading::live, step.house.link, state.clock);
  component.shared = std::move(grouped.shared);
  component.aside = set_aside(component, grouped, step.house.link, state.clock);

  std::vector<PersonState> before = std::exchange(component.people, {});
  std::vector<std::uint16_t> came;  // atoms that belong to another person now
  for (const identity::Group& group : grouped.groups) {
    if (std::ranges::find(component.aside, group.atoms.front()) != component.aside.end()) continue;
    PersonState person{.id = group.id};
    for (const AtomId& id : group.atoms)
      person.atoms.push_back(static_cast<std::uint16_t>(index_of(component, id)));
    std::ranges::sort(person.atoms);
    const auto same = std::ranges::find(before, group.id, &PersonState::id);
    if (same == before.end()) {
      person.dense = static_cast<std::uint32_t>(state.dense.size());
      state.dense.emplace_back();
      person.stale = true;
      came.insert(came.end(), person.atoms.begin(), person.atoms.end());
    } else {
      const bool unchanged = same->atoms == person.atoms;
      std::ranges::set_difference(person.atoms, same->atoms, std::back_inserter(came));
      same->atoms = std::move(person.atoms);
      person = std::move(*same);
      before.erase(same);
      person.stale = !unchanged;
    }
    component.people.push_back(std::move(person));
  }
  for (PersonState& gone : before) retire(step, component, gone, why);
  repoint_dense(state, component);
  tie(component, step.house.link, state.clock);
  std::vector<std::uint32_t> anew;
  for (PersonState& person : component.people) {
    if (!std::exchange(person.stale, false) && !everybody) continue;
    rebuild(step, component, person, state.clock, why);
    anew.push_back(person.dense);
  }
  settle_led(step, component, came);
  touch(state, component);
  return anew;
}

}  // namespace hospes::flow
