// How one is led from step to step. docs/journeys.md says what each means.
#include "flow/guide.h"

#include <algorithm>

#include "flow/effects.h"
#include "flow/evidence.h"
#include "flow/look.h"
#include "journey/times.h"
#include "outbox/permit.h"

namespace hospes::flow {

using journey::Bound;
using journey::BoundStep;
using journey::End;
using journey::How;
using journey::Instance;
using outbox::Reason;

namespace {

constexpr Instant far = Instant::never();

std::string step_id(const Bound& bound, std::size_t at) {
  const auto& steps = bound.said.definition.steps;
  return at < steps.size() ? steps[at].id : std::string();
}

}  // namespace

void index_one(
    PartitionState& state, const Component& component, AtomId anchor, const Instance& instance
) {
  if (!instance.live()) return;
  state.led.live[instance.id] = anchor;
  if (component.id.atom == anchor)
    state.led.joined.erase(anchor);
  else
    state.led.joined[anchor] = component.id.atom;
  ++state.led.here[{std::string(instance.journey), instance.version}][instance.step];
}

void await(Led& led, const Instance& instance) {
  if (has_timer(instance)) led.waits.insert({instance.due, instance.id});
}

void unindex_one(PartitionState& state, const Instance& instance) {
  if (state.led.live.erase(instance.id) == 0) return;
  state.led.waits.erase({instance.due, instance.id});
  const auto version = state.led.here.find({std::string(instance.journey), instance.version});
  if (version == state.led.here.end()) return;
  const auto at = version->second.find(instance.step);
  if (at != version->second.end() && --at->second == 0) version->second.erase(at);
  if (version->second.empty()) state.led.here.erase(version);
}

void Guide::lift(const Instance& instance) { unindex_one(state_, instance); }

void Guide::put(AtomState& atom, const Instance& instance) {
  index_one(state_, component_, atom.atom.id, instance);
  await(state_.led, instance);
  atom.fresh_journeys = true;
  touch(state_, component_);
}

void Guide::tell(
    const AtomState& atom, const Instance& instance, std::string from, std::string to, How how,
    Reason reason
) {
  const PersonState* person = person_of_atom(atom);
  step_.outcome.moves.push_back(
      {.partition = state_.self,
       .person = person != nullptr ? person->id : person_of(atom.atom),
       .anchor = atom.atom,
       .simulated = person != nullptr && is_simulated(component_, *person),
       .instance = instance.id,
       .journey = std::string(instance.journey),
       .key = instance.key(),
       .version = instance.version,
       .from = std::move(from),
       .to = std::move(to),
       .how = how,
       .reason = reason,
       .end = instance.end,
       .at = state_.clock}
  );
}

Reason Guide::barred(const PersonState& person, std::size_t anchor, const Bound& bound) const {
  std::vector<const consent::Ledger*> own, yes;
  for (const auto& list : {person.atoms, person.tied})
    for (const std::uint16_t i : list) own.push_back(&component_.atoms[i].ledger);
  for (const std::uint16_t i : firmly_tied(component_, anchor, step_.house.link, state_.clock))
    yes.push_back(&component_.atoms[i].ledger);
  const auto denied =
      outbox::permission({bound.asks.purpose, bound.asks.basis, own, yes, state_.clock});
  const auto* no = std::get_if<outbox::Deny>(&denied);
  return no != nullptr ? no->reason : Reason::none;
}

bool Guide::make_room(AtomState& atom, const Bound& bound, std::string_view key) {
  const bool never = bound.said.definition.again.kind == journey::Again::never;
  const auto ended = [&](const Instance& i) { return !i.live(); };
  // Of one journey and key the last is enough.
  if (!never)
    std::erase_if(atom.journeys, [&](const Instance& i) {
      return ended(i) && i.journey == bound.id() && i.key() == key;
    });
  while (atom.journeys.size() >= journey::instances_max) {
    const auto old = std::ranges::find_if(atom.journeys, [&](const Instance& i) {
      const Bound* other = state_.led.book->open(i.journey);
      return ended(i) && (other == nullptr || other->said.definition.again.kind != journey::Again::never);
    });
    if (old == atom.journeys.end()) return false;
    atom.journeys.erase(old);
  }
  return true;
}

void Guide::enter(const PersonState& person, const Bound& bound, const Entry& entry) {
  const journey::Definition& d = bound.said.definition;
  AtomState& atom = component_.atoms[entry.anchor];
  const Hash128 id = journey::instance_id(d.id, entry.key, atom.atom.id, entry.at, entry.message);
  for (const std::uint16_t i : person.atoms) {
    for (Instance& other : component_.atoms[i].journeys) {
      if (other.journey != d.id || other.key() != entry.key) continue;
      if (other.id == id) return;
      if (d.debounce.count() > 0 && other.entered + d.debounce > state_.clock)
        return keep_out(bound, Reason::debounced);
      if (other.live() && d.again.kind != journey::Again::restart) return keep_out(bound, Reason::none);
      if (!other.live() && d.again.kind == journey::Again::never) return keep_out(bound, Reason::none);
      if (!other.live() && d.again.kind == journey::Again::after &&
          other.ended + d.again.span > state_.clock)
        return keep_out(bound, Reason::none);
    }
  }
  if (d.paused) return keep_out(bound, Reason::paused);
  if (const Reason no = barred(person, entry.anchor, bound); no != Reason::none) return keep_out(bound, no);
  for (const std::uint16_t i : person.atoms)
    for (Instance& other : component_.atoms[i].journeys)
      if (other.live() && other.journey == d.id && other.key() == entry.key)
        end(component_.atoms[i], other, End::restarted);
  if (!make_room(atom, bound, entry.key)) return keep_out(bound, Reason::full);

  auto& list = atom.journeys;  // a quarter more than they are: most are led by one or two, a few by dozens
  if (list.size() == list.capacity()) list.reserve(list.size() + list.size() / 4 + 1);
  Instance& one = list.emplace_back();
  one.id = id;
  one.journey = bound.name;
  one.version = bound.said.version;
  if (!entry.key.empty()) one.rare.edit().key = entry.key;
  one.entered = one.arrived = state_.clock;
  one.firm = entry.firm;
  step_.entered.push_back(id);
  count(bound, {.what = Led::Sum::entered});
  const bool control =
      d.holdout > 0 && journey::share_of(d.id, 0, "holdout", atom.atom.id, 10'000) < d.holdout;
  tell(atom, one, {}, step_id(bound, 0), How::passed, Reason::none);
  if (control) {
    finish(atom, one, End::holdout, Reason::holdout);
  } else {
    run(atom, one, bound);
  }
  put(atom, one);
}

/// Where it is becomes where it was.
void Guide::leave(Instance& instance, How how, Reason reason) const {
  if (instance.past.size() >= journey::way_max) instance.past.erase(instance.past.begin());
  instance.past.push_back(
      {.step = instance.step, .how = how, .reason = reason, .arrived = instance.arrived, .left = state_.clock}
  );
}

void Guide::go(AtomState& atom, Instance& instance, const Bound& bound, const Next& next) {
  leave(instance, next.how, next.reason);
  count(
      bound, {.what = Led::Sum::step, .at = instance.step, .how = static_cast<std::uint8_t>(next.how),
              .reason = static_cast<std::uint8_t>(next.reason)}
  );
  instance.due = far;
  instance.effect = {};
  step_.led.push_back(instance.id);
  if (next.to >= bound.steps.size()) return finish(atom, instance, End::exit, Reason::none, next.how);
  tell(atom, instance, step_id(bound, instance.step), step_id(bound, next.to), next.how, next.reason);
  instance.step = static_cast<std::uint16_t>(next.to);
  instance.arrived = state_.clock;
}

/// Precondition: lifted. It ends: a circle waits, and only a jump goes back, at most `most` times.
void Guide::run(AtomState& atom, Instance& instance, const Bound& bound) {
  while (instance.live()) {
    if (bound.said.definition.paused && instance.due == far) return;  // wherever it has come to
    const Left left = take(atom, instance, bound);
    if (!left || !instance.live()) return;
    go(atom, instance, bound, *left);
  }
}

void Guide::finish(
    AtomState& atom, Instance& instance, End end, Reason reason, std::optional<How> left
) {
  const Bound* bound = bound_of(instance);
  const bool by_step = end == End::goal || end == End::exit;
  const How how = left.value_or(by_step ? How::passed : How::ended);
  if (!left) leave(instance, how, reason);
  instance.end = end;
  instance.reason = reason;
  instance.ended = state_.clock;
  instance.due = far;
  const Hash128 effect = std::exchange(instance.effect, {});
  if (bound != nullptr)
    count(*bound, {.what = Led::Sum::ended, .at = instance.step, .how = static_cast<std::uint8_t>(end),
                   .reason = static_cast<std::uint8_t>(reason)});
  tell(atom, instance, bound != nullptr ? step_id(*bound, instance.step) : std::string(), {}, how, reason);
  if (effect != Hash128{}) cancel(step_, component_, effect);
  if (instance.asleep) return;
  const PersonState* person = person_of_atom(atom);
  if (person == nullptr) return;
  for (const std::uint16_t i : person->atoms)
    for (Instance& other : component_.atoms[i].journeys)
      if (other.live() && other.asleep && other.journey == instance.journey && other.key() == instance.key())
        this->end(component_.atoms[i], other, End::joined);
}

void Guide::end(AtomState& atom, Instance& instance, End end, Reason reason) {
  lift(instance);
  finish(atom, instance, end, reason);
  put(atom, instance);
}

void Guide::due(AtomState& atom, Instance& instance) {
  const Bound* bound = bound_of(instance);
  if (bound == nullptr) return end(atom, instance, End::stopped);
  lift(instance);
  const auto* wait = std::get_if<journey::WaitFor>(bound->steps[instance.step].action);
  go(atom, instance, *bound,
     wait != nullptr ? Next{bound->steps[instance.step].other, How::late} : after(instance));
  run(atom, instance, *bound);
  put(atom, instance);
}

void Guide::heard(AtomState& atom, Instance& instance) {
  const Bound* bound = bound_of(instance);
  if (bound == nullptr) return;
  lift(instance);
  go(atom, instance, *bound, after(instance));
  run(atom, instance, *bound);
  put(atom, instance);
}

void Guide::sent(AtomState& atom, Instance& instance, outbox::State state, Reason reason) {
  const Bound* bound = bound_of(instance);
  lift(instance);
  instance.effect = {};
  if (bound != nullptr && !instance.asleep) {
    const BoundStep& step = bound->steps[instance.step];
    // Of a step that a newer version has not: it stands at another one, and that is asked.
    if (std::holds_alternative<journey::Send>(*step.action))
      go(atom, instance, *bound, result(step, instance, state, reason));
    run(atom, instance, *bound);
  }
  put(atom, instance);
}

void Guide::sleep(AtomState& atom, Instance& instance) {
  lift(instance);
  instance.asleep = true;
  put(atom, instance);
}

void Guide::wake(AtomState& atom, Instance& instance) {
  const Bound* bound = bound_of(instance);
  lift(instance);
  instance.asleep = false;
  if (bound != nullptr && instance.due == far && instance.effect == Hash128{}) run(atom, instance, *bound);
  put(atom, instance);  // what came due meanwhile fires next
}

void Guide::go_on(AtomState& atom, Instance& instance) {
  if (instance.effect != Hash128{}) return let_go(step_, component_, instance.effect);
  if (instance.due == far && !instance.asleep) wake(atom, instance);
}

void Guide::reckon(AtomState& atom, Instance& instance) {
  const Bound* bound = bound_of(instance);
  const PersonState* person = person_of_atom(atom);
  if (bound == nullptr || person == nullptr) return;
  const BoundStep& at = bound->steps[instance.step];
  const auto* wall = std::get_if<journey::WaitClock>(at.action);
  if (wall == nullptr && !std::holds_alternative<journey::WaitTrait>(*at.action)) return;
  lift(instance);
  run(atom, instance, *bound);
  if (instance.live() && instance.due <= state_.clock) {
    go(atom, instance, *bound, after(instance));
    run(atom, instance, *bound);
  }
  put(atom, instance);
}

Guide::Next Guide::result(
    const BoundStep& step, const Instance& instance, outbox::State state, Reason reason
) const {
  if (state == outbox::State::done) return after(instance, How::done);
  const How how = state == outbox::State::failed      ? How::failed
                  : state == outbox::State::uncertain ? How::uncertain
                                                      : How::refused;
  return {step.other, how, reason};
}

Instant Guide::wall_due(
    const journey::WaitClock& wait, const PersonState& person, const Instance& instance,
    const Bound& bound
) const {
  const Look look(state_, component_, person, step_.house.heeds_no_answer, state_.clock);
  const zones::Zone& zone = segment::zone_of(
      state_.engine->definitions().clock(), look.person(), bit(bound.purpose), state_.clock
  );
  return journey::next_wall(zone, instance.arrived, wait.minutes, wait.days);
}

std::optional<Instant> Guide::trait_date(
    const journey::WaitTrait& wait, const BoundStep& step, const PersonState& person, const Bound& bound
) const {
  const Look look(state_, component_, person, step_.house.heeds_no_answer, state_.clock);
  const Mask purpose = bit(bound.purpose);
  const ValueView said = segment::trait_of(look.person(), purpose, step.trait, state_.clock);
  if (said.kind != ValueKind::text) return std::nullopt;
  auto at = parse_instant(said.text);
  if (!at) return std::nullopt;
  constexpr std::size_t date_bytes = 10;
  if (said.text.size() == date_bytes) {  // a day, not an instant: it begins at her midnight
    const zones::Zone& zone = segment::zone_of(
        state_.engine->definitions().clock(), look.person(), purpose, state_.clock
    );
    at = zones::instant_of(zone, at->us);
  }
  return *at + wait.offset;
}

Guide::Left Guide::take(AtomState& atom, Instance& instance, const Bound& bound) {
  const BoundStep& step = bound.steps[instance.step];
  const PersonState* person = person_of_atom(atom);
  if (person == nullptr || state_.engine == nullptr) return std::nullopt;
  if (const auto* wait = std::get_if<journey::Wait>(step.action)) {
    instance.due = instance.arrived + wait->span;
    return std::nullopt;
  }
  if (const auto* wall = std::get_if<journey::WaitClock>(step.action)) {
    instance.due = wall_due(*wall, *person, instance, bound);
    return std::nullopt;
  }
  if (const auto* since = std::get_if<journey::WaitEntry>(step.action)) {
    if (instance.entered + since->span <= state_.clock) return after(instance);
    instance.due = instance.entered + since->span;
    return std::nullopt;
  }
  if (const auto* trait = std::get_if<journey::WaitTrait>(step.action))
    return take(*trait, step, *person, instance, bound);
  if (const auto* wait = std::get_if<journey::WaitFor>(step.action))
    return take(*wait, step, *person, instance);
  if (const auto* send = std::get_if<journey::Send>(step.action))
    return take(*send, step, *person, atom, instance, bound);
  if (const auto* ask = std::get_if<journey::Decide>(step.action))
    return take(*ask, step, atom, instance, bound);
  if (const auto* set = std::get_if<journey::Update>(step.action))
    return take(*set, step, *person, atom, instance, bound);
  if (const auto* jump = std::get_if<journey::Jump>(step.action)) {
    if (jump->most == 0) return Next{step.other};
    auto& jumps = instance.rare.edit().jumps;
    auto times = std::ranges::find(jumps, instance.step, [](const auto& j) { return j.first; });
    if (times == jumps.end()) times = jumps.insert(times, {instance.step, std::uint16_t{0}});
    return times->second++ < jump->most ? Next{step.other} : after(instance);
  }
  if (std::holds_alternative<journey::Goal>(*step.action)) {
    finish(atom, instance, End::goal, Reason::none);
    return std::nullopt;
  }
  if (std::holds_alternative<journey::Exit>(*step.action)) {
    finish(atom, instance, End::exit, Reason::none);
    return std::nullopt;
  }
  return chosen(step, *person, atom, instance, bound);
}

Guide::Left Guide::take(
    const journey::WaitTrait& wait, const BoundStep& step, const PersonState& person,
    Instance& instance, const Bound& bound
) {
  const auto at = trait_date(wait, step, person, bound);
  if (!at) return Next{step.other, How::late};
  if (*at <= state_.clock) return after(instance);
  instance.due = *at;
  return std::nullopt;
}

Guide::Left Guide::take(
    const journey::WaitFor& wait, const BoundStep& step, const PersonState& person, Instance& instance
) {
  if (wait.on.kind == journey::Trigger::segment && step.on.segment != journey::no_segment &&
      person.page.since(step.on.segment).has_value() != wait.on.left)
    return after(instance);
  instance.due = instance.arrived + wait.within;
  return std::nullopt;
}

Guide::Left Guide::take(
    const journey::Send& send, const BoundStep& step, const PersonState& person, AtomState& atom,
    Instance& instance, const Bound& bound
) {
  const outbox::Rule* rule = state_.rules ? state_.rules->find(send.action) : nullptr;
  if (rule == nullptr || !rule->by_journey)
    return result(step, instance, outbox::State::refused, Reason::retired);
  // The strongest of what is firmly the entry's own: what only a public key asserted is no address.
  PersonState firm{.id = person.id};
  const auto tied = firmly_tied(component_, place_of(atom), step_.house.link, state_.clock);
  for (const std::uint16_t i : tied)
    if (std::ranges::find(person.atoms, i) != person.atoms.end()) firm.atoms.push_back(i);
  if (firm.atoms.empty()) firm.atoms.push_back(static_cast<std::uint16_t>(place_of(atom)));
  const std::size_t anchor = anchor_of(component_, firm);
  const outbox::Passage passage{
      .segment = {}, .entered = true, .at = instance.arrived, .message = instance.id,
      .journey = std::string(instance.journey), .step = step_id(bound, instance.step),
      .offer = instance.rare->offer};
  const Hash128 key =
      outbox::effect_key(rule->name, rule->version, component_.atoms[anchor].atom.id, passage);
  plan(step_, component_, anchor, *rule, passage);
  const outbox::Effect* effect = effect_in(component_.atoms[anchor], key);
  if (effect == nullptr) return result(step, instance, outbox::State::refused, Reason::full);
  if (!outbox::is_open(effect->state)) return result(step, instance, effect->state, effect->reason);
  instance.effect = key;
  return std::nullopt;
}

Guide::Next Guide::chosen(
    const BoundStep& step, const PersonState& person, const AtomState& atom, const Instance& instance,
    const Bound& bound
) const {
  if (const auto* branch = std::get_if<journey::Branch>(step.action)) {
    for (std::size_t i = 0; i < branch->arms.size(); ++i) {
      const std::uint32_t segment = step.segments[i];
      const bool in = segment != journey::no_segment &&
                      is_firm_member(step_, component_, person, place_of(atom), segment);
      if (in != branch->arms[i].outside) return {step.arms[i]};
    }
    return {step.other};
  }
  const auto& split = std::get<journey::Split>(*step.action);
  std::uint32_t total = 0;
  for (const journey::Split::Arm& arm : split.arms) total += arm.weight;
  std::uint32_t drawn = journey::share_of(
      bound.id(), bound.said.version, step_id(bound, instance.step), atom.atom.id, total
  );
  for (std::size_t i = 0;; ++i) {
    if (drawn < split.arms[i].weight) return {step.arms[i]};
    drawn -= split.arms[i].weight;
  }
}

}  // namespace hospes::flow
