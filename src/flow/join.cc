#include <algorithm>

#include "base/check.h"
#include "flow/cold.h"
#include "flow/rows.h"
#include "flow/step.h"

namespace hospes::flow {
namespace {

Evidence* find_edge(Component& component, AtomId a, AtomId b) {
  const auto at = std::ranges::find_if(component.edges, [&](const Evidence& e) {
    return e.a == a && e.b == b;
  });
  return at == component.edges.end() ? nullptr : &*at;
}

void merge_edges(Component& into, const std::vector<Evidence>& edges) {
  for (const Evidence& e : edges) {
    Evidence* known = find_edge(into, e.a, e.b);
    if (known == nullptr) {
      into.edges.push_back(e);
      continue;
    }
    for (std::size_t g = 0; g < e.earliest.size(); ++g)
      known->earliest[g] = std::min(known->earliest[g], e.earliest[g]);
  }
}

/// Sends the whole component to an elder one. What arrives here later is sent behind it, on the
/// same way.
void move(Step& step, Component& component, const ComponentId& to) {
  check(to < component.id, "components move to elder ones only");
  PartitionState& state = step.state;
  record::Bundle bundle{.from = component.id, .atoms = {}, .edges = edges_form(component.edges)};
  for (PersonState& person : component.people) retire(step, component, person, Why::join);
  for (AtomState& atom : component.atoms) {
    bundle.atoms.push_back(
        {atom.atom, atom_form(atom, timeline_of(state, component, atom), *step.house.names)}
    );
    for (const Hash128& hash : atom.references) state.references.erase(hash);
    state.left_atoms.emplace_back(atom.atom.id, atom.chunks);
  }
  component.atoms.clear();
  component.edges.clear();
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

bool add_evidence(Step& step, Component& component, const Event& event, const Atom& other) {
  if (other.id == event.owner.id || (event.mask & bit(step.house.link)) == 0) return false;
  const auto [a, b] = std::minmax(event.owner.id, other.id);
  const auto grade = static_cast<std::size_t>(event.grade);
  Evidence* edge = find_edge(component, a, b);
  if (edge == nullptr) {
    if (component.frozen || component.edges.size() >= component_edges_max) {
      component.frozen = true;
      return false;
    }
    edge = &component.edges.emplace_back(Evidence{.a = a, .b = b});
    if (index_of(component, other.id) == nowhere) {
      step.send(
          other.id,
          record::Record{
              .stamp = {}, .origin = {}, .to = {}, .body = record::Link{component.id, other}}
      );
    }
  } else if (edge->earliest[grade] <= event.start()) {
    return false;
  }
  edge->earliest[grade] = std::min(edge->earliest[grade], event.start());
  return index_of(component, other.id) != nowhere;
}

void on_link(Step& step, const record::Record& record, const record::Link& link) {
  Component* found = addressee(step, record, link.wanted);
  if (found == nullptr || found->id == link.from) return;
  if (link.from < found->id) {
    move(step, *found, link.from);
  } else {
    step.send(
        link.from.atom,
        record::Record{
            .stamp = {}, .origin = {}, .to = link.from, .body = record::Invite{found->id}}
    );
  }
}

void on_invite(Step& step, const record::Record& record, const record::Invite& invite) {
  Component* found = arrive_at(step, record, *record.to);
  if (found == nullptr || found->id == invite.winner) return;
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
  for (const record::Moved& moved : bundle.atoms) {
    if (index_of(*into, moved.atom.id) != nowhere) continue;
    AtomState atom = read_atom_form(moved, *step.house.names);
    for (const Hash128& hash : atom.references) state.references.emplace(hash, atom.atom.id);
    into->atoms.push_back(std::move(atom));
    step.send(
        moved.atom.id,
        record::Record{
            .stamp = {}, .origin = {}, .to = {}, .body = record::Repoint{moved.atom.id, into->id}}
    );
  }
  merge_edges(*into, read_edges_form(bundle.edges));
  into->frozen = into->frozen || into->atoms.size() > component_atoms_max ||
                 into->edges.size() > component_edges_max;
  touch(state, *into);
  regroup(step, *into, Why::join);
}

void on_repoint(Step& step, const record::Repoint& repoint) {
  const auto [at, first] = step.state.directory.try_emplace(repoint.atom, repoint.component);
  if (!first && at->second <= repoint.component) return;  // it has moved to an elder one since
  at->second = repoint.component;
  step.state.dirty_directory.push_back(repoint.atom);
}

}  // namespace hospes::flow
