// Who begins a journey, who is moved and who is let go, by passages, events, answers and time.
#include "flow/journeys.h"

#include <algorithm>

#include "flow/effects.h"
#include "flow/evidence.h"
#include "flow/guide.h"
#include "flow/look.h"
#include "journey/times.h"

namespace hospes::flow {
namespace {

using journey::Bound;
using journey::BoundTrigger;
using journey::End;
using journey::Instance;
using journey::Trigger;

/// Lists first, then acts: to act changes the lists.
struct Place {
  std::size_t atom = 0;
  Hash128 id;
};
std::vector<Place> live_of(const Component& component, const PersonState& person) {
  std::vector<Place> out;
  for (const std::uint16_t i : person.atoms)
    for (const Instance& one : component.atoms[i].journeys)
      if (one.live()) out.push_back({i, one.id});
  return out;
}
Instance* live_at(Component& component, const Place& place) {
  auto& list = component.atoms[place.atom].journeys;
  const auto at = std::ranges::find(list, place.id, &Instance::id);
  return at == list.end() || !at->live() ? nullptr : &*at;
}

bool is_in(const std::vector<Hash128>& list, Hash128 id) {
  return std::ranges::find(list, id) != list.end();
}

bool meant(const BoundTrigger& t, const segment::Flip& flip) {
  return t.said->kind == Trigger::segment && t.segment == flip.segment &&
         t.said->left != flip.entered && (t.said->from.empty() || flip.from == t.from);
}
bool meant(const BoundTrigger& t, const Event& event) {
  return t.said->kind == Trigger::event && t.event == event.name &&
         journey::holds(t, event.properties.packed());
}

template <class What>
bool any(const std::vector<BoundTrigger>& list, const What& what) {
  return std::ranges::any_of(list, [&](const BoundTrigger& t) { return meant(t, what); });
}

const journey::BoundStep* waiting_for(const Bound& bound, const Instance& one) {
  const journey::BoundStep& step = bound.steps[one.step];
  return std::holds_alternative<journey::WaitFor>(*step.action) ? &step : nullptr;
}

/// A key as text; nothing when the event has none.
std::optional<std::string> key_of(const Event& event, Name key) {
  if (key == no_name) return std::string();
  const ValueView said = find_property(event.properties.packed(), key);
  if (said.kind == ValueKind::text) return std::string(said.text);
  if (said.kind == ValueKind::number) return to_string(said.number);
  return std::nullopt;
}

/// The strongest identifier that is firmly the event's own.
std::size_t anchor_by(const Step& step, const Component& component, const PersonState& person, std::size_t owner) {
  PersonState firm{.id = person.id};
  for (const std::uint16_t i : firmly_tied(component, owner, step.house.link, step.state.clock))
    if (std::ranges::find(person.atoms, i) != person.atoms.end()) firm.atoms.push_back(i);
  if (firm.atoms.empty()) return owner;
  return anchor_of(component, firm);
}

class Heard {
 public:
  Heard(Step& step, Component& component, const PersonState& person, std::size_t owner, const Event& event)
      : step_(step), component_(component), person_(person), owner_(owner), event_(event),
        guide_(step, component) {
    const consent::Lens lens = lens_of(component, person, step.house.heeds_no_answer);
    const Moment moment{
        .happened = event.happened, .received = event.received, .message = event.message,
        .mask = event.mask, .name = event.name, .source = event.source, .type = event.type,
        .flags = event.flags};
    visible_ = lens.visible(moment, event.opened, step.state.clock);
  }

  /// What the journey is for.
  bool is_goal(const Instance& one, const Bound& bound) const {
    return (visible_ & bit(bound.purpose)) != 0 && may_end(one, bound) && any(bound.goal, event_);
  }

  void moves(const std::vector<Place>& live) {
    for (const Place& place : live) {
      Instance* one = live_at(component_, place);
      const Bound* bound = one != nullptr && !one->asleep ? guide_.bound_of(*one) : nullptr;
      if (bound == nullptr || (visible_ & bit(bound->purpose)) == 0) continue;
      move(component_.atoms[place.atom], *one, *bound);
    }
  }

