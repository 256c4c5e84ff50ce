#include "flow/apply.h"

#include <algorithm>

#include "base/check.h"
#include "flow/cold.h"
#include "flow/step.h"

namespace hospes::flow {
namespace {

/// A message that this partition has taken before: its sender replayed after a crash.
bool is_repeat(PartitionState& state, const record::Record& record) {
  if (!record.origin) return false;
  const Mark mark{record.origin->position, record.origin->index};
  const auto [at, first] = state.marks.try_emplace(record.origin->partition, mark);
  if (first) return false;
  if (mark <= at->second) return true;
  at->second = mark;
  return false;
}

struct Dispatch {
  Step& step;
  const record::Record& record;

  void operator()(const record::Arrived& arrived) {
    const Event& e = arrived.event;
    if (!record.origin && !see(step.state, e.message, {e.owner.id, e.received})) {
      ++step.state.totals.duplicates;
      step.outcome.fates.push_back({e.message, Became::duplicate});
      return;
    }
    step.message = e.message;
    if (Component* c = addressee(step, record, e.owner)) deliver(step, *c, arrived);
  }
  void operator()(const record::Answered& answered) {
    if (!record.origin && !see(step.state, answered.message, {answered.atom.id, record.stamp})) {
      ++step.state.totals.duplicates;
      step.outcome.fates.push_back({answered.message, Became::duplicate});
      return;
    }
    step.message = answered.message;
    stamped(answered, answered.atom);
  }
  void operator()(const record::Link& link) { on_link(step, record, link); }
  void operator()(const record::Invite& invite) { on_invite(step, record, invite); }
  void operator()(const record::Bundle& bundle) { on_bundle(step, record, bundle); }
  void operator()(const record::Repoint& repoint) { on_repoint(step, repoint); }
  void operator()(const record::Defined& defined) { take_definitions(step, defined); }
  void operator()(const record::Tick&) {}
  void operator()(const record::Erased&) { ++step.state.totals.erased; }
  void operator()(const record::Ruled& ruled) {
    if (!record.origin && !see(step.state, ruled.message, {ruled.a.id, record.stamp})) {
      ++step.state.totals.duplicates;
      step.outcome.fates.push_back({ruled.message, Became::duplicate});
      return;
    }
    step.message = ruled.message;
    stamped(ruled, ruled.a);
  }
  void operator()(const record::Claimed& claimed) {
    if (Component* c = addressee(step, record, claimed.anchor)) deliver(step, *c, claimed);
  }
  void operator()(const record::Performed& performed) {
    if (Component* c = addressee(step, record, performed.anchor)) deliver(step, *c, performed);
  }
  void operator()(const record::Witnessed& witnessed) {
    if (!record.origin && !see(step.state, witnessed.message, {witnessed.atom.id, record.stamp}))
      return;
    step.message = witnessed.message;
    if (!witnessed.atom.id) return count_witnessed(step, witnessed);
    if (Component* c = addressee(step, record, witnessed.atom)) deliver(step, *c, witnessed);
  }
  void operator()(const record::Levelled& levelled) {
    if (!record.origin && !see(step.state, levelled.message, {levelled.atom.id, record.stamp})) return;
    step.message = levelled.message;
    if (Component* c = addressee(step, record, levelled.atom)) deliver(step, *c, levelled);
  }
  void operator()(const record::Took& took) { take(step, took); }
  void operator()(const record::SoldOut& sold) { hear_sold_out(step, sold); }
  void operator()(const record::Requested& requested) {
    if (!record.origin && !see(step.state, requested.message, {requested.atom.id, record.stamp}))
      return;
    if (Component* c = addressee(step, record, requested.atom)) deliver(step, *c, requested);
  }
  void operator()(const record::Forgotten& forgotten) {
    if (!record.origin && !see(step.state, forgotten.message, {forgotten.atom.id, record.stamp})) {
      ++step.state.totals.duplicates;
      return;
    }
    step.message = forgotten.message;
    if (Component* c = addressee(step, record, forgotten.atom)) deliver(step, *c, forgotten);
  }

