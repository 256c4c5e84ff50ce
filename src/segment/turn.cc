#include "segment/turn.h"

#include <algorithm>

namespace hospes::segment {

void Turn::call(Rank rank) {
  const auto at = std::ranges::lower_bound(agenda_, rank);
  if (at == agenda_.end() || *at != rank) agenda_.insert(at, rank);
}

void Turn::turn_member(SegmentIndex segment, bool in, Cause cause, Flips& out) {
  auto at = std::ranges::lower_bound(page_.members_, segment, {}, &Member::segment);
  if (in)
    page_.members_.insert(at, {segment, now_});
  else
    page_.members_.erase(at);
  out.push_back({segment, in, now_, cause});
}

/// Judges the called segments, those they ask about first, and plans when time could turn each.
void Turn::settle(Cause cause, Flips& out) {
  const std::size_t first = out.size();
  for (std::size_t i = 0; i < agenda_.size(); ++i) {
    const Program& program = plan_.programs[agenda_[i]];
    const bool in = truth(program, 0);
    if (in != page_.since(program.segment).has_value()) {
      turn_member(program.segment, in, cause, out);
      for (const Rank r : plan_.asked_by[agenda_[i]]) {
        if (is_live(plan_.programs[r])) call(r);  // of higher rank: still ahead
      }
    }
    schedule(program);
  }
  std::sort(
      out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
      [](const Flip& a, const Flip& b) { return a.segment < b.segment; }
  );
}

void Turn::schedule(const Program& program) {
  if (known(program, 0) != Known::open) return;
  for (const AtomIndex a : program.atoms) {
    const Atom& atom = plan_.atoms[a];
    const Instant next = answer(atom, now_).next;
    if (next == Instant::never()) continue;
    lower(next);
    switch (atom.kind) {
      case AtomKind::count:
      case AtomKind::offset:
      case AtomKind::sum:
      case AtomKind::age: {
        Cell& c = cell_for(atom.stream);
        c.due = std::min(c.due, next);
        break;
      }
      default:
        break;
    }
  }
}

bool Turn::matches(const Stream& stream, const Seen& event) const {
  return (event.mask & bit(stream.purpose)) != 0 &&
         selects(stream.select, *event.moment, event.body);
}

bool Turn::asks_evaluator(const Seen& event) const {
  for (const GroupIndex g : page_.groups_) {
    const Group& group = plan_.groups[g];
    const auto found = group.slow.find(event.moment->name);
    if (found == group.slow.end()) continue;
    for (const AtomIndex a : found->second) {
      const Atom& atom = plan_.atoms[a];
      if ((event.mask & bit(atom.purpose)) == 0) continue;
      if (selects(atom.node->select, *event.moment, event.body)) return true;
      if (atom.node->kind == BoundKind::sequence &&
          selects(atom.node->then, *event.moment, event.body))
        return true;
    }
  }
  return false;
}

void Turn::touch_traits(std::uint32_t slot, const std::optional<Page::Trait>& fresh) {
  Few<std::pair<const Use*, Answer>, 16> before;
  for (const GroupIndex g : page_.groups_) {
    const auto found = plan_.groups[g].slots.find(slot);
    if (found == plan_.groups[g].slots.end()) continue;
    for (const Use& use : found->second)
      before.emplace_back(&use, answer(plan_.atoms[use.atom], now_));
  }
  auto at = std::ranges::lower_bound(page_.traits_, slot, {}, &Page::Trait::slot);
  const bool had = at != page_.traits_.end() && at->slot == slot;
  if (fresh && had)
    *at = *fresh;
  else if (fresh)
    page_.traits_.insert(at, *fresh);
  else if (had)
    page_.traits_.erase(at);
  for (const auto& [use, old] : before) {
    const Answer now = answer(plan_.atoms[use->atom], now_);
    if (now.truth != old.truth || now.next != old.next) call(*use);
  }
}

/// False: the page must be rebuilt.
bool Turn::take_traits(const Seen& event) {
  const bool late = event.moment->happened <= page_.last_identify_;
  for (PackedReader in(event.body); in.next();) {
    const auto slots = plan_.slots_by_trait.find(in.name());
    if (slots == plan_.slots_by_trait.end()) continue;
    for (const std::uint32_t slot : slots->second) {
      if ((event.mask & bit(plan_.slots[slot].purpose)) == 0) continue;
      if (late) return false;
      page_.last_identify_ = event.moment->happened;
      const auto fresh = encode(slot, find_property(event.body, in.name()));
      const Page::Trait* old = trait(slot);
      if (old == nullptr ? !fresh : fresh == *old) continue;
      for (const Guard& guard : plan_.guards) {
        if (guard.slot != slot) continue;
        const GroupIndex was = old != nullptr ? group_of(guard, *old) : 0;
        const GroupIndex is = fresh ? group_of(guard, *fresh) : 0;
        if (was != is) return false;
      }
      touch_traits(slot, fresh);
    }
  }
  return true;
}

void Turn::gather_streams(const Seen& event) {
  for (const GroupIndex g : page_.groups_) {
    const auto found = plan_.groups[g].streams.find(event.moment->name);
    if (found == plan_.groups[g].streams.end()) continue;
    for (const StreamUse& use : found->second) {
      const bool known = std::ranges::find(streams_, use.stream) != streams_.end();
      if (!known && !matches(plan_.streams[use.stream], event)) continue;
      if (!known) streams_.push_back(use.stream);
      const Cell* c = cell(use.stream);
      for (const Use& u : use.atoms) {
        touched_.push_back({&u, use.stream, answer(plan_.atoms[u.atom], c, now_)});
      }
    }
  }
}

bool Turn::insert(const Seen& event) {
  for (const std::uint32_t s : streams_) {
    const Stream& stream = plan_.streams[s];
    std::int64_t amount = 0;
    if (stream.rule.keep == Keep::amounts) {
      const ValueView v = find_property(event.body, stream.property);
      if (v.kind != ValueKind::number) continue;
      amount = v.number.micro;
    }
    if (!cell_for(s).add(stream.rule, event.moment->happened, amount, now_)) return false;
  }
  return true;
}

Added Turn::add(const Seen& event, std::uint64_t kinds, Flips& out) {
  if (page_.groups_.empty() || ((kinds ^ page_.kinds_) & plan_.kinds_used) != 0)
    return Added::needs_rebuild;
  page_.kinds_ = kinds;
  if (event.mask == 0) return Added::done;
  if (asks_evaluator(event)) return Added::needs_rebuild;
  if (event.moment->type == EventType::identify && !take_traits(event)) return Added::needs_rebuild;
  gather_streams(event);
  if (!insert(event)) return Added::needs_rebuild;
  for (const Touched& t : touched_) {
    const Answer after = answer(plan_.atoms[t.use->atom], cell(t.stream), now_);
    // A later edge is found when the earlier one comes; what has none yet, or an earlier one, must
    // be planned now.
    if (after.truth != t.before.truth || after.next < t.before.next) call(*t.use);
  }
  page_.as_of_ = now_;
  settle(Cause::event, out);
  return Added::done;
}

/// The earliest edge of a stream that could turn a segment.
Instant Turn::relevant_edge(const Cell& c) const {
  Instant due = Instant::never();
  for (const GroupIndex g : page_.groups_) {
    const Group& group = plan_.groups[g];
    const auto where = group.where.find(c.stream());
    if (where == group.where.end()) continue;
    for (const Use& use :
         group.streams.find(where->second.first)->second[where->second.second].atoms) {
      const Instant next = answer(plan_.atoms[use.atom], &c, now_).next;
      if (next >= due) continue;
      const bool relevant = std::ranges::any_of(use.segments, [&](Rank r) {
        return known(plan_.programs[r], 0) == Known::open;
      });
      if (relevant) due = next;
    }
  }
  return due;
}

Instant Turn::date_edge() const {
  Instant due = Instant::never();
  for (const Page::Trait& t : page_.traits_) {
    if (plan_.slots[t.slot].kind != Slot::instant) continue;
    for (const GroupIndex g : page_.groups_) {
      const auto found = plan_.groups[g].slots.find(t.slot);
      if (found == plan_.groups[g].slots.end()) continue;
      for (const Use& use : found->second)
        due = std::min(due, answer(plan_.atoms[use.atom], now_).next);
    }
  }
  return due;
}

Added Turn::fire(Flips& out) {
  if (now_ < page_.due_) return Added::done;
  Instant slow = Instant::never();
  for (const Page::Slow& s : page_.slow_) slow = std::min(slow, s.next);
  if (slow <= now_) return Added::needs_rebuild;
  const Instant before = page_.as_of_;
  const auto changed = [&](const Use& use, const Cell* c) {
    const Atom& atom = plan_.atoms[use.atom];
    return answer(atom, c, before).truth != answer(atom, c, now_).truth;
  };
  Few<std::uint32_t, 8> open;
  for (std::uint32_t i = 0; i < page_.cells_.size(); ++i) {
    Cell& c = page_.cells_[i];
    if (c.due > now_) continue;
    open.push_back(i);
    c.due = Instant::never();
    for (const GroupIndex g : page_.groups_) {
      const Group& group = plan_.groups[g];
      const auto where = group.where.find(c.stream());
      if (where == group.where.end()) continue;
      for (const Use& use :
           group.streams.find(where->second.first)->second[where->second.second].atoms) {
        if (changed(use, &c)) call(use);
      }
    }
  }
  for (const Page::Trait& t : page_.traits_) {
    if (plan_.slots[t.slot].kind != Slot::instant) continue;
    for (const GroupIndex g : page_.groups_) {
      const auto found = plan_.groups[g].slots.find(t.slot);
      if (found == plan_.groups[g].slots.end()) continue;
      for (const Use& use : found->second) {
        if (changed(use, nullptr)) call(use);
      }
    }
  }
  page_.as_of_ = now_;
  page_.due_ = Instant::never();
  settle(Cause::time, out);
  for (const std::uint32_t i : open)
    page_.cells_[i].due = std::min(page_.cells_[i].due, relevant_edge(page_.cells_[i]));
  Instant due = std::min(slow, date_edge());
  for (const Cell& c : page_.cells_) due = std::min(due, c.due);
  page_.due_ = due;
  return Added::done;
}

}  // namespace hospes::segment