  void entries() {
    const Instant now = step_.state.clock;
    for (const journey::Book::Entry& entry : step_.state.led.book->by_event(event_.name)) {
      const Bound& bound = *entry.journey;
      if ((visible_ & bit(bound.purpose)) == 0) continue;
      if (entry.trigger->said->kind == Trigger::request && !asks_for(bound)) continue;
      if (!journey::holds(*entry.trigger, event_.properties.packed())) continue;
      if (step_.history || event_.happened < now - bound.said.definition.late) {
        guide_.keep_out(bound, outbox::Reason::stale);
        continue;
      }
      const auto key = key_of(event_, entry.trigger->key);
      if (!key) continue;
      guide_.enter(
          person_, bound, {.anchor = anchor_by(step_, component_, person_, owner_), .key = *key,
                           .at = event_.happened, .message = event_.message}
      );
    }
  }

 private:
  void move(AtomState& atom, Instance& one, const Bound& bound) {
    if (may_end(one, bound)) {
      if (any(bound.goal, event_)) return guide_.end(atom, one, End::goal);
      if (any(bound.exit, event_)) return guide_.end(atom, one, End::released);
    }
    if (is_in(step_.led, one.id) || is_in(step_.entered, one.id)) return;
    if (event_.type == EventType::identify) guide_.reckon(atom, one);
    if (!one.live()) return;
    const journey::BoundStep* wait = waiting_for(bound, one);
    if (wait == nullptr || !meant(wait->on, event_) || event_.happened < one.arrived) return;
    if (!of_its_key(one, bound) || !firmly_its(atom)) return;
    guide_.heard(atom, one);
  }

  bool may_end(const Instance& one, const Bound& bound) const {
    return !is_in(step_.entered, one.id) && of_its_key(one, bound);
  }
  /// An event that names another value of the journey's key is of another instance.
  bool of_its_key(const Instance& one, const Bound& bound) const {
    if (one.key().empty()) return true;
    return std::ranges::none_of(bound.enter, [&](const BoundTrigger& t) {
      if (t.key == no_name) return false;
      const auto key = key_of(event_, t.key);
      return key && *key != one.key();
    });
  }
  bool firmly_its(const AtomState& atom) const {
    const auto at = static_cast<std::size_t>(&atom - component_.atoms.data());
    const auto firm = firmly_tied(component_, at, step_.house.link, step_.state.clock);
    return std::ranges::find(firm, owner_) != firm.end();
  }
  bool asks_for(const Bound& bound) const {
    const journey::Book& book = *step_.state.led.book;
    const ValueView named = find_property(event_.properties.packed(), book.request_names());
    return event_.grade != Grade::asserted && named.kind == ValueKind::text && named.text == bound.id();
  }

