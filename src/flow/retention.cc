// What the schedules end leaves: bits, events, then identifiers. A component stands in
// PartitionState::ending at the first midnight at which anything of it may end; nobody else is
// looked at.
#include "flow/retention.h"

#include <algorithm>

#include "flow/cold.h"
#include "flow/look.h"
#include "flow/step.h"

namespace hospes::flow {
namespace {

constexpr Duration day = std::chrono::hours(24);

Instant tomorrow(Instant now) {
  const std::int64_t us = day.count();
  return {(now.us / us + 1) * us};
}

/// Whoever bears the atom: the person's atoms, or itself alone.
std::vector<std::uint16_t> bearer(const Component& component, std::size_t atom) {
  const auto at = static_cast<std::uint16_t>(atom);
  for (const PersonState& p : component.people)
    if (std::ranges::find(p.atoms, at) != p.atoms.end()) return p.atoms;
  return {at};
}

bool is_under_way(const AtomState& atom) {
  return std::ranges::any_of(atom.effects, [](const auto& e) { return outbox::is_open(e.state); }) ||
         std::ranges::any_of(atom.journeys, [](const auto& i) { return i.live(); }) ||
         std::ranges::any_of(atom.requests, [](const auto& r) { return rights::is_open(r.state); });
}

bool is_protected(const AtomState& atom, Mask protects) {
  return std::ranges::any_of(atom.ledger.standings(), [&](const consent::Standing& s) {
    return (bit(s.purpose) & protects) != 0 && s.closed_through == Instant::never();
  });
}

/// When anything of it was last heard of: an answer, or that it was seen with another.
Instant last_heard(const Component& component, const AtomState& atom) {
  Instant last = atom.atom.born;
  for (const consent::Row& r : atom.ledger.rows())
    if (consent::is_answer(r.state)) last = std::max(last, r.acted);
  for (const Evidence& e : component.edges)
    if (e.a == atom.atom.id || e.b == atom.atom.id)
      for (const Evidence::Point& p : e.points) last = std::max(last, p.start);
  return last;
}

/// When these may go; never(): something holds them. Their timelines are in memory.
Instant lapses(
    const PartitionState& state, const Component& component, std::span<const std::uint16_t> atoms
) {
  Instant last = Instant::beginning();
  for (const std::uint16_t i : atoms) {
    const AtomState& a = component.atoms[i];
    if (timeline_of(state, component, a).size() > 0 || is_under_way(a) ||
        is_protected(a, state.keeping->protects()))
      return Instant::never();
    last = std::max(last, last_heard(component, a));
  }
  return state.keeping->silent(last);
}

/// What has ended leaves the timelines; whether anything did. `next`: when something will.
bool cut(Step& step, Component& component, Instant& next) {
  PartitionState& state = step.state;
  const Keeping& keeping = *state.keeping;
  const std::vector<Instant> acts = last_acts(state, component);
  bool any = false;
  for (std::size_t i = 0; i < component.atoms.size(); ++i) {
    AtomState& a = component.atoms[i];
    if (a.erased) continue;
    if (stands_aside(component, a)) {  // kept, and not used: GDPR art. 18(1)
      next = std::min(next, tomorrow(state.clock));
      continue;
    }
    bool ends = false;
    for (const Moment& m : timeline_of(state, component, a).in_order()) {
      ends = ends || keeping.ended(m, acts[i], state.clock) != 0;
      next = std::min(next, keeping.next(m, acts[i], state.clock));
    }
    if (!ends) continue;
    step.outcome.ended += a.held.keep([&](const Moment& m) {
      const Mask left = m.mask & ~keeping.ended(m, acts[i], state.clock);
      // What they did is gone; that they did something then is not forgotten.
      if (left == 0 && keeping.is_act(m.name)) a.acted = std::max(a.acted, m.happened);
      return left;
    });
    a.rewrite = true;
    any = true;
  }
  return any;
}

void look_through(Step& step, Component& component) {
  PartitionState& state = step.state;
  Instant next = Instant::never();
  if (cut(step, component, next)) {
    state.ended_at = state.clock;
    touch(state, component);
    for (PersonState& p : component.people) rebuild(step, component, p, state.clock, Why::erasure);
  }
  for (std::size_t i = 0; i < component.atoms.size(); ++i) {
    const AtomState& a = component.atoms[i];
    if (a.erased || stands_aside(component, a)) continue;
    const std::vector<std::uint16_t> who = bearer(component, i);
    if (who.front() != i) continue;  // once for all of them
    const Instant at = lapses(state, component, who);
    if (at > state.clock) {
      next = std::min(next, at);
      continue;
    }
    next = std::min(next, tomorrow(state.clock));  // who erases them may have failed
    for (const std::uint16_t j : who)
      if (!component.atoms[j].erased) step.outcome.lapsed.push_back(component.atoms[j].atom);
  }
  expect_end(state, component, Instant::never());
  expect_end(state, component, next);
}

}  // namespace

Keeping::Keeping(catalog::Retention said, Names& names) : said_(std::move(said)) {
  // A name that cannot be interned (names.h, its bound) is on no event either.
  for (std::uint32_t i = 0; i < said_.classes.size(); ++i)
    for (const std::string& event : said_.classes[i].events)
      if (const auto name = names.intern(event)) classes_.emplace(*name, i);
  for (const std::string& event : said_.no_act)
    if (const auto name = names.intern(event)) no_act_.push_back(*name);
}

const catalog::RetentionClass& Keeping::of(Name event) const {
  const auto at = classes_.find(event);
  return at == classes_.end() ? said_.classes.back() : said_.classes[at->second];
}

Mask Keeping::ended(const Moment& m, Instant last_act, Instant now) const {
  Mask out = 0;
  for (const auto& k : of(m.name).keep) {
    if ((m.mask & k.purposes) == 0) continue;
    const Instant from = k.period.after_last_act ? std::max(m.happened, last_act) : m.happened;
    if (k.period.end(from) <= now) out |= m.mask & k.purposes;
  }
  return out;
}

Keeping::End Keeping::end(const Moment& m, Mask mask, Instant last_act) const {
  End out;
  for (const auto& k : of(m.name).keep) {
    if ((mask & k.purposes) == 0) continue;
    const Instant from = k.period.after_last_act ? std::max(m.happened, last_act) : m.happened;
    const Instant end = k.period.end(from);
    if (end >= out.at) out = {end, k.period.after_last_act};
  }
  return out;
}

Instant Keeping::next(const Moment& m, Instant last_act, Instant now) const {
  Instant out = Instant::never();
  for (const auto& k : of(m.name).keep) {
    if ((m.mask & k.purposes) == 0) continue;
    const Instant from = k.period.after_last_act ? std::max(m.happened, last_act) : m.happened;
    const Instant end = k.period.end(from);
    if (end > now) out = std::min(out, end);
  }
  return out;
}

Instant Keeping::soonest(const Event& event) const {
  Instant out = Instant::never();
  for (const auto& k : of(event.name).keep)
    if ((event.mask & k.purposes) != 0) out = std::min(out, k.period.end(event.happened));
  return out;
}

bool Keeping::is_act(Name event) const {
  return std::ranges::find(no_act_, event) == no_act_.end();
}

Instant last_act(
    const PartitionState& state, const Component& component, std::span<const std::uint16_t> atoms
) {
  Instant last = Instant::beginning();
  for (const std::uint16_t i : atoms) {
    const AtomState& a = component.atoms[i];
    last = std::max(last, a.acted);
    for (const Moment& m : timeline_of(state, component, a).in_order())
      if (m.happened > last && state.keeping->is_act(m.name)) last = m.happened;
    for (const consent::Row& r : a.ledger.rows())
      if (consent::is_answer(r.state) && r.source != "parted") last = std::max(last, r.acted);
  }
  return last;
}

std::vector<Instant> last_acts(const PartitionState& state, const Component& component) {
  std::vector<Instant> out(component.atoms.size(), Instant::beginning());
  std::vector<bool> done(component.atoms.size());
  for (const PersonState& p : component.people) {
    const Instant last = last_act(state, component, p.atoms);
    for (const std::uint16_t i : p.atoms) out[i] = last, done[i] = true;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto one = static_cast<std::uint16_t>(i);
    if (!done[i]) out[i] = last_act(state, component, {&one, 1});
  }
  return out;
}

bool has_lapsed(const PartitionState& state, const Component& component, std::size_t atom) {
  if (!state.keeping || component.atoms[atom].erased ||
      stands_aside(component, component.atoms[atom]))
    return false;
  return lapses(state, component, bearer(component, atom)) <= state.clock;
}

void expect_end(PartitionState& state, Component& component, Instant end) {
  if (end == component.ends || (end > component.ends && end != Instant::never())) return;
  if (component.ends != Instant::never()) state.ending.erase({component.ends, component.id.atom});
  component.ends = end;
  if (end != Instant::never()) state.ending.insert({end, component.id.atom});
  touch(state, component);
}

void expect_end(PartitionState& state, Component& component, const Event& event) {
  if (state.keeping) expect_end(state, component, state.keeping->soonest(event));
}

/// Everybody, as soon as their turn comes: the schedules are others.
void keep_by(PartitionState& state, std::shared_ptr<const Keeping> keeping) {
  state.keeping = std::move(keeping);
  for (const auto& [atom, component] : state.components) {
    if (component->moved_to) continue;
    expect_end(state, *component, Instant::never());
    if (state.keeping) expect_end(state, *component, state.clock);
  }
}

void let_end(Step& step) {
  PartitionState& state = step.state;
  for (std::size_t n = retention_page; n > 0; --n) {
    if (!state.keeping || state.ending.empty() || state.ending.begin()->at > state.clock) return;
    const auto at = state.components.find(state.ending.begin()->component);
    look_through(step, *at->second);
    make_room(state);
  }
}

}  // namespace hospes::flow
