#include "base/check.h"
#include "flow/cold.h"
#include "flow/retention.h"
#include "flow/step.h"

namespace hospes::flow {

Component& own_component(PartitionState& state, const Atom& atom) {
  std::unique_ptr<Component>& slot = state.components[atom.id];
  if (!slot) {
    slot = std::make_unique<Component>();
    slot->id = person_of(atom);
    slot->atoms.emplace_back(atom);
    touch(state, *slot);
    if (state.keeping) expect_end(state, *slot, state.keeping->silent(state.clock));
  }
  return *slot;
}

void touch(PartitionState& state, Component& component) {
  weigh(state, component);
  if (component.dirty) return;
  component.dirty = true;
  state.dirty.push_back(&component);
}

std::size_t index_of(const Component& component, AtomId atom) {
  for (std::size_t i = 0; i < component.atoms.size(); ++i) {
    if (component.atoms[i].atom.id == atom) return i;
  }
  return nowhere;
}

Component* arrive_at(Step& step, const record::Record& record, ComponentId id) {
  for (;;) {
    if (!step.is_home(id.atom)) {
      record::Record onward = record;
      onward.to = id;
      step.send(id.atom, std::move(onward));
      return nullptr;
    }
    const auto at = step.state.components.find(id.atom);
    if (at == step.state.components.end()) return nullptr;  // erased meanwhile
    if (!at->second->moved_to) return at->second.get();
    id = *at->second->moved_to;  // always elder: the chain ends
  }
}

Component* addressee(Step& step, const record::Record& record, const Atom& atom) {
  if (record.to) return arrive_at(step, record, *record.to);
  if (!step.is_home(atom.id)) {
    step.send(atom.id, record);
    return nullptr;
  }
  if (const auto at = step.state.directory.find(atom.id); at != step.state.directory.end()) {
    return arrive_at(step, record, at->second);
  }
  Component& own = own_component(step.state, atom);
  return own.moved_to ? arrive_at(step, record, *own.moved_to) : &own;
}

}  // namespace hospes::flow
