#include "flow/cold.h"

#include "flow/forms.h"
#include "flow/keys.h"

namespace hospes::flow {
namespace {

Status read_back(const Cold& cold, const AtomState& atom) {
  for (std::uint32_t i = 0; i < atom.cold; ++i) {
    const auto row = TRY(cold.row(chunk_key(atom.atom.id, i)));
    if (!row) continue;  // its key was destroyed
    TRY(read_events(*row, atom.held, cold.names()));
  }
  atom.cold = 0;
  return {};
}

}  // namespace

const Timeline& timeline_of(
    const PartitionState& state, const Component& component, const AtomState& atom
) {
  if (atom.cold > 0) {
    if (Status read = read_back(*state.cold, atom); !read && state.unreadable)
      state.unreadable = std::move(read);
    state.crowded = false;  // what was only read back may leave at once
    weigh(state, component);
  }
  return atom.held;
}

void weigh(const PartitionState& state, const Component& component) {
  if (state.cold == nullptr) return;
  std::size_t bytes = 0;
  for (const AtomState& a : component.atoms) bytes += a.held.heap_bytes();
  state.warm_bytes += bytes - component.weight;
  component.weight = bytes;
  if (bytes == 0 || component.queued) return;
  component.queued = true;
  state.warm.push_back(&component);
}

void make_room(const PartitionState& state) {
  // Called after each batch: what waits for its checkpoint is not looked through every time.
  if (state.cold == nullptr || state.crowded) return;
  for (std::size_t n = state.warm.size(); n > 0 && state.warm_bytes > state.warm_bytes_max; --n) {
    const Component& c = *state.warm.front();
    state.warm.pop_front();
    c.queued = false;
    for (const AtomState& a : c.atoms) {
      if (a.fresh_count > 0 || a.taken > state.confirmed) continue;
      a.held.drop();
      a.cold = a.chunks;
    }
    weigh(state, c);
  }
  state.crowded = state.warm_bytes > state.warm_bytes_max;
}

}  // namespace hospes::flow
