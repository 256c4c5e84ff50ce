#include <algorithm>

#include "base/check.h"
#include "flow/cold.h"
#include "flow/retention.h"
#include "flow/rows.h"
#include "flow/step.h"

namespace hospes::flow {
namespace {

/// A resend so late that the de-duplication window has forgotten it: its owner's timeline has not.
bool on_timeline(const Timeline& timeline, const Event& event) {
  const auto moments = timeline.in_order();
  const auto key = std::tie(event.happened, event.message);
  const auto at =
      std::ranges::lower_bound(moments, key, {}, [](const Moment& m) { return m.key(); });
  return at != moments.end() && at->key() == key;
}

bool predates_window(const PartitionState& state, const Event& event) {
  return event.happened < state.clock - dedup_window && state.opened < state.clock - dedup_window;
}

void remember_references(
    PartitionState& state, AtomState& atom, const std::vector<Hash128>& references
) {
  for (const Hash128& hash : references) {
    if (!state.references.emplace(hash, atom.atom.id).second) continue;  // the first owner keeps it
    atom.references.push_back(hash);
  }
}

}  // namespace

void deliver(Step& step, Component& component, const record::Arrived& arrived) {
  const Event& event = arrived.event;
  PartitionState& state = step.state;
  step.happened = event.happened;
  step.history = is_history(event, *step.house.names);
  step.entered.clear();
  step.led.clear();
  const std::size_t owner = index_of(component, event.owner.id);
  if (owner == nowhere || component.atoms[owner].erased) {  // erased while it travelled
    ++state.totals.erased;
    return;
  }
  AtomState& atom = component.atoms[owner];
  if (predates_window(state, event) && on_timeline(timeline_of(state, component, atom), event)) {
    ++state.totals.duplicates;
    step.outcome.fates.push_back({event.message, Became::duplicate});
    return;
  }
  atom.held.add(event);
  append_event(atom, event, *step.house.names);
  remember_references(state, atom, arrived.references);
  expect_end(state, component, event);
  touch(state, component);
  ++state.totals.events;
  step.outcome.fates.push_back({event.message, Became::applied});

  bool people_change = component.people.empty() && component.shared.empty() && component.aside.empty();
  for (const Atom& other : event.others)
    people_change |= add_evidence(step, component, event, other);
  for (const OpenedBy& opened : event.opened) {
    const auto by = std::ranges::find(event.others, opened.atom, &Atom::id);
    if (by != event.others.end()) keep_near(step, component, event, *by);
  }
  std::vector<std::uint32_t> anew;
  // Somebody new comes into being by the event itself.
  if (people_change) anew = regroup(step, component, component.people.empty() ? Why::event : Why::join);
  PersonState* person = person_with(component, owner);
  if (person == nullptr) return;  // a shared device: its own events belong to nobody
  step.event = &event;
  if (!people_change) {
    fold(step, component, *person, atom, atom.held.latest());
  } else if (std::ranges::find(anew, person->dense) == anew.end()) {
    rebuild(step, component, *person, state.clock, Why::event);
  }
  step.event = nullptr;
  lead(step, component, owner, event);
}

void deliver(Step& step, Component& component, record::Answered answered) {
  const std::size_t index = index_of(component, answered.atom.id);
  if (index == nowhere || component.atoms[index].erased) {
    ++step.state.totals.erased;
    return;
  }
  if (answered.acted == Instant::never()) {  // from a lane that an earlier hospes wrote
    answered.acted = step.state.clock;
    answered.position = step.position;
  }
  consent::Row row = row_of(answered);
  if (answered.purpose == step.house.link && consent::is_against(row.state))
    copy_noes(step, component, index, row.acted, row.position);
  AtomState& atom = component.atoms[index];
  atom.ledger.insert(row);
  atom.fresh_ledger = true;
  if (step.state.keeping)  // a no that ends may be all that held the identifier
    expect_end(step.state, component, step.state.keeping->silent(row.acted));
  step.outcome.answers.push_back(std::move(row));
  step.outcome.fates.push_back({answered.message, Became::applied});
  touch(step.state, component);
  // It decides who is who (`link`), and what is seen: of its person, of whom it is firmly tied to,
  // and of whose events it opened.
  regroup(step, component, Why::answer, true);
}

}  // namespace hospes::flow
