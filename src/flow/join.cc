#include <algorithm>

#include "base/check.h"
#include "catalog/kinds.h"
#include "flow/cold.h"
#include "flow/rows.h"
#include "flow/step.h"

namespace hospes::flow {
namespace {

/// Sends the whole component to an elder one. What arrives here later is sent behind it, on the
/// same way.
void move(Step& step, Component& component, const ComponentId& to) {
  check(to < component.id, "components move to elder ones only");
  PartitionState& state = step.state;
  record::Bundle bundle{.from = component.id, .atoms = {}, .edges = structure_form(component)};
  for (PersonState& person : component.people) retire(step, component, person, Why::join);
  for (AtomState& atom : component.atoms) {
    if (atom.erased) continue;  // stands in the structure
    bundle.atoms.push_back(
        {atom.atom, atom_form(atom, timeline_of(state, component, atom), *step.house.names)}
    );
    for (const Hash128& hash : atom.references) state.references.erase(hash);
    state.left_atoms.emplace_back(atom.atom.id, atom.chunks);
    forget_effects(state, atom);
    forget_led(state, atom);
  }
  expect_end(state, component, Instant::never());
  component.atoms.clear();
  component.edges.clear();
  component.rulings.clear();
  component.people.clear();
  component.shared.clear();
  component.moved_to = to;
  weigh(state, component);
  touch(state, component);
  step.send(
      to.atom, record::Record{.stamp = {}, .origin = {}, .to = to, .body = std::move(bundle)}
  );
}

}  // namespace

void ask_for(Step& step, Component& component, const Atom& other, const Atom& by) {
  component.joining_until = step.state.clock + joining_lasts;
  step.send(
      other.id,
      record::Record{
          .stamp = {}, .origin = {}, .to = {}, .body = record::Link{component.id, other, by}}
  );
}

bool note_namer(Step& step, Component& component, AtomState& atom, const Atom& namer) {
  if (!namer.id || catalog::priority_of(namer.kind) != 0 || atom.quarantined) return false;
  if (std::ranges::find(atom.namers, namer.id) != atom.namers.end()) return false;
  atom.namers.push_back(namer.id);
  touch(step.state, component);
  if (atom.namers.size() <= step.house.named_max) return false;
  atom.quarantined = true;
  step.outcome.quarantined.push_back(atom.atom.id);
  return true;
}

/// Neither a frozen component nor a value that is nobody's brings anybody together: O(1), however
/// often it is named.
void on_link(Step& step, const record::Record& record, const record::Link& link) {
  Component* found = addressee(step, record, link.wanted);
  if (found == nullptr) return;
  const std::size_t wanted = index_of(*found, link.wanted.id);
  if (wanted == nowhere && !record.to) {  // in a bundle on its way here: it is named when it has come
    step.send(
        found->id.atom, record::Record{.stamp = {}, .origin = {}, .to = found->id, .body = link}
    );
    return;
  }
  if (wanted == nowhere || found->atoms[wanted].erased || found->atoms[wanted].quarantined) return;
  if (note_namer(step, *found, found->atoms[wanted], link.by)) {
    regroup(step, *found, Why::split, true);
    return;
  }
  if (found->frozen || found->id == link.from) return;
  if (link.from < found->id) {
    move(step, *found, link.from);
  } else {
    found->joining_until = step.state.clock + joining_lasts;
    step.send(
        link.from.atom,
        record::Record{
            .stamp = {}, .origin = {}, .to = link.from, .body = record::Invite{found->id}}
    );
  }
}

void on_invite(Step& step, const record::Record& record, const record::Invite& invite) {
  Component* found = arrive_at(step, record, *record.to);
  if (found == nullptr || found->id == invite.winner || found->frozen) return;
  if (invite.winner < found->id) {
    move(step, *found, invite.winner);
  } else {  // this component has moved on to an elder one meanwhile: now the other is the younger
    step.send(
        invite.winner.atom,
        record::Record{
            .stamp = {}, .origin = {}, .to = invite.winner, .body = record::Invite{found->id}}
    );
  }
}

void on_bundle(Step& step, const record::Record& record, const record::Bundle& bundle) {
  Component* into = arrive_at(step, record, *record.to);
  if (into == nullptr) return;
  PartitionState& state = step.state;
  bool answers = false;  // perhaps of one whose yes opened somebody else's event
  for (const record::Moved& moved : bundle.atoms) {
    if (index_of(*into, moved.atom.id) != nowhere) continue;
    AtomState atom = read_atom_form(moved, *step.house.names);
    for (const Hash128& hash : atom.references) state.references.emplace(hash, atom.atom.id);
    answers = answers || !atom.ledger.empty();
    into->atoms.push_back(std::move(atom));
    index_effects(state, *into, into->atoms.back());
    index_led(state, *into, into->atoms.back());
    step.send(
        moved.atom.id,
        record::Record{
            .stamp = {}, .origin = {}, .to = {}, .body = record::Repoint{moved.atom.id, into->id}}
    );
  }
  check(read_structure(bundle.edges, *into).has_value(), "a bundle's structure reads");
  into->frozen = into->frozen || into->atoms.size() > component_atoms_max ||
                 into->edges.size() > component_edges_max;
  into->joining_until = Instant::beginning();
  if (state.keeping) expect_end(state, *into, state.clock);
  touch(state, *into);
  regroup(step, *into, Why::join, answers);
}

void on_repoint(Step& step, const record::Repoint& repoint) {
  const auto [at, first] = step.state.directory.try_emplace(repoint.atom, repoint.component);
  if (!first && at->second <= repoint.component) return;  // it has moved to an elder one since
  at->second = repoint.component;
  step.state.dirty_directory.push_back(repoint.atom);
}

}  // namespace hospes::flow
