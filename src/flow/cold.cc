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
    if (!component.queued) {
      component.queued = true;
      state.read_back.push_back(&component);
    }
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

namespace {

/// Whoever still holds something afterwards stands in `warm`, as the newest there.
void let_go_of_first(const PartitionState& state, std::deque<const Component*>& queue) {
  const Component& c = *queue.front();
  queue.pop_front();
  c.queued = false;
  for (const AtomState& a : c.atoms) {
    if (a.fresh_count > 0 || a.rewrite || a.taken > state.confirmed) continue;
    a.held.drop();
    a.cold = a.chunks;
  }
  weigh(state, c);
}

}  // namespace

void make_room(const PartitionState& state) {
  if (state.cold == nullptr || state.warm_bytes <= state.warm_bytes_max) return;
  while (!state.read_back.empty()) let_go_of_first(state, state.read_back);
  if (state.crowded) return;
  // Called after each batch: a pass goes on until there is room for many of them, and what waits
  // for its checkpoint is not looked through again before one is confirmed.
  const std::size_t enough = state.warm_bytes_max - state.warm_bytes_max / 8;
  for (std::size_t n = state.warm.size(); n > 0 && state.warm_bytes > enough; --n)
    let_go_of_first(state, state.warm);
  state.crowded = state.warm_bytes > enough;
}

}  // namespace hospes::flow
