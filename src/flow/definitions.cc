// Segment definitions enter through the lane; every partition switches when its clock reaches the
// instant they name.
#include <algorithm>

#include "base/check.h"
#include "flow/cold.h"
#include "flow/step.h"

namespace hospes::flow {

void take_definitions(Step& step, const record::Defined& defined) {
  PartitionState& state = step.state;
  const std::uint64_t latest =
      state.next_definitions ? state.next_definitions->version : state.definitions.version;
  if (defined.version <= latest) return;
  state.next_definitions = defined;
  if (defined.active_at <= state.clock) switch_definitions(step);
}

void switch_definitions(Step& step) {
  PartitionState& state = step.state;
  record::Defined next = *std::exchange(state.next_definitions, std::nullopt);
  const bool kept = next.retention == state.definitions.retention;
  // Who is in which segment hangs on their text alone: what else changes rebuilds nobody.
  const bool same = state.engine != nullptr && next.segments == state.definitions.segments;
  state.definitions = std::move(next);
  if (!same) state.engine = step.house.engine(state.definitions);
  check(state.engine != nullptr, "definitions were compiled before they were written");
  state.rules = step.house.rules ? step.house.rules(state.definitions, *state.engine) : nullptr;
  if (!kept && step.house.keeping) keep_by(state, step.house.keeping(state.definitions));
  open_stages(state);
  const auto before = state.led.book;
  open_book(state, step.house);
  const std::vector<std::string> held = resumed(state, before.get());
  welcome_members(state, before.get());
  release_sweeps(state);
  state.decisions =
      step.house.decisions ? step.house.decisions(state.definitions, *state.engine) : nullptr;
  tell_sold_out(step);
  state.members.resize(std::max(state.members.size(), state.engine->definitions().size()));
  // In the order in which people were numbered: the order of a hash map must not reach the stream
  // of passages.
  for (std::size_t dense = 0; dense < state.dense.size(); ++dense) {
    const PersonRef ref = state.dense[dense];
    if (ref.component == nullptr) continue;
    if (!same)
      rebuild(step, *ref.component, ref.component->people[ref.index], state.clock, Why::definition);
    settle_led(step, *ref.component, {}, !same);
    if (!held.empty()) resume_led(step, *ref.component, held);
    make_room(state);
  }
}

}  // namespace hospes::flow
