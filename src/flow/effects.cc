#include "flow/effects.h"

#include <algorithm>
#include <tuple>

#include "catalog/kinds.h"
#include "flow/evidence.h"
#include "flow/look.h"
#include "flow/step.h"
#include "model/imported.h"
#include "outbox/hours.h"
#include "outbox/permit.h"

namespace hospes::flow {
namespace {

using outbox::Effect;
using outbox::Reason;
using outbox::State;
using Came = record::Performed::Outcome;

constexpr Duration finished_kept = std::chrono::hours(48);  // whatever finished_max says
constexpr Duration week_at_most = std::chrono::hours(24 * 8);  // seven calendar days, in any zone

/// Whether the person is where the rule saw them not only by what a public key asserted.
bool firmly(
    const PartitionState& state, const Component& component, const PersonState& person,
    const std::vector<std::uint16_t>& firm, const outbox::Rule& rule, Mask heedless, Instant now
) {
  if (firm == person.atoms) return true;
  PersonState alone{.id = person.id, .atoms = firm};
  for (const auto& list : {person.atoms, person.tied})
    for (const std::uint16_t i : list)
      if (std::ranges::find(firm, i) == firm.end()) alone.tied.push_back(i);
  const Look look(state, component, alone, heedless, now);
  const auto& definitions = state.engine->definitions();
  return truth_of(definitions, rule.segment_index, look.person(), now) == rule.on_enter;
}

bool reached(const Effect& e) {
  const bool may = e.state == State::claimed || e.state == State::done || e.state == State::uncertain;
  return may && e.attempts > 0;
}

/// What reached the person lately, by their own days.
struct Lately {
  const zones::Zone* zone = nullptr;  // of the person; null: nothing needed it
  std::uint32_t today = 0;            // by the rule
  std::vector<std::int64_t> contacts;
};

Lately lately(
    const PartitionState& state, const Component& component, const PersonState& person,
    const outbox::Rule& rule, Hash128 but, Mask heedless, Instant now
) {
  std::vector<const Effect*> counted;
  for (const std::uint16_t i : person.atoms)
    for (const Effect& e : component.atoms[i].effects)
      if (e.key != but && reached(e) && e.claimed + week_at_most > now &&
          (e.rule == rule.name || (rule.contact && e.contact)))
        counted.push_back(&e);
  Lately out;
  if (counted.empty() && !rule.quiet) return out;
  const Look look(state, component, person, heedless, now);
  out.zone = &segment::zone_of(
      state.engine->definitions().clock(), look.person(), bit(rule.purpose), now
  );
  const std::int64_t today = outbox::day_of(*out.zone, now);
  for (const Effect* e : counted) {
    const std::int64_t day = outbox::day_of(*out.zone, e->claimed);
    if (e->rule == rule.name && day == today) ++out.today;
    if (rule.contact && e->contact) out.contacts.push_back(day);
  }
  std::ranges::sort(out.contacts);
  return out;
}

/// Who is where the step that asked for it stands.
const journey::Instance* led_here(
    const PartitionState& state, const Component& component, const outbox::Passage& passage
) {
  if (passage.journey.empty() || !state.led.book) return nullptr;
  for (const AtomState& atom : component.atoms) {
    const auto at = std::ranges::find(atom.journeys, passage.message, &journey::Instance::id);
    if (at == atom.journeys.end()) continue;
    const journey::Bound* bound = state.led.book->find(at->journey, at->version);
    const bool here = bound != nullptr && at->live() && !at->asleep &&
                      bound->said.definition.steps[at->step].id == passage.step;
    return here ? &*at : nullptr;
  }
  return nullptr;
}

bool is_paused(const PartitionState& state, const journey::Instance& led) {
  return state.led.book->find(led.journey, led.version)->said.definition.paused;
}

struct Asked {
  outbox::Answer answer;
  std::vector<AtomId> heeded;
};

Asked asked(
    const PartitionState& state, const Component& component, std::size_t anchor,
    const Effect& effect, const outbox::Rule* rule, const House& house, Instant now, Position read
) {
  std::vector<const consent::Ledger*> own, yes;
  outbox::Question q{
      .effect = effect, .rule = rule, .anchor = component.atoms[anchor].atom.id, .person = {},
      .firm = {}, .now = now, .read = read};
  std::vector<AtomId> heeded;
  Lately late;
  const auto person = std::ranges::find_if(component.people, [&](const PersonState& p) {
    return std::ranges::find(p.atoms, anchor) != p.atoms.end();
  });
  q.somebody = person != component.people.end() && state.engine != nullptr;
  q.restricted = stands_aside(component, component.atoms[anchor]);
  if (q.somebody && rule != nullptr) {
    auto firm = firmly_tied(component, anchor, house.link, now);
    std::ranges::sort(firm);
    for (const auto& list : {person->atoms, person->tied}) {
      for (const std::uint16_t i : list) {
        own.push_back(&component.atoms[i].ledger);
        heeded.push_back(component.atoms[i].atom.id);
      }
    }
    for (const std::uint16_t i : firm) yes.push_back(&component.atoms[i].ledger);
    late = lately(state, component, *person, *rule, effect.key, house.heeds_no_answer, now);
    q.zone = late.zone;
    q.today = late.today;
    if (rule->contact) q.chosen = chosen_by(component, *person, firm);
    if (rule->by_journey) {
      const journey::Instance* led = led_here(state, component, effect.passage);
      q.as_rule_saw = led != nullptr || effect.passage.journey.empty();
      q.firmly = led == nullptr || led->firm;
      q.paused = led != nullptr && is_paused(state, *led);
    } else {
      q.as_rule_saw = person->page.since(rule->segment_index).has_value() == rule->on_enter;
      q.firmly = !q.as_rule_saw ||
                 firmly(state, component, *person, firm, *rule, house.heeds_no_answer, now);
    }
  }
  q.person = own;
  q.firm = yes;
  q.contacts = late.contacts;
  if (state.rules) q.caps = state.rules->caps();
  q.joining = now < component.joining_until &&
              std::ranges::any_of(component.edges, [&](const Evidence& e) {
                return index_of(component, e.a) == nowhere || index_of(component, e.b) == nowhere;
              });
  return {outbox::ask(q), std::move(heeded)};
}

/// In `apply` the transient mark of a join is not looked at: it is not part of the state.
outbox::Answer asked(Step& step, Component& component, std::size_t anchor, const Effect& effect) {
  const Instant mark = std::exchange(component.joining_until, Instant::beginning());
  const outbox::Rule* rule = step.state.rules ? step.state.rules->find(effect.rule) : nullptr;
  Asked out = asked(
      step.state, component, anchor, effect, rule, step.house, step.state.clock, step.position
  );
  component.joining_until = mark;
  return std::move(out.answer);
}

void finish(Effect& e, State state, Reason reason, Instant now) {
  e.state = state;
  e.reason = reason;
  e.finished = now;
}

void hold(Effect& e, Instant until, Reason reason, Instant now) {
  e.state = State::planned;
  e.due = until;
  e.reason = reason;
  e.since = now;
}

/// Where the answer puts an effect that is not permitted.
void put(Effect& e, const outbox::Answer& answer, Position read, Instant now) {
  e.read = read;
  if (const auto* later = std::get_if<outbox::Defer>(&answer))
    return hold(e, later->until, later->reason, now);
  const auto& no = std::get<outbox::Deny>(answer);
  e.since = no.since;
  e.source = no.source;
  finish(e, State::refused, no.reason, now);
}

/// Of those that ended, the newest stay, and all that a day's cap may still count.
void forget_old(AtomState& atom, Instant now) {
  auto ended = static_cast<std::size_t>(std::ranges::count_if(atom.effects, [](const Effect& e) {
    return !outbox::is_open(e.state);
  }));
  std::erase_if(atom.effects, [&](const Effect& e) {
    const bool counts = e.contact && reached(e) && ended <= outbox::contacts_max &&
                        e.claimed + week_at_most > now;
    if (outbox::is_open(e.state) || ended <= outbox::finished_max || counts ||
        e.finished + finished_kept > now)
      return false;
    --ended;
    return true;
  });
}

void index(PartitionState& state, const Component& component, AtomId anchor, const Effect& e) {
  if (!outbox::is_open(e.state)) return;
  state.open_effects[e.key] = {component.id.atom, anchor};
  if (e.state == State::planned) state.held.insert({e.due, e.key});
}

void unindex(PartitionState& state, const Effect& e) {
  state.open_effects.erase(e.key);
  state.held.erase({e.due, e.key});
}

/// After any change of `atom.effects[…]`: index, rows, and whoever listens.
void changed(Step& step, Component& component, AtomState& atom, Effect& effect) {
  PartitionState& state = step.state;
  index(state, component, atom.atom.id, effect);
  const PersonState* person =
      person_with(component, static_cast<std::size_t>(&atom - component.atoms.data()));
  step.outcome.effects.push_back(
      {.partition = state.self,
       .component = component.id,
       .anchor = atom.atom,
       .person = person != nullptr ? person->id : person_of(atom.atom),
       .simulated = person != nullptr && is_simulated(component, *person),
       .effect = effect}
  );
  atom.fresh_effects = true;
  touch(state, component);
  if (outbox::is_open(effect.state)) return;
  const Hash128 key = effect.key;
  const State ended = effect.state;
  const Reason reason = effect.reason;
  const bool of_journey = !effect.passage.journey.empty();
  forget_old(atom, state.clock);
  if (of_journey) lead(step, component, key, ended, reason);  // may plan the next one: the last word
}

Effected as_told(const PartitionState& state, const Component& c, std::size_t atom, const Effect& e) {
  Effected out{
      .partition = state.self, .component = c.id, .anchor = c.atoms[atom].atom,
      .person = person_of(c.atoms[atom].atom), .effect = e};
  for (const PersonState& p : c.people) {
    if (std::ranges::find(p.atoms, atom) == p.atoms.end()) continue;
    out.person = p.id;
    out.simulated = is_simulated(c, p);
  }
  return out;
}

}  // namespace

std::size_t anchor_of(const Component& component, const PersonState& person) {
  return *std::ranges::min_element(person.atoms, {}, [&](std::uint16_t i) {
    const Atom& a = component.atoms[i].atom;
    return std::tuple(catalog::priority_of(a.kind), a.born, a.id);
  });
}

Effect* effect_in(AtomState& atom, Hash128 key) {
  const auto at = std::ranges::find(atom.effects, key, &Effect::key);
  return at == atom.effects.end() ? nullptr : &*at;
}

void plan(
    Step& step, Component& component, std::size_t at, const outbox::Rule& rule,
    const outbox::Passage& passage
) {
  AtomState& anchor = component.atoms[at];
  Effect e{.key = {}, .rule = rule.name, .version = rule.version, .purpose = rule.purpose_name,
           .destination = rule.destination};
  e.passage = passage;
  e.contact = rule.contact.has_value();
  e.key = outbox::effect_key(rule.name, rule.version, anchor.atom.id, e.passage);
  if (effect_in(anchor, e.key) != nullptr) return;
  const Instant now = step.state.clock;
  e.decided = now;
  e.released = Instant::beginning();
  const auto open = std::ranges::count_if(anchor.effects, [](const Effect& other) {
    return outbox::is_open(other.state);
  });
  if (static_cast<std::size_t>(open) >= outbox::open_max) {
    e.since = now;
    finish(e, State::refused, Reason::full, now);
  } else if (const outbox::Answer answer = asked(step, component, at, e);
             std::holds_alternative<outbox::Permit>(answer)) {
    e.state = State::ready;  // the permit ends here: it is asked again when it is claimed
  } else {
    put(e, answer, step.position, now);
  }
  anchor.effects.push_back(std::move(e));
  changed(step, component, anchor, anchor.effects.back());
}

void cancel(Step& step, Component& component, Hash128 effect) {
  for (AtomState& atom : component.atoms) {
    Effect* e = effect_in(atom, effect);
    if (e == nullptr || (e->state != State::planned && e->state != State::ready)) continue;
    unindex(step.state, *e);
    e->since = step.state.clock;
    finish(*e, State::refused, Reason::left, step.state.clock);
    return changed(step, component, atom, *e);
  }
}

void ask_again(Step& step, Component& component, const PersonState& person) {
  std::vector<std::pair<AtomId, Hash128>> waits;  // to put one may plan another
  for (const std::uint16_t i : person.atoms)
    for (const Effect& e : component.atoms[i].effects)
      if (e.contact && (e.state == State::planned || e.state == State::ready))
        waits.emplace_back(component.atoms[i].atom.id, e.key);
  for (const auto& [anchor, key] : waits) {
    const std::size_t at = index_of(component, anchor);
    Effect* e = at == nowhere ? nullptr : effect_in(component.atoms[at], key);
    if (e == nullptr || (e->state != State::planned && e->state != State::ready)) continue;
    const outbox::Answer answer = asked(step, component, at, *e);
    const auto* later = std::get_if<outbox::Defer>(&answer);
    const bool crowded = e->reason == Reason::level || e->reason == Reason::house_capped;
    const bool longer = later != nullptr && (e->state == State::ready || later->until > e->due);
    if (!std::holds_alternative<outbox::Deny>(answer) && !longer && !(crowded && e->state == State::planned))
      continue;
    unindex(step.state, *e);
    if (std::holds_alternative<outbox::Permit>(answer)) {
      e->state = State::ready;
      e->reason = Reason::none;
    } else {
      put(*e, answer, step.position, step.state.clock);
    }
    changed(step, component, component.atoms[at], *e);
  }
}

void let_go(Step& step, Component& component, Hash128 effect) {
  for (std::size_t at = 0; at < component.atoms.size(); ++at) {
    Effect* e = effect_in(component.atoms[at], effect);
    if (e == nullptr || e->state != State::planned || e->reason != Reason::paused) continue;
    unindex(step.state, *e);
    if (const outbox::Answer answer = asked(step, component, at, *e);
        std::holds_alternative<outbox::Permit>(answer)) {
      e->state = State::ready;
      e->reason = Reason::none;
    } else {
      put(*e, answer, step.position, step.state.clock);
    }
    return changed(step, component, component.atoms[at], *e);
  }
}

bool is_firm_member(
    const Step& step, const Component& component, const PersonState& person, std::size_t anchor,
    segment::SegmentIndex segment
) {
  const bool live = person.page.since(segment).has_value();
  if (person.atoms.size() < 2) return live;
  auto firm = firmly_tied(component, anchor, step.house.link, step.state.clock);
  std::ranges::sort(firm);
  if (firm == person.atoms) return live;
  const outbox::Rule in{.segment_index = segment};
  return firmly(
      step.state, component, person, firm, in, step.house.heeds_no_answer, step.state.clock
  );
}

bool is_history(const Event& event, const Names& names) {
  return said_in(event, names, manifest_field).kind == ValueKind::text && !said_in(event, names, acts_field).truth();
}

void decide(
    Step& step, Component& component, const PersonState& person, const segment::Flip& flip, Why why
) {
  if (!step.state.rules || (why != Why::event && why != Why::time && why != Why::answer)) return;
  if (why == Why::event && step.history) return;
  for (const outbox::Rule& rule : step.state.rules->of(flip.segment))
    if (rule.on_enter == flip.entered && (!rule.from || rule.from == flip.from))
      plan(
          step, component, anchor_of(component, person), rule,
          {rule.segment, flip.entered, flip.at, step.message, {}, {}}
      );
}

void deliver(Step& step, Component& component, const record::Claimed& claimed) {
  const std::size_t at = index_of(component, claimed.anchor.id);
  if (at == nowhere) return;
  AtomState& anchor = component.atoms[at];
  Effect* e = effect_in(anchor, claimed.effect);
  if (e == nullptr || e->state != State::ready || claimed.attempt != e->attempts + 1) return;
  const Instant now = step.state.clock;
  unindex(step.state, *e);
  if (const outbox::Answer answer = asked(step, component, at, *e);
      std::holds_alternative<outbox::Permit>(answer)) {
    e->state = State::claimed;
    e->reason = Reason::none;
    e->claimed = now;
    ++e->attempts;
  } else {
    put(*e, answer, step.position, now);
  }
  changed(step, component, anchor, *e);
}

/// The same effect under the same key: whoever has it already knows the repetition by its id. It is asked
/// again before it leaves, and its schedule begins anew.
void begin_anew(Step& step, Component& component, AtomState& anchor, Effect& e) {
  if (e.state != State::failed && e.state != State::uncertain) return;
  e.state = State::ready;
  e.reason = Reason::none;
  e.tries = 0;
  changed(step, component, anchor, e);
}

void deliver(Step& step, Component& component, const record::Performed& p) {
  const std::size_t at = index_of(component, p.anchor.id);
  if (at == nowhere) return;
  AtomState& anchor = component.atoms[at];
  Effect* e = effect_in(anchor, p.effect);
  if (e != nullptr && p.outcome == Came::anew && p.attempt == e->attempts)
    return begin_anew(step, component, anchor, *e);
  if (e == nullptr || e->state != State::claimed || p.attempt != e->attempts) return;
  const Instant now = step.state.clock;
  const auto reason = static_cast<Reason>(std::min<std::size_t>(p.reason, outbox::reasons - 1));
  unindex(step.state, *e);
  e->status = p.status;
  e->released = p.released;
  e->read = p.read;
  e->since = p.since;
  e->source = p.source;
  switch (p.outcome) {
    case Came::done:
      finish(*e, State::done, Reason::none, now);
      break;
    case Came::failed:
      finish(*e, State::failed, reason, now);
      break;
    case Came::uncertain:
      finish(*e, State::uncertain, reason, now);
      break;
    case Came::refused:
      finish(*e, State::refused, reason, now);
      break;
    case Came::again:
      ++e->tries;
      [[fallthrough]];
    case Came::back:
    case Came::anew:
      hold(*e, p.due, reason, now);
      if (p.due <= now) e->state = State::ready;
      break;
  }
  changed(step, component, anchor, *e);
}

void make_ready(Step& step) {
  PartitionState& state = step.state;
  while (!state.held.empty() && state.held.begin()->due <= state.clock) {
    const Hash128 key = state.held.begin()->effect;
    state.held.erase(state.held.begin());
    const auto open = state.open_effects.find(key);
    if (open == state.open_effects.end()) continue;
    const auto at = state.components.find(open->second.component);
    if (at == state.components.end()) continue;
    Component& component = *at->second;
    const std::size_t atom = index_of(component, open->second.anchor);
    Effect* e = atom == nowhere ? nullptr : effect_in(component.atoms[atom], key);
    if (e == nullptr || e->state != State::planned || e->due > state.clock) continue;
    e->state = State::ready;
    changed(step, component, component.atoms[atom], *e);
  }
}

void index_effects(PartitionState& state, const Component& component, const AtomState& atom) {
  for (const Effect& e : atom.effects) index(state, component, atom.atom.id, e);
}

void forget_effects(PartitionState& state, const AtomState& atom) {
  for (const Effect& e : atom.effects) unindex(state, e);
}

std::optional<Release> release(
    const PartitionState& state, const ComponentId& component, AtomId anchor, Hash128 effect,
    std::uint32_t attempt, const House& house, Instant now
) {
  const auto found = state.components.find(component.atom);
  if (found == state.components.end() || found->second->moved_to) return std::nullopt;
  const Component& c = *found->second;
  const std::size_t at = index_of(c, anchor);
  if (at == nowhere) return std::nullopt;
  const auto e = std::ranges::find(c.atoms[at].effects, effect, &Effect::key);
  if (e == c.atoms[at].effects.end() || e->state != State::claimed || e->attempts != attempt)
    return std::nullopt;
  const outbox::Rule* rule = state.rules ? state.rules->find(e->rule) : nullptr;
  Asked out =
      asked(state, c, at, *e, rule, house, std::max(now, state.clock), state.applied);
  Mask purposes = rule != nullptr ? bit(rule->purpose) : 0;
  if (rule != nullptr && rule->contact) purposes |= bit(*rule->contact);
  return Release{std::move(out.answer), purposes, std::move(out.heeded)};
}

outbox::Answer would(
    const PartitionState& state, const Component& component, std::size_t atom,
    const outbox::Rule& rule, const House& house, Instant now
) {
  Effect e{.key = {}, .rule = rule.name, .version = rule.version};
  e.passage.at = now;
  return asked(state, component, atom, e, &rule, house, now, state.applied).answer;
}

void visit_open(const PartitionState& state, const std::function<void(const Effected&)>& visit) {
  for (const auto& [key, where] : state.open_effects) {
    const auto found = state.components.find(where.component);
    if (found == state.components.end()) continue;
    const Component& c = *found->second;
    const std::size_t at = index_of(c, where.anchor);
    if (at == nowhere) continue;
    const auto e = std::ranges::find(c.atoms[at].effects, key, &Effect::key);
    if (e != c.atoms[at].effects.end()) visit(as_told(state, c, at, *e));
  }
}

}  // namespace hospes::flow