  /// The order of the home lane counts, wherever the record is carried and whatever overtakes it.
  template <class Body>
  void stamped(const Body& body, const Atom& atom) {
    if (body.acted != Instant::never() || !step.is_home(atom.id)) {
      if (Component* c = addressee(step, record, atom)) deliver(step, *c, body);
      return;
    }
    record::Record here = record;
    Body& mine = std::get<Body>(here.body);
    mine.acted = step.state.clock;
    mine.position = step.position;
    if (Component* c = addressee(step, here, atom)) deliver(step, *c, mine);
  }
};

}  // namespace

std::string_view to_string(Why why) {
  switch (why) {
    case Why::event:
      return "event";
    case Why::time:
      return "time";
    case Why::rebuild:
      return "rebuild";
    case Why::join:
      return "join";
    case Why::answer:
      return "answer";
    case Why::definition:
      return "definition";
    case Why::split:
      return "split";
    case Why::erasure:
      return "erasure";
    case Why::restriction:
      return "restriction";
  }
  return "unknown";
}

void Step::send(AtomId home_of, record::Record record) { send(home(home_of), std::move(record)); }

void Step::send(Partition to, record::Record record) {
  record.origin = record::Origin{state.self, position, index++};
  record.stamp = state.clock;
  if (to == state.self) {
    here.push_back(std::move(record));
  } else {
    outcome.messages.push_back({to, std::move(record)});
  }
}

/// What is due at one instant: new definitions first, then timers by person, then journeys.
void advance_clock(Step& step, Instant stamp) {
  PartitionState& state = step.state;
  const std::int64_t day_before = state.clock.us / 86'400'000'000;
  for (;;) {
    settle_words(step);
    const Instant change =
        state.next_definitions ? state.next_definitions->active_at : Instant::never();
    segment::Timer timer;
    const Instant led = state.led.soonest();
    if (!state.timers.pop(std::min({stamp, change - Duration(1), led}), timer)) {
      if (led <= stamp && led < change) {
        state.clock = std::max(state.clock, led);
        lead_due(step, led);
        continue;
      }
      if (change > stamp) break;
      state.clock = std::max(state.clock, change);
      switch_definitions(step);
      continue;
    }
    state.clock = std::max(state.clock, timer.due);
    PersonRef ref = state.dense[timer.person];
    if (ref.component == nullptr) continue;
    if (link_ends(*ref.component, step.house.link, timer.due)) {
      regroup(step, *ref.component, Why::time);
      ref = state.dense[timer.person];
      if (ref.component == nullptr) continue;
    }
    PersonState& person = ref.component->people[ref.index];
    if (person.scheduled != timer.due) continue;
    person.scheduled = Instant::never();
    if (person.due > timer.due) {
      schedule(state, person, person.due);
    } else {
      fire(step, *ref.component, person, timer.due);
    }
  }
  state.clock = std::max(state.clock, stamp);
  make_ready(step);
  sweep(step);
  settle_words(step);
  let_end(step);
  if (state.clock.us / 86'400'000'000 != day_before) forget_seen(state);
}

void apply(
    PartitionState& state, Position position, const record::Record& record, const House& house,
    Outcome& outcome
) {
  check(position > state.applied, "a lane is applied in order");
  Step step{state, position, house, outcome};
  if (!is_repeat(state, record)) {
    state.opened = std::min(state.opened, record.stamp);
    advance_clock(step, record.stamp);
    std::visit(Dispatch{step, record}, record.body);
    settle_words(step);
    while (!step.here.empty()) {
      const record::Record next = std::move(step.here.front());
      step.here.pop_front();
      std::visit(Dispatch{step, next}, next.body);
      settle_words(step);
    }
  }
  state.applied = position;
}

Instant next_due(const PartitionState& state) {
  const Instant change =
      state.next_definitions ? state.next_definitions->active_at : Instant::never();
  const Instant held = state.held.empty() ? Instant::never() : state.held.begin()->due;
  const Instant swept = state.led.sweeps.empty() ? Instant::never() : state.led.sweeps.front().due;
  const Instant ending = state.ending.empty() ? Instant::never() : state.ending.begin()->at;
  return std::min({state.timers.soonest(), change, held, state.led.soonest(), swept, ending});
}

}  // namespace hospes::flow
