#include "segment/turn.h"

#include <algorithm>
#include <bit>

namespace hospes::segment {

Turn::Turn(const Definitions& definitions, const Plan& plan, Page& page, Instant now)
    : definitions_(definitions), plan_(plan), page_(page), now_(now) {
  look_at_page();
}

void Turn::look_at_page() {
  views_.clear();
  for (std::size_t head = 0; head < page_.bits_.size();) {
    View& view = views_.emplace_back();
    view.bits = page_.bits_.data() + head + 1;
    view.group = &plan_.groups[view.index()];
    head += 1 + view.group->words;
  }
}

void Turn::call(std::uint32_t view, Local program, bool judge) {
  const Rank rank = views_[view].group->programs[program].rank;
  const auto at = std::ranges::lower_bound(called_, rank, {}, &Called::rank);
  if (at != called_.end() && at->rank == rank)
    at->judge = at->judge || judge;
  else
    called_.insert(at, {rank, view, program, judge});
}

/// Where it is live: in one block at most, for a person has one value of the trait that guards it.
void Turn::call_rank(Rank rank) {
  for (const GroupIndex g : plan_.programs[rank].groups) {
    for (std::uint32_t v = 0; v < views_.size(); ++v) {
      if (views_[v].index() != g) continue;
      const auto& programs = views_[v].group->programs;
      const auto at = std::ranges::lower_bound(programs, rank, {}, &LocalProgram::rank);
      call(v, static_cast<Local>(at - programs.begin()), true);
    }
  }
}

/// Could an atom that turns true (up) or false change this membership?
bool Turn::matters(const View& view, const Ask& ask, bool up) const {
  if (!view.get(view.open_bit(ask.program))) return false;
  const bool in = view.get(view.in_bit(ask.program));
  return (ask.polarity & (up == in ? hurts : helps)) != 0;
}

void Turn::flipped(std::uint32_t view, Local atom, bool up) {
  const LocalAtom& a = views_[view].group->atoms[atom];
  for (std::uint32_t i = a.asks; i < a.asks_end; ++i) {
    const Ask& ask = views_[view].group->asks[i];
    if (matters(views_[view], ask, up)) call(view, ask.program, true);
  }
}

void Turn::began_to_wait(std::uint32_t view, Local atom) {
  const LocalAtom& a = views_[view].group->atoms[atom];
  for (std::uint32_t i = a.asks; i < a.asks_end; ++i) {
    const Local program = views_[view].group->asks[i].program;
    if (views_[view].get(views_[view].open_bit(program))) call(view, program, false);
  }
}

void Turn::turn_member(SegmentIndex segment, bool in, Cause cause, Flips& out) {
  auto at = std::ranges::lower_bound(page_.members_, segment, {}, &Member::segment);
  Flip flip{.segment = segment, .entered = in, .at = now_, .cause = cause};
  if (in) {
    page_.members_.insert(at, {segment, now_});
  } else {
    flip.since = at->since;
    page_.members_.erase(at);
  }
  out.push_back(flip);
}

/// Waits for what time alone could do to a membership, as things stand now.
void Turn::plan_ahead(const View& view, Local index) {
  const LocalProgram& program = view.group->programs[index];
  if (known(view, program.root, true) != Known::open) return;
  const bool in = view.get(view.in_bit(index));
  for (std::uint32_t i = program.timed; i < program.timed_end; ++i) {
    const auto [atom, polarity] = view.group->timed[i];
    const Local stream = view.group->atoms[atom].stream;
    if (stream == nothing) {
      lower(answer(view, atom, now_).next);  // a date
      continue;
    }
    Cell* c = cell(view, stream);
    if (c == nullptr) continue;
    Instant due = Instant::never();
    const LocalAtom& a = view.group->atoms[atom];
    const Answer is = answer(a, c, now_);
    if ((polarity & helps) != 0) due = next_turn(a, *c, is, !in);
    if ((polarity & hurts) != 0) due = std::min(due, next_turn(a, *c, is, in));
    Instant& waits = page_.cells_.dues()[cell_index(view, stream)];
    waits = std::min(waits, due);
    lower(due);
  }
}

/// Judges the called segments, those they ask about first.
void Turn::settle(Cause cause, Flips& out) {
  const std::size_t first = out.size();
  for (std::size_t i = 0; i < called_.size(); ++i) {
    const Called called = called_[i];
    View& view = views_[called.view];
    const LocalProgram& program = view.group->programs[called.program];
    const bool was = view.get(view.in_bit(called.program));
    const bool in = called.judge ? truth(view, program.root) : was;
    if (in != was) {
      view.set(view.in_bit(called.program), in);
      turn_member(program.segment, in, cause, out);
      for (const Rank r : plan_.asked_by[called.rank]) call_rank(r);  // higher: still ahead
    }
    plan_ahead(view, called.program);
  }
  std::sort(
      out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
      [](const Flip& a, const Flip& b) { return a.segment < b.segment; }
  );
}

bool Turn::asks_evaluator(const Seen& event) const {
  for (const View& view : views_) {
    const Name name = event.moment->name;
    const auto& slow = view.group->slow;
    for (auto at = std::ranges::lower_bound(slow, std::pair(name, AtomIndex{0}));
         at != slow.end() && at->first == name; ++at) {
      const Atom& atom = plan_.atoms[at->second];
      if ((event.mask & bit(atom.purpose)) == 0) continue;
      if (atom.heeds_identify && event.moment->type == EventType::identify) return true;
      for (const BoundNamed* look : atom.looks) {
        if (selects(*look, *event.moment, event.body)) return true;
      }
    }
  }
  return false;
}

/// An atom that rests on a trait or an identifier may say otherwise now: calls who asks it.
void Turn::learn(std::uint32_t v, Local atom) {
  View& view = views_[v];
  const LocalAtom& a = view.group->atoms[atom];
  const bool is_static = atom < view.group->statics;
  if (is_static) {
    const bool truth = static_truth(plan_.atoms[a.atom]);
    if (truth == view.get(view.static_bit(atom))) return;
    view.set(view.static_bit(atom), truth);
  }
  for (std::uint32_t i = a.asks; i < a.asks_end; ++i) {
    const Local program = view.group->asks[i].program;
    if (is_static) refresh_open(view, program);
    call(v, program, true);
  }
}

void Turn::learn_trait(std::uint32_t v, std::uint32_t slot) {
  const auto& by_slot = views_[v].group->by_slot;
  for (auto at = std::ranges::lower_bound(by_slot, std::pair(slot, Local{0}));
       at != by_slot.end() && at->first == slot; ++at)
    learn(v, at->second);
}

/// Whether the value of a trait moves people into other groups.
bool Turn::regroups(std::uint32_t slot, const Page::Trait* old, const Page::Trait* fresh) const {
  return std::ranges::any_of(plan_.guards, [&](const Guard& guard) {
    return guard.slot == slot && group_of(guard, old) != group_of(guard, fresh);
  });
}

/// False: the page must be rebuilt. Late identifies are common (many devices, many connections):
/// what was said of this trait since is known by its time.
bool Turn::take_trait(
    std::uint32_t slot, const std::optional<Page::Trait>& fresh, Instant happened
) {
  const auto at = std::ranges::lower_bound(page_.traits_, slot, {}, &Page::Trait::slot);
  Page::Trait* old = at != page_.traits_.end() && at->slot == slot ? &*at : nullptr;
  if (old == nullptr && !fresh) return true;
  if (old == nullptr && happened <= page_.last_identify_) return false;  // who made it absent?
  if (old != nullptr && happened < old->at) return true;
  if (old != nullptr && fresh && fresh->same_value(*old)) {
    old->at = happened;
    return true;
  }
  if (old != nullptr && happened == old->at) return false;  // the hashes of the two decide
  if (regroups(slot, old, fresh ? &*fresh : nullptr)) return false;
  store(slot, fresh);
  for (std::uint32_t v = 0; v < views_.size(); ++v) learn_trait(v, slot);
  return true;
}

/// False: the page must be rebuilt.
bool Turn::take_traits(const Seen& event) {
  const Instant happened = event.moment->happened;
  bool bears = false;
  for (const Heard& h : heard_) {
    for (const std::uint32_t slot : plan_.fields[h.field].slots) {
      if ((event.mask & bit(plan_.slots[slot].purpose)) == 0) continue;
      bears = true;
      auto fresh = encode(slot, h.value);
      if (fresh) fresh->at = happened;
      if (!take_trait(slot, fresh, happened)) return false;
    }
  }
  if (bears) page_.last_identify_ = std::max(page_.last_identify_, happened);
  return true;
}

bool Turn::anybody_asks(const View& view, Local atom) const {
  const LocalAtom& a = view.group->atoms[atom];
  for (std::uint32_t i = a.asks; i < a.asks_end; ++i) {
    if (view.get(view.open_bit(view.group->asks[i].program))) return true;
  }
  return false;
}

bool Turn::touch_stream(std::uint32_t v, Local local, const Seen& event) {
  View& view = views_[v];
  const LocalStream& stream = view.group->streams[local];
  const Instant happened = event.moment->happened;
  // Behind every window, and windows only move on.
  if (happened <= back(now_, stream.rule.horizon_us)) return true;
  std::int64_t amount = 0;
  if (!amount_of(stream, amount)) return true;
  Cell* c = cell(view, local);
  const std::uint32_t held = c != nullptr ? c->size(stream.rule.keep) : 0;
  Few<std::pair<Local, Answer>, 16> before;
  for (Local a = stream.atoms; a < stream.atoms_end; ++a) {
    const LocalAtom& atom = view.group->atoms[a];
    if (atom.kind == AtomKind::count && held + 1 < atom.k) continue;  // false, and stays so
    if (!anybody_asks(view, a)) continue;
    const Answer was = answer(atom, c, now_);
    // One more event never makes a count false, nor its end come sooner.
    if (atom.kind != AtomKind::count || !was.truth) before.emplace_back(a, was);
  }
  if (c == nullptr) c = &cell_for(view, local);
  if (!c->add(stream.rule, happened, amount, now_)) return false;
  for (const auto& [a, was] : before) {
    const Answer is = answer(view.group->atoms[a], c, now_);
    if (is.truth != was.truth) flipped(v, a, is.truth);
    if (is.next < was.next) began_to_wait(v, a);
  }
  return true;
}

Added Turn::add(const Seen& event, std::uint64_t kinds, Flips& out) {
  if (!page_.built_ || ((kinds ^ page_.kinds_) & plan_.kinds_used) != 0)
    return Added::needs_rebuild;
  page_.kinds_ = kinds;
  if (event.mask == 0) return Added::done;
  if (asks_evaluator(event)) return Added::needs_rebuild;
  hear(event);
  if (event.moment->type == EventType::identify && !take_traits(event)) return Added::needs_rebuild;
  Few<Local, 16> streams;
  for (std::uint32_t v = 0; v < views_.size(); ++v) {
    streams.clear();
    match(views_[v], event, streams);
    for (const Local s : streams) {
      if (!touch_stream(v, s, event)) return Added::needs_rebuild;
    }
  }
  page_.as_of_ = now_;
  settle(Cause::event, out);
  return Added::done;
}

/// The earliest turn of a stream that is worth waiting for.
Instant Turn::next_edge_of(const Opened& opened) const {
  const View& view = views_[opened.view];
  const LocalStream& stream = view.group->streams[opened.stream];
  const Cell& c = *cell(view, opened.stream);
  Few<std::pair<Instant, Local>, 16> turns;  // and the program that it could turn
  for (Local a = stream.atoms; a < stream.atoms_end; ++a) {
    const LocalAtom& atom = view.group->atoms[a];
    const Answer& is = answers_[opened.answers + (a - stream.atoms)];
    if (is.next == Instant::never()) continue;
    for (std::uint32_t i = atom.asks; i < atom.asks_end; ++i) {
      const Ask& ask = view.group->asks[i];
      for (const bool up : {false, true}) {
        if (matters(view, ask, up)) turns.emplace_back(next_turn(atom, c, is, up), ask.program);
      }
    }
  }
  std::ranges::sort(turns);
  for (const auto& [next, program] : turns) {
    if (next == Instant::never()) break;
    if (known(view, view.group->programs[program].root, true) == Known::open) return next;
  }
  return Instant::never();
}

Instant Turn::date_edge() const {
  Instant due = Instant::never();
  for (const View& view : views_) {
    for (const Local a : view.group->dates) due = std::min(due, answer(view, a, now_).next);
  }
  return due;
}

/// A cell's time has come: which of its atoms have turned since the page was last looked at?
void Turn::fire_cell(std::uint32_t v, std::uint32_t index) {
  const View& view = views_[v];
  const Local s = stream_of(view, index);
  const Cell& c = page_.cells_[index];
  opened_.push_back({v, s, static_cast<std::uint32_t>(answers_.size())});
  const LocalStream& stream = view.group->streams[s];
  for (Local a = stream.atoms; a < stream.atoms_end; ++a) {
    Answer is;
    if (anybody_asks(view, a)) {
      const LocalAtom& atom = view.group->atoms[a];
      is = answer(atom, &c, page_.as_of_);
      if (is.next <= now_) {
        const bool was = is.truth;
        is = answer(atom, &c, now_);
        if (is.truth != was) flipped(v, a, is.truth);
      }
    }
    answers_.push_back(is);
  }
}

void Turn::fire_cells() {
  const auto dues = page_.cells_.dues();
  for (std::uint32_t i = 0; i < dues.size(); ++i) {
    if (dues[i] > now_) continue;
    dues[i] = Instant::never();
    std::uint32_t v = 0;
    while (v + 1 < views_.size() && views_[v + 1].first_cell() <= i) ++v;
    fire_cell(v, i);
  }
}

Added Turn::fire(Flips& out) {
  if (!page_.built_) return Added::needs_rebuild;
  if (now_ < page_.due_) return Added::done;
  Instant due = Instant::never();
  for (const Page::Slow& s : page_.slow_) due = std::min(due, s.next);
  if (due <= now_) return Added::needs_rebuild;
  fire_cells();
  for (std::uint32_t v = 0; v < views_.size(); ++v) {
    for (const Local a : views_[v].group->dates) {
      const bool truth = answer(views_[v], a, now_).truth;
      if (truth != answer(views_[v], a, page_.as_of_).truth) flipped(v, a, truth);
    }
  }
  page_.as_of_ = now_;
  page_.due_ = due;
  settle(Cause::time, out);
  for (const Opened& opened : opened_) {
    Instant& waits = page_.cells_.dues()[cell_index(views_[opened.view], opened.stream)];
    waits = std::min(waits, next_edge_of(opened));
  }
  for (const Instant waits : page_.cells_.dues()) lower(waits);
  lower(date_edge());
  return Added::done;
}

}  // namespace hospes::segment
