// Leads the people of one component, one record at a time. Private to flow/.
#pragma once

#include "flow/step.h"

namespace hospes::flow {

class Guide {
 public:
  Guide(Step& step, Component& component) : step_(step), state_(step.state), component_(component) {}

  struct Entry {
    std::size_t anchor = 0;
    std::string key;
    Instant at;  // of what caused it
    Hash128 message;
    bool firm = true;
  };
  void enter(const PersonState& person, const journey::Bound& bound, const Entry& entry);

  /// Who asked to enter and may not is counted.
  void keep_out(const journey::Bound& bound, outbox::Reason reason) {
    count(bound, {.what = Led::Sum::kept_out, .reason = static_cast<std::uint8_t>(reason)});
  }
  /// Its timer is due.
  void due(AtomState& atom, journey::Instance& instance);
  /// What it waited for has come, or what it had to say of the person stands.
  void heard(AtomState& atom, journey::Instance& instance);
  /// As which event it says so; precondition: its step does.
  Event word_of(const AtomState& atom, const PersonState& person, const journey::Instance& instance, const journey::Bound& bound) const;
  /// The effect it waited for has ended so.
  void sent(AtomState& atom, journey::Instance& instance, outbox::State state, outbox::Reason reason);
  void end(AtomState& atom, journey::Instance& instance, journey::End end, outbox::Reason reason = {});
  /// Into a newer version: to the step of the same name, or the one it is said to become; else it ends.
  void bring(AtomState& atom, journey::Instance& instance, const journey::Bound& to);
  void sleep(AtomState& atom, journey::Instance& instance);
  void wake(AtomState& atom, journey::Instance& instance);
  /// Its journey was paused and is no more.
  void go_on(AtomState& atom, journey::Instance& instance);
  /// A trait has changed that its timer may rest on.
  void reckon(AtomState& atom, journey::Instance& instance);

  const journey::Bound* bound_of(const journey::Instance& instance) const {
    return state_.led.book ? state_.led.book->find(instance.journey, instance.version) : nullptr;
  }
  /// What forbids to lead the person, if anything does.
  outbox::Reason barred(const PersonState& person, std::size_t anchor, const journey::Bound& bound) const;

 private:
  /// How a step is left at once; nothing: it holds the person, until `due` or an effect's end.
  struct Next {
    std::size_t to = 0;
    journey::How how = journey::How::passed;
    outbox::Reason reason = outbox::Reason::none;
  };
  using Left = std::optional<Next>;

  void run(AtomState& atom, journey::Instance& instance, const journey::Bound& bound);
  void go(AtomState& atom, journey::Instance& instance, const journey::Bound& bound, const Next& next);
  /// `left`: how the step it stood at has been left already.
  void finish(AtomState& atom, journey::Instance& instance, journey::End end, outbox::Reason reason, std::optional<journey::How> left = {});
  void leave(journey::Instance& instance, journey::How how, outbox::Reason reason) const;
  Left take(AtomState& atom, journey::Instance& instance, const journey::Bound& bound);
  Left take(const journey::WaitTrait& wait, const journey::BoundStep& step, const PersonState& person, journey::Instance& instance, const journey::Bound& bound);
  Left take(const journey::WaitFor& wait, const journey::BoundStep& step, const PersonState& person, journey::Instance& instance);
  Left take(const journey::Send& send, const journey::BoundStep& step, const PersonState& person, AtomState& atom, journey::Instance& instance, const journey::Bound& bound);
  Left take(const journey::Decide& ask, const journey::BoundStep& step, AtomState& atom, journey::Instance& instance, const journey::Bound& bound);
  Left take(const journey::Update& set, const journey::BoundStep& step, const PersonState& person, AtomState& atom, journey::Instance& instance, const journey::Bound& bound);
  Next chosen(const journey::BoundStep& step, const PersonState& person, const AtomState& atom, const journey::Instance& instance, const journey::Bound& bound) const;
  Next after(const journey::Instance& instance, journey::How how = journey::How::passed) const {
    return {instance.step + std::size_t{1}, how};
  }
  Next result(const journey::BoundStep& step, const journey::Instance& instance, outbox::State state, outbox::Reason reason) const;
  Instant wall_due(const journey::WaitClock& wait, const PersonState& person, const journey::Instance& instance, const journey::Bound& bound) const;
  std::optional<Instant> trait_date(const journey::WaitTrait& wait, const journey::BoundStep& step, const PersonState& person, const journey::Bound& bound) const;

  bool make_room(AtomState& atom, const journey::Bound& bound, std::string_view key);
  void count(const journey::Bound& bound, Led::Sum sum) {
    ++state_.led.sums[{bound.id(), bound.said.version}][sum];
  }
  void tell(const AtomState& atom, const journey::Instance& instance, std::string from, std::string to, journey::How how, outbox::Reason reason);
  /// Out of the indexes while it changes, and back.
  void lift(const journey::Instance& instance);
  void put(AtomState& atom, const journey::Instance& instance);
  std::size_t place_of(const AtomState& atom) const {
    return static_cast<std::size_t>(&atom - component_.atoms.data());
  }
  const PersonState* person_of_atom(const AtomState& atom) const {
    return person_with(component_, place_of(atom));
  }

  Step& step_;
  PartitionState& state_;
  Component& component_;
};

/// For whoever lists or moves it; `await` for its timer.
void index_one(PartitionState& state, const Component& component, AtomId anchor, const journey::Instance& instance);
void unindex_one(PartitionState& state, const journey::Instance& instance);
inline bool has_timer(const journey::Instance& instance) {
  return instance.live() && !instance.asleep && instance.due != Instant::never();
}
void await(Led& led, const journey::Instance& instance);

}  // namespace hospes::flow