  Step& step_;
  Component& component_;
  const PersonState& person_;
  const std::size_t owner_;
  const Event& event_;
  Guide guide_;
  Mask visible_ = 0;
};

/// The event that made somebody leave a segment may itself be what the journey is for: then that is how it ends.
bool by_its_goal(
    Step& step, Component& component, const PersonState& person, const Instance& one, const Bound& bound
) {
  if (step.event == nullptr || bound.goal.empty()) return false;
  const std::size_t owner = index_of(component, step.event->owner.id);
  return owner != nowhere && std::ranges::find(person.atoms, owner) != person.atoms.end() &&
         Heard(step, component, person, owner, *step.event).is_goal(one, bound);
}

bool level_reached(const Bound& bound, const std::vector<BoundTrigger>& list, const PersonState& person) {
  return !bound.said.ended && std::ranges::any_of(list, [&](const BoundTrigger& t) {
    return t.said->kind == Trigger::segment && t.segment != journey::no_segment &&
           person.page.since(t.segment).has_value() != t.said->left;
  });
}

Instant next_dated(const PartitionState& state, Instant after) {
  Instant next = Instant::never();
  if (!state.led.book || after == Instant::beginning()) return next;
  for (const journey::Book::Entry& entry : state.led.book->dated())
    next = std::min(next, journey::next_entry(state.led.book->zone(), after, *entry.trigger->said));
  return next;
}

/// Entries whose instant that is, by the definitions in force now.
std::vector<journey::Book::Entry> entries_at(const PartitionState& state, const Led::Sweep& now) {
  std::vector<journey::Book::Entry> out;
  if (!state.led.book) return out;
  if (!now.journey.empty() && !now.by_date) {
    const Bound* bound = state.led.book->open(now.journey);
    if (bound == nullptr) return out;
    for (const BoundTrigger& t : bound->enter)
      if (t.said->members && t.segment < state.members.size()) out.push_back({t.segment, bound, &t});
    return out;
  }
  const Instant due = now.due;
  for (const journey::Book::Entry& entry : state.led.book->dated()) {
    if (!now.journey.empty() && entry.journey->id() != now.journey) continue;
    const Instant next =
        journey::next_entry(state.led.book->zone(), due - Duration(1), *entry.trigger->said);
    if (next == due && entry.of < state.members.size()) out.push_back(entry);
  }
  return out;
}

/// Of several dates the last, and of that one the first who has not entered: an instance has one id a date.
void hold(Led& led, const Led::Sweep& sweep) {
  const auto known = std::ranges::find_if(led.held, [&](const Led::Sweep& h) {
    return h.journey == sweep.journey && h.by_date == sweep.by_date;
  });
  if (known == led.held.end()) {
    led.held.push_back(sweep);
  } else if (known->due < sweep.due) {
    *known = sweep;
  } else if (known->due == sweep.due) {
    known->from = std::min(known->from, sweep.from);
  }
}

/// Held are those of a journey that is paused; what is left may enter.
void hold_paused(Led& led, const Led::Sweep& now, std::vector<journey::Book::Entry>& entries) {
  std::erase_if(entries, [&](const journey::Book::Entry& entry) {
    if (!entry.journey->said.definition.paused) return false;
    hold(led, {.due = now.due, .from = now.from, .journey = entry.journey->id(),
               .version = entry.journey->said.version, .by_date = now.journey.empty() || now.by_date});
    return true;
  });
}

/// The lowest dense id of a member, not below `from`; nothing: there is none.
std::optional<std::uint32_t> member_from(const roaring::Roaring& members, std::uint32_t from) {
  auto at = members.begin();
  at.move_equalorlarger(from);
  if (at == members.end()) return std::nullopt;
  return *at;
}

/// `of`: a date that a pause held counts by its own time, as an event does.
void enter_one(Step& step, const journey::Book::Entry& entry, std::uint32_t dense, const Led::Sweep& of) {
  const PersonRef ref = step.state.dense[dense];
  if (ref.component == nullptr) return;
  const PersonState& person = ref.component->people[ref.index];
  const std::size_t anchor = anchor_of(*ref.component, person);
  Guide guide(step, *ref.component);
  if (of.by_date && of.due < step.state.clock - entry.journey->said.definition.late)
    return guide.keep_out(*entry.journey, outbox::Reason::stale);
  guide.enter(person, *entry.journey,
              {.anchor = anchor, .key = {}, .at = of.due, .message = {},
               .firm = is_firm_member(step, *ref.component, person, anchor, entry.of)});
}

}  // namespace

void lead(
    Step& step, Component& component, const PersonState& person, const segment::Flip& flip, Why why
) {
  PartitionState& state = step.state;
  if (!state.led.book || state.dense[person.dense].component == nullptr) return;  // or they are no more
  Guide guide(step, component);
  for (const Place& place : live_of(component, person)) {
    Instance* one = live_at(component, place);
    const Bound* bound = one != nullptr && !one->asleep ? guide.bound_of(*one) : nullptr;
    if (bound == nullptr) continue;
    AtomState& atom = component.atoms[place.atom];
    if (any(bound->goal, flip)) {
      guide.end(atom, *one, End::goal);
    } else if (any(bound->exit, flip)) {
      guide.end(atom, *one, by_its_goal(step, component, person, *one, *bound) ? End::goal : End::released);
    } else if (const auto* wait = waiting_for(*bound, *one); wait != nullptr && meant(wait->on, flip)) {
      guide.heard(atom, *one);
    }
  }
  if (why != Why::event && why != Why::time && why != Why::answer) return;
  for (const journey::Book::Entry& entry : state.led.book->by_segment(flip.segment)) {
    if (!meant(*entry.trigger, flip)) continue;
    // History that comes in now moves people as it should, and is no moment to speak to them.
    if (why == Why::event &&
        (step.history || step.happened < state.clock - entry.journey->said.definition.late)) {
      guide.keep_out(*entry.journey, outbox::Reason::stale);
      continue;
    }
    const std::size_t anchor = anchor_of(component, person);
    const bool firm =
        is_firm_member(step, component, person, anchor, flip.segment) == flip.entered;
    guide.enter(
        person, *entry.journey,
        {.anchor = anchor, .key = {}, .at = flip.at, .message = step.message, .firm = firm}
    );
  }
}

void lead(Step& step, Component& component, std::size_t owner, const Event& event) {
  PartitionState& state = step.state;
  if (!state.led.book) return;
  const PersonState* person = person_with(component, owner);
  if (person == nullptr) return;
  const auto live = live_of(component, *person);
  if (live.empty() && state.led.book->by_event(event.name).empty()) return;
  Heard heard(step, component, *person, owner, event);
  heard.moves(live);
  heard.entries();
}

void lead(
    Step& step, Component& component, Hash128 effect, outbox::State ended, outbox::Reason reason
) {
  for (AtomState& atom : component.atoms) {
    const auto one = std::ranges::find_if(atom.journeys, [&](const Instance& i) {
      return i.live() && i.effect == effect;
    });
    if (one == atom.journeys.end()) continue;
    return Guide(step, component).sent(atom, *one, ended, reason);
  }
}

void lead_due(Step& step, Instant due) {
  PartitionState& state = step.state;
  step.message = {};
  if (state.led.dated <= due) {
    state.led.sweeps.push_back({.due = state.led.dated, .journey = {}});
    state.led.dated = next_dated(state, state.led.dated);
    if (state.led.sweeps.size() == 1) sweep(step);  // the first page at its very instant
    return;
  }
  const Wait wait = state.led.waits.first();
  state.led.waits.erase(wait);
  const auto place = state.led.place_of(wait.instance);
  if (!place) return;
  const auto found = state.components.find(place->component);
  if (found == state.components.end()) return;
  Component& component = *found->second;
  const std::size_t at = index_of(component, place->anchor);
  Instance* one = at == nowhere ? nullptr : live_at(component, {at, wait.instance});
  if (one == nullptr || one->asleep || one->due != wait.due) return;
  Guide(step, component).due(component.atoms[at], *one);
}

/// A whole segment in one record would hold the partition up, and everybody whose events wait in it.
void sweep(Step& step) {
  Led& led = step.state.led;
  if (led.sweeps.empty()) return;
  Led::Sweep& now = led.sweeps.front();
  auto entries = entries_at(step.state, now);
  hold_paused(led, now, entries);
  step.message = {};
  for (std::size_t page = 0; page < sweep_page; ++page) {
    std::optional<std::uint32_t> next;
    for (const journey::Book::Entry& entry : entries)
      if (const auto dense = member_from(step.state.members[entry.of], now.from))
        next = std::min(next.value_or(*dense), *dense);
    if (!next) {
      led.sweeps.pop_front();
      return;
    }
    for (const journey::Book::Entry& entry : entries)
      if (step.state.members[entry.of].contains(*next)) enter_one(step, entry, *next, now);
    now.from = *next + 1;
  }
}

void settle_led(
    Step& step, Component& component, const std::vector<std::uint16_t>& came, bool answers
) {
  if (std::ranges::all_of(component.atoms, [](const AtomState& a) { return a.journeys.empty(); })) return;
  Guide guide(step, component);
  for (std::size_t i = 0; i < component.atoms.size(); ++i) {
    AtomState& atom = component.atoms[i];
    const bool nobodys = person_with(component, i) == nullptr;
    for (Instance& one : atom.journeys)
      if (nobodys && one.live() && !one.asleep) guide.sleep(atom, one);
  }
  for (const PersonState& person : component.people) {
    std::vector<Place> live = live_of(component, person);
    std::ranges::sort(live, {}, [&](const Place& p) {
      return std::pair(live_at(component, p)->entered, p.id);
    });
    std::vector<std::pair<std::string_view, std::string>> led;  // by an elder one
    for (const Place& place : live) {
      Instance* one = live_at(component, place);
      if (one == nullptr) continue;
      AtomState& atom = component.atoms[place.atom];
      const Bound* bound = guide.bound_of(*one);
      if (bound == nullptr) {
        guide.end(atom, *one, End::stopped);
        continue;
      }
      if (!bound->open()) {
        const Bound* next = step.state.led.book->open(one->journey);
        if (next != nullptr && next->said.definition.waiting.come) {
          // The newer one may be of another purpose: it is asked before its first step is taken.
          if (const auto no = guide.barred(person, place.atom, *next); no != outbox::Reason::none) {
            guide.end(atom, *one, End::permission, no);
            continue;
          }
          guide.bring(atom, *one, *next);
          one = live_at(component, place);
          if (one == nullptr) continue;
          bound = guide.bound_of(*one);
        }
      }
      const std::pair of{one->journey, one->key()};
      if (std::ranges::find(led, of) != led.end()) {
        if (!one->asleep) guide.sleep(atom, *one);
        continue;
      }
      if (answers) {
        if (const auto no = guide.barred(person, place.atom, *bound); no != outbox::Reason::none) {
          guide.end(atom, *one, End::permission, no);
          continue;
        }
      }
      if (one->asleep) guide.wake(atom, *one);
      if (std::ranges::find(came, place.atom) != came.end() && one->live()) {
        if (level_reached(*bound, bound->goal, person)) guide.end(atom, *one, End::goal);
        if (one->live() && level_reached(*bound, bound->exit, person)) guide.end(atom, *one, End::released);
      }
      // What it waits for went with an identifier that is no more.
      const auto gone = [&](Hash128 key) {
        return key != Hash128{} && std::ranges::none_of(component.atoms, [&](AtomState& a) {
          return effect_in(a, key) != nullptr;
        });
      };
      if (one->live() && gone(one->effect))
        guide.sent(atom, *one, outbox::State::refused, outbox::Reason::nobody);
      if (one->live()) led.push_back(of);
    }
  }
}

void index_led(PartitionState& state, const Component& component, const AtomState& atom) {
  for (const Instance& one : atom.journeys) {
    index_one(state, component, atom.atom.id, one);
    await(state.led, one);
  }
}

void index_led(
    PartitionState& state, const Component& component, const AtomState& atom, std::vector<Wait>& waits
) {
  for (const Instance& one : atom.journeys) {
    index_one(state, component, atom.atom.id, one);
    if (has_timer(one)) waits.push_back({one.due, one.id});
  }
}

void forget_led(PartitionState& state, const AtomState& atom) {
  for (const Instance& one : atom.journeys) unindex_one(state, one);
  state.led.joined.erase(atom.atom.id);
}

void open_book(PartitionState& state, const House& house) {
  state.led.book = house.journeys && state.engine ? house.journeys(state.definitions, *state.engine)
                                                  : nullptr;
  state.led.dated = next_dated(state, state.clock);
}

void welcome_members(PartitionState& state, const journey::Book* before) {
  if (!state.led.book) return;
  const auto asks = [](const Bound* bound, std::string_view segment) {
    return bound != nullptr && std::ranges::any_of(bound->enter, [&](const BoundTrigger& t) {
      return t.said->members && t.said->name == segment;
    });
  };
  for (const auto& bound : state.led.book->all()) {
    if (!bound->open()) continue;
    const Bound* was = before != nullptr ? before->open(bound->id()) : nullptr;
    if (std::ranges::any_of(bound->enter, [&](const BoundTrigger& t) {
          return t.said->members && !asks(was, t.said->name);
        }))
      state.led.sweeps.push_back(
          {.due = state.clock, .journey = bound->id(), .version = bound->said.version}
      );
  }
}

void release_sweeps(PartitionState& state) {
  std::erase_if(state.led.held, [&](Led::Sweep& sweep) {
    const Bound* now = state.led.book ? state.led.book->open(sweep.journey) : nullptr;
    if (now != nullptr && now->said.definition.paused) return false;
    if (now != nullptr) state.led.sweeps.push_back(std::move(sweep));
    return true;
  });
}

std::vector<std::string> resumed(const PartitionState& state, const journey::Book* before) {
  std::vector<std::string> out;
  if (before == nullptr || !state.led.book) return out;
  for (const auto& was : before->all()) {
    const Bound* now = was->open() && was->said.definition.paused ? state.led.book->open(was->id()) : nullptr;
    if (now != nullptr && !now->said.definition.paused) out.push_back(was->id());
  }
  return out;
}

void resume_led(Step& step, Component& component, const std::vector<std::string>& journeys) {
  std::vector<Place> held;
  for (std::size_t i = 0; i < component.atoms.size(); ++i)
    for (const Instance& one : component.atoms[i].journeys)
      if (one.live() && std::ranges::find(journeys, one.journey) != journeys.end()) held.push_back({i, one.id});
  for (const Place& place : held)
    if (Instance* one = live_at(component, place))
      Guide(step, component).go_on(component.atoms[place.atom], *one);
}

void visit_led(
    const Component& component, const PersonState& person,
    const std::function<void(const AtomState&, const Instance&)>& visit
) {
  for (const std::uint16_t i : person.atoms)
    for (const Instance& one : component.atoms[i].journeys) visit(component.atoms[i], one);
}

}  // namespace hospes::flow
