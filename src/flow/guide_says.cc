// Steps that ask what the person would be shown, and that say something about them; and the way into a
// newer version.
#include <algorithm>

#include "base/hash_bytes.h"
#include "base/json_text.h"
#include "decide/choose.h"
#include "digest/digest.h"
#include "flow/decisions.h"
#include "flow/effects.h"
#include "flow/evidence.h"
#include "flow/guide.h"
#include "flow/look.h"
#include "flow/rows.h"

namespace hospes::flow {

using journey::Bound;
using journey::BoundStep;
using journey::How;
using journey::Instance;
using outbox::Reason;

namespace {

/// The same in every replay, another at each visit.
Hash128 act_of(std::string_view what, const Instance& instance) {
  std::string text;
  Writer out(text);
  out.text(what);
  write_hash(out, instance.id);
  out.u16(instance.step);
  out.i64(instance.arrived.us);
  out.varint(instance.rare->jumps.size());
  for (const auto& [step, times] : instance.rare->jumps) out.varint(times);
  return hash128(text);
}

/// The last word of an instant is the greatest (design.md rule 7), so this one is greater than what the
/// person said, or was said of them, at the same.
Hash128 last_word(Hash128 message, const segment::Person& person, Instant now) {
  for (const segment::Seen& seen : person.events) {
    if (seen.moment->happened != now || seen.moment->message < message) continue;
    message = seen.moment->message;
    if (++message.lo == 0) ++message.hi;
  }
  return message;
}

/// A journey knows nothing of other purposes, and what it shows ends with its own.
void keep_to(decide::Subject& subject, const decide::Definitions& definitions, PurposeBit purpose, Instant now) {
  for (std::size_t i = 0; i < subject.permission.size() && i < definitions.uses.size(); ++i)
    if (definitions.uses[i].purpose != purpose)
      subject.permission[i] = {Reason::other_purpose, now, definitions.uses[i].name};
}

Reason reason_of(const decide::Choice& choice) {
  switch (choice.reason) {
    case decide::Reason::holdout:
      return Reason::holdout;
    case decide::Reason::capped:
      return Reason::capped;
    case decide::Reason::no_consent:
      for (const decide::Candidate& c : choice.why)
        if (c.denied.reason != Reason::none) return c.denied.reason;
      return Reason::nobody;
    default:
      return Reason::no_offer;
  }
}

/// Its ticket last: activate/offer.h.
std::string offer_json(const decide::Offer& offer, const std::string& ticket) {
  std::string out = "{\"name\":" + std::string(json_text(offer.name)) + ",\"payload\":{";
  for (const auto& [language, payload] : offer.payload) {
    if (out.back() != '{') out += ',';
    out += std::string(json_text(language)) + ":" + payload;
  }
  return out + "},\"ticket\":\"" + base64(ticket) + "\"}";
}

}  // namespace

Guide::Left Guide::take(
    const journey::Decide& ask, const BoundStep& step, AtomState& atom, Instance& instance,
    const Bound& bound
) {
  if (!instance.rare->offer.empty()) instance.rare.edit().offer.clear();
  const decide::Definitions* definitions = state_.decisions.get();
  const decide::Placement* placement =
      definitions != nullptr ? definitions->placement(ask.placement) : nullptr;
  if (placement == nullptr) return Next{step.other, How::refused, Reason::retired};
  const Instant now = state_.clock;
  // As a page that this anchor looks at: what only a public key asserted opens nothing.
  decide::Subject subject =
      subject_of(state_, component_, place_of(atom), {.by_page = true, .now = now}, step_.house);
  keep_to(subject, *definitions, bound.purpose, now);
  const auto taken = [&](const decide::Offer& offer) { return taken_of(state_, offer); };
  const decide::Choice choice = decide::choose(*definitions, *placement, 1, subject, taken, now, true);
  decide::Exposure seen = decide::exposure_of(*definitions, *placement, choice);
  seen.decision = act_of("decide", instance);
  seen.decided = now;
  seen.definitions = state_.definitions.version;
  if (!choice.items.empty() || choice.held || !seen.trial.empty()) {
    atom.shown.add(seen, now, subject.today);
    atom.fresh_shown = true;
  }
  if (choice.items.empty()) return Next{step.other, How::refused, reason_of(choice)};
  const decide::Offer& offer = *choice.items.front();
  instance.rare.edit().offer = offer_json(offer, ticket_form(atom.atom, seen));
  for (std::size_t i = 0; i < ask.arms.size(); ++i)
    if (ask.arms[i].offer == offer.name) return Next{step.arms[i]};
  return after(instance);
}

Guide::Left Guide::take(
    const journey::Update& set, const BoundStep& step, const PersonState& person, AtomState& atom,
    Instance& instance, const Bound& bound
) {
  if (const Reason no = barred(person, place_of(atom), bound); no != Reason::none)
    return Next{after(instance).to, How::refused, no};
  const Look look(state_, component_, person, step_.house.heeds_no_answer, state_.clock);
  const ValueView known =
      segment::trait_of(look.person(), bit(bound.purpose), step.trait, state_.clock);
  if (!set.now && known == set.value.view()) return after(instance);
  if (step_.depth >= words_deep_max) return Next{after(instance).to, How::refused, Reason::circular};
  step_.words.push_back({instance.id, step_.depth + 1});
  return std::nullopt;
}

Event Guide::word_of(
    const AtomState& atom, const PersonState& person, const Instance& instance, const Bound& bound
) const {
  const BoundStep& step = bound.steps[instance.step];
  const auto& set = std::get<journey::Update>(*step.action);
  const Instant now = state_.clock;
  Event event{
      .anchor = atom.atom, .owner = atom.atom, .message = act_of("update", instance),
      .mask = bit(bound.purpose), .happened = now, .received = now,
      .type = EventType::identify,
      .grade = instance.firm ? Grade::attested : Grade::asserted,
      .name = state_.led.book->identify(), .source = bound.source, .original = now, .sent = now,
      .message_id = "journey:" + bound.id() + "/" + bound.said.definition.steps[instance.step].id};
  const Look look(state_, component_, person, step_.house.heeds_no_answer, now);
  event.message = last_word(event.message, look.person(), now);
  if (is_simulated(component_, person)) event.flags = flag_simulated;
  const std::string at = to_string(now);
  event.properties.add(step.trait, set.now ? ValueView{ValueKind::text, {}, at, {}} : set.value.view());
  if (bound.asks.basis != outbox::Basis::consent) return event;
  // It rests on the same yes as the journey, and ends with it.
  for (const std::uint16_t i : firmly_tied(component_, place_of(atom), step_.house.link, now)) {
    const AtomState& said = component_.atoms[i];
    const consent::Standing* yes = said.ledger.standing(bound.purpose);
    if (yes == nullptr || !yes->yes_over(now, now)) continue;
    event.opened.push_back({bound.purpose, said.atom.id});
    break;
  }
  return event;
}

void Guide::bring(AtomState& atom, Instance& instance, const Bound& to) {
  const Bound& from = *bound_of(instance);
  const journey::Definition& next = to.said.definition;
  const auto& steps = from.said.definition.steps;
  const auto found = journey::comes_to(next, steps[instance.step].id);
  if (!found) return end(atom, instance, journey::End::stopped);
  const auto where = static_cast<std::uint16_t>(*found);
  lift(instance);
  std::erase_if(instance.past, [&](journey::Move& m) {
    const auto at = m.step < steps.size() ? journey::comes_to(next, steps[m.step].id) : std::nullopt;
    if (at) m.step = static_cast<std::uint16_t>(*at);
    return !at;
  });
  if (!instance.rare->jumps.empty())
    std::erase_if(instance.rare.edit().jumps, [&](auto& jump) {
      const auto at = journey::comes_to(next, steps[jump.first].id);
      if (at) jump.first = static_cast<std::uint16_t>(*at);
      return !at;
    });
  const journey::Step& was = steps[instance.step];
  const bool same = next.steps[where] == was;
  tell(atom, instance, was.id, next.steps[where].id, How::passed, Reason::none);
  instance.version = to.said.version;
  instance.step = where;
  if (!same || instance.effect == Hash128{}) {
    // What has not left is the old version's; what is on its way is waited for.
    const Hash128 effect = instance.effect;
    const outbox::Effect* open = nullptr;
    for (AtomState& a : component_.atoms)
      if (effect != Hash128{} && open == nullptr) open = effect_in(a, effect);
    if (open == nullptr || open->state != outbox::State::claimed) {
      instance.effect = {};
      instance.due = Instant::never();
      if (open != nullptr) cancel(step_, component_, effect);
      if (!instance.asleep) run(atom, instance, to);
    }
  }
  put(atom, instance);
}

namespace {

struct Found {
  Component* component = nullptr;
  std::size_t atom = 0;
  Instance* instance = nullptr;
};

/// Nothing: it is not there any more, or says nothing now.
Found saying(PartitionState& state, Hash128 id) {
  const auto place = state.led.place_of(id);
  if (!place) return {};
  const auto found = state.components.find(place->component);
  if (found == state.components.end()) return {};
  const std::size_t at = index_of(*found->second, place->anchor);
  if (at == nowhere) return {};
  auto& list = found->second->atoms[at].journeys;
  const auto one = std::ranges::find(list, id, &Instance::id);
  if (one == list.end() || !one->live() || one->asleep) return {};
  const Bound* bound = state.led.book ? state.led.book->find(one->journey, one->version) : nullptr;
  if (bound == nullptr || !std::holds_alternative<journey::Update>(*bound->steps[one->step].action)) return {};
  return {found->second.get(), at, &*one};
}

void take_word(Step& step, const Step::Word& word) {
  const Found from = saying(step.state, word.instance);
  if (from.instance == nullptr) return;
  Component& component = *from.component;
  PersonState* person = person_with(component, from.atom);
  if (person == nullptr) return;
  AtomState& atom = component.atoms[from.atom];
  Guide guide(step, component);
  const Instant arrived = from.instance->arrived;
  const Event event = guide.word_of(atom, *person, *from.instance, *guide.bound_of(*from.instance));
  step.message = event.message;
  step.happened = event.happened;
  step.history = false;
  step.entered.clear();
  step.led.clear();
  atom.held.add(event);
  append_event(atom, event, *step.house.names);
  expect_end(step.state, component, event);
  touch(step.state, component);
  step.event = &event;
  fold(step, component, *person, atom, atom.held.latest());
  step.event = nullptr;
  lead(step, component, from.atom, event);
  const Found now = saying(step.state, word.instance);  // what it said may have moved it
  if (now.instance != nullptr && now.instance->arrived == arrived)
    Guide(step, *now.component).heard(now.component->atoms[now.atom], *now.instance);
}

}  // namespace

void settle_words(Step& step) {
  if (step.words.empty()) return;
  const Hash128 message = step.message;
  const Instant happened = step.happened;
  const std::vector<Hash128> entered = std::exchange(step.entered, {}), led = std::exchange(step.led, {});
  while (!step.words.empty()) {
    const Step::Word word = step.words.front();
    step.words.pop_front();
    step.depth = word.depth;
    take_word(step, word);
  }
  step.depth = 0;
  step.message = message;
  step.happened = happened;
  step.entered = entered;
  step.led = led;
}

}  // namespace hospes::flow
