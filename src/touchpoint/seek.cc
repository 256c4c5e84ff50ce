#include "touchpoint/seek.h"

#include <memory>

namespace hospes::touchpoint {
namespace {

constexpr unsigned hops_max = 64;  // from component to elder component

struct Search {
  node::Node& node;
  AtomId atom;
  Draw draw;
  unsigned hops = 0;
};

void look_in(const std::shared_ptr<Search>& search, AtomId component);

/// True when it was drawn, here or as nobody; else the search goes on.
void look(const std::shared_ptr<Search>& search, AtomId at, const flow::PartitionState& state) {
  if (search->hops == 0) {
    if (const auto d = state.directory.find(search->atom);
        d != state.directory.end() && d->second.atom != at) {
      ++search->hops;
      return look_in(search, d->second.atom);
    }
  }
  const auto found = state.components.find(at);
  if (found != state.components.end() && found->second->moved_to && search->hops < hops_max) {
    ++search->hops;
    return look_in(search, found->second->moved_to->atom);
  }
  if (found != state.components.end() && !found->second->moved_to) {
    const auto& atoms = found->second->atoms;
    for (std::size_t i = 0; i < atoms.size(); ++i)
      if (atoms[i].atom.id == search->atom) return search->draw(state, found->second.get(), i);
  }
  search->draw(state, nullptr, 0);
}

void look_in(const std::shared_ptr<Search>& search, AtomId component) {
  search->node.ask(search->node.lane_of(component), [=](const flow::PartitionState& state) {
    look(search, component, state);
  });
}

}  // namespace

void seek(node::Node& node, AtomId atom, Draw draw) {
  look_in(std::make_shared<Search>(node, atom, std::move(draw)), atom);
}

}  // namespace hospes::touchpoint
