#include <algorithm>

#include "segment/turn.h"

namespace hospes::segment {

/// Nothing for null, and for a date that is none: the trait is absent then.
std::optional<Page::Trait> Turn::encode(std::uint32_t slot, const ValueView& value) const {
  const Slot& s = plan_.slots[slot];
  Page::Trait out{.slot = slot};
  if (value.kind == ValueKind::null) return std::nullopt;
  if (s.kind == Slot::instant) {
    const auto at = value.kind == ValueKind::text ? parse_instant(value.text) : std::nullopt;
    if (!at) return std::nullopt;
    out.payload = at->us;
    return out;
  }
  if (s.kind == Slot::judged) {
    out.payload = passes(value, s.node->clause.test, s.node->clause.values) ? 1 : 0;
    return out;
  }
  if (value.kind == ValueKind::number) out.kind = Page::Trait::number;
  if (value.kind == ValueKind::boolean) out.kind = Page::Trait::boolean;
  out.payload = value.number.micro;
  if (value.kind == ValueKind::text) {
    out.kind = Page::Trait::text;
    const auto at = std::ranges::find(s.texts, value.text);
    out.payload = at == s.texts.end() ? -1 : at - s.texts.begin();
  }
  return out;
}

void Turn::read_traits(const Person& person) {
  page_.traits_.clear();
  page_.last_identify_ = Instant::beginning();
  for (const Seen& seen : person.events) {
    if (seen.moment->type != EventType::identify || seen.moment->happened > now_) continue;
    for (PackedReader in(seen.body); in.next();) {
      const auto slots = plan_.slots_by_trait.find(in.name());
      if (slots == plan_.slots_by_trait.end()) continue;
      for (const std::uint32_t slot : slots->second) {
        if ((seen.mask & bit(plan_.slots[slot].purpose)) == 0) continue;
        page_.last_identify_ = seen.moment->happened;
        const auto fresh = encode(slot, find_property(seen.body, in.name()));
        auto at = std::ranges::lower_bound(page_.traits_, slot, {}, &Page::Trait::slot);
        const bool had = at != page_.traits_.end() && at->slot == slot;
        if (fresh && had)
          *at = *fresh;
        else if (fresh)
          page_.traits_.insert(at, *fresh);
        else if (had)
          page_.traits_.erase(at);
      }
    }
  }
}

/// 0: no segment is guarded by that value.
GroupIndex Turn::group_of(const Guard& guard, const Page::Trait& cell) const {
  const Slot& slot = plan_.slots[guard.slot];
  for (const auto& [value, group] : guard.values) {
    const bool same =
        (cell.kind == Page::Trait::number && value.kind == ValueKind::number &&
         value.number.micro == cell.payload) ||
        (cell.kind == Page::Trait::boolean && value.kind == ValueKind::boolean &&
         value.number.micro == cell.payload) ||
        (cell.kind == Page::Trait::text && value.kind == ValueKind::text && cell.payload >= 0 &&
         value.text == slot.texts[static_cast<std::size_t>(cell.payload)]);
    if (same) return group;
  }
  return 0;
}

void Turn::find_groups() {
  page_.groups_.assign(1, 0);
  for (const Guard& guard : plan_.guards) {
    const Page::Trait* t = trait(guard.slot);
    const GroupIndex g = t != nullptr ? group_of(guard, *t) : 0;
    if (g != 0) page_.groups_.push_back(g);
  }
  std::ranges::sort(page_.groups_);
}

void Turn::read_streams(const Person& person) {
  std::vector<std::pair<Name, std::uint32_t>> needed;
  for (const GroupIndex g : page_.groups_) {
    for (const auto& [stream, where] : plan_.groups[g].where)
      needed.emplace_back(where.first, stream);
  }
  std::ranges::sort(needed);
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  std::vector<std::uint32_t> negative;
  bool whole = false;
  while (!whole) {
    whole = true;
    page_.cells_.clear();
    for (const std::uint32_t s : negative) cell_for(s).expect_negative();
    for (const Seen& seen : person.events) {
      if (seen.moment->happened > now_) continue;
      const Name name = seen.moment->name;
      for (auto at = std::ranges::lower_bound(needed, std::pair(name, 0U));
           at != needed.end() && at->first == name; ++at) {
        if (!matches(plan_.streams[at->second], seen)) continue;
        streams_.assign(1, at->second);
        if (insert(seen)) continue;
        negative.push_back(at->second
        );  // amounts below zero came late: this stream keeps everything
        whole = false;
        break;
      }
      if (!whole) break;
    }
  }
  streams_.clear();
}

void Turn::ask_evaluator(const Person& person) {
  page_.slow_.clear();
  const MemberOf none = [](SegmentIndex) { return Answer{}; };  // leaves do not ask
  std::vector<AtomIndex> atoms;
  for (const GroupIndex g : page_.groups_) {
    atoms.insert(atoms.end(), plan_.groups[g].slow_all.begin(), plan_.groups[g].slow_all.end());
  }
  std::ranges::sort(atoms);
  atoms.erase(std::unique(atoms.begin(), atoms.end()), atoms.end());
  for (const AtomIndex a : atoms) {
    const Atom& atom = plan_.atoms[a];
    const Answer answer = evaluate(*atom.node, person, bit(atom.purpose), none, now_);
    page_.slow_.push_back({a, answer.truth, answer.next});
    lower(answer.next);
  }
}

void Turn::rebuild(const Person& person, Cause cause, Flips& out) {
  page_.kinds_ = person.kinds;
  page_.due_ = Instant::never();
  page_.as_of_ = now_;
  read_traits(person);
  find_groups();
  read_streams(person);
  ask_evaluator(person);
  for (const GroupIndex g : page_.groups_) {
    agenda_.insert(agenda_.end(), plan_.groups[g].segments.begin(), plan_.groups[g].segments.end());
  }
  std::ranges::sort(agenda_);
  agenda_.erase(std::unique(agenda_.begin(), agenda_.end()), agenda_.end());
  // Those whose guard no longer holds are out.
  const std::size_t first = out.size();
  std::vector<SegmentIndex> gone;
  for (const Member& m : page_.members_) {
    const bool known = m.segment < plan_.rank_of.size() && !definitions_.at(m.segment).retired;
    if (!known || !std::ranges::binary_search(agenda_, plan_.rank_of[m.segment]))
      gone.push_back(m.segment);
  }
  for (const SegmentIndex segment : gone) turn_member(segment, false, cause, out);
  settle(cause, out);
  std::sort(
      out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
      [](const Flip& a, const Flip& b) { return a.segment < b.segment; }
  );
}

}  // namespace hospes::segment
