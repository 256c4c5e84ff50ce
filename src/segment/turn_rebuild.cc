#include <algorithm>

#include "segment/turn.h"

namespace hospes::segment {

/// Nothing for null, and for a date that is none: the trait is absent then.
std::optional<Page::Trait> Turn::encode(std::uint32_t slot, const ValueView& value) const {
  const Slot& s = plan_.slots[slot];
  Page::Trait out{.slot = slot, .kind = value.kind, .payload = value.number.micro};
  if (value.kind == ValueKind::null) return std::nullopt;
  if (s.kind == Slot::instant) {
    const auto at = value.kind == ValueKind::text ? parse_instant(value.text) : std::nullopt;
    if (!at) return std::nullopt;
    out.payload = at->us;
  } else if (s.kind == Slot::judged) {
    out.kind = ValueKind::boolean;
    out.payload = passes(value, s.node->clause.test, s.node->clause.values) ? 1 : 0;
  } else if (value.kind == ValueKind::text) {
    out.payload = plan_.fields[s.field].literal(value.text);
  } else if (value.kind == ValueKind::json || value.kind == ValueKind::atom) {
    out.kind = ValueKind::json;
    out.payload = 0;
  }
  return out;
}

void Turn::store(std::uint32_t slot, const std::optional<Page::Trait>& fresh) {
  auto at = std::ranges::lower_bound(page_.traits_, slot, {}, &Page::Trait::slot);
  const bool had = at != page_.traits_.end() && at->slot == slot;
  if (fresh && had)
    *at = *fresh;
  else if (fresh)
    page_.traits_.insert(at, *fresh);
  else if (had)
    page_.traits_.erase(at);
}

void Turn::read_traits(const Person& person) {
  page_.traits_.clear();
  page_.last_identify_ = Instant::beginning();
  for (const Seen& seen : person.events) {
    if (seen.moment->type != EventType::identify || seen.moment->happened > now_) continue;
    hear(seen);
    for (const Heard& h : heard_) {
      for (const std::uint32_t slot : plan_.fields[h.field].slots) {
        if ((seen.mask & bit(plan_.slots[slot].purpose)) == 0) continue;
        page_.last_identify_ = seen.moment->happened;
        auto fresh = encode(slot, h.value);
        if (fresh) fresh->at = seen.moment->happened;
        store(slot, fresh);
      }
    }
  }
}

/// 0: no segment is guarded by that value.
GroupIndex Turn::group_of(const Guard& guard, const Page::Trait* stored) const {
  if (stored == nullptr) return 0;
  const auto key = [](const auto& x) { return std::pair(x.kind, x.payload); };
  const auto at = std::ranges::lower_bound(guard.entries, key(*stored), {}, [&](const auto& e) {
    return key(e);
  });
  return at != guard.entries.end() && key(*at) == key(*stored) ? at->group : 0;
}

void Turn::make_blocks() {
  Few<GroupIndex, 8> groups;
  if (!plan_.groups[0].programs.empty()) groups.push_back(0);
  for (const Guard& guard : plan_.guards) {
    if (const GroupIndex g = group_of(guard, trait(guard.slot)); g != 0) groups.push_back(g);
  }
  std::ranges::sort(groups);
  std::size_t words = 0;
  for (const GroupIndex g : groups) words += 1 + plan_.groups[g].words;
  page_.bits_.clear();
  page_.bits_.reserve(words);
  for (const GroupIndex g : groups) {
    page_.bits_.push_back(std::uint64_t{g} << 32);
    page_.bits_.resize(page_.bits_.size() + plan_.groups[g].words);
  }
  page_.cells_.clear();
  called_.clear();
  look_at_page();
  for (std::uint32_t v = 0; v < views_.size(); ++v) fill(v);
}

/// From somebody of whom nothing is known to what is known of this person, but for the events.
void Turn::fill(std::uint32_t v) {
  View& view = views_[v];
  const Group& group = *view.group;
  std::ranges::copy(group.at_rest, view.bits);
  for (const Page::Trait& t : page_.traits_) learn_trait(v, t.slot);
  for (const Local a : group.identifiers) learn(v, a);
  for (const Member& m : page_.members_) {
    const Local program = program_of(view, m.segment);
    if (program == nothing) continue;
    view.set(view.in_bit(program), true);
    call(v, program, true);
  }
}

/// Nothing: it is not filed there.
Local Turn::program_of(const View& view, SegmentIndex segment) const {
  if (segment >= plan_.rank_of.size()) return nothing;
  const auto& programs = view.group->programs;
  const auto at = std::ranges::lower_bound(programs, plan_.rank_of[segment], {}, &LocalProgram::rank);
  if (at == programs.end() || at->segment != segment) return nothing;
  return static_cast<Local>(at - programs.begin());
}

void Turn::refresh_open(View& view, Local program) {
  const bool open = known(view, view.group->programs[program].root, false) == Known::open;
  view.set(view.open_bit(program), open);
}

/// Once the cells are there: every program that may say other than no, or that has to wait. Besides those that were touched
/// or are members, these look at a stream of which something came, or may be true of somebody of whom nothing is known.
void Turn::call_all() {
  for (std::uint32_t v = 0; v < views_.size(); ++v) {
    const View& view = views_[v];
    for (const Local p : view.group->suspects) call(v, p, true);
    for (Local s = 0; s < view.group->streams.size(); ++s) {
      if (!view.get(s)) continue;
      const LocalStream& stream = view.group->streams[s];
      for (std::uint32_t i = view.group->atoms[stream.atoms].asks; i < view.group->atoms[stream.atoms_end - 1].asks_end; ++i) {
        const Local program = view.group->asks[i].program;
        if (view.get(view.open_bit(program))) call(v, program, true);
      }
    }
  }
}

void Turn::read_streams(const Person& person) {
  Few<std::pair<std::uint32_t, Local>, 4> negative;
  Few<Local, 16> streams;
  const auto add = [&](std::uint32_t v, Local s, const Seen& seen) {
    const LocalStream& stream = views_[v].group->streams[s];
    std::int64_t amount = 0;
    if (!amount_of(stream, amount)) return true;
    if (seen.moment->happened <= back(now_, stream.rule.horizon_us)) return true;
    return cell_for(views_[v], s).add(stream.rule, seen.moment->happened, amount, now_);
  };
  for (std::size_t i = 0; i < person.events.size(); ++i) {
    const Seen& seen = person.events[i];
    if (seen.moment->happened > now_) continue;
    hear(seen);
    for (std::uint32_t v = 0; v < views_.size(); ++v) {
      streams.clear();
      match(views_[v], seen, streams);
      for (const Local s : streams) {
        if (add(v, s, seen)) continue;
        // Amounts below zero came after some were left out: this stream keeps everything, from the
        // start.
        negative.emplace_back(v, s);
        make_blocks();
        for (const auto& [nv, ns] : negative) cell_for(views_[nv], ns).expect_negative();
        i = static_cast<std::size_t>(-1);
        v = static_cast<std::uint32_t>(views_.size());
        break;
      }
      if (v == views_.size()) break;
    }
  }
}

void Turn::ask_evaluator(const Person& person) {
  page_.slow_.clear();
  const MemberOf none = [](SegmentIndex) { return Answer{}; };  // leaves do not ask
  std::vector<AtomIndex> atoms;
  for (const View& view : views_) {
    for (const auto& [name, atom] : view.group->slow) atoms.push_back(atom);
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

/// Those whose guard no longer holds, or that are no more.
void Turn::leave_the_closed(Cause cause, Flips& out) {
  std::vector<SegmentIndex> gone;
  for (const Member& m : page_.members_) {
    const bool known = m.segment < plan_.rank_of.size() && !definitions_.at(m.segment).retired;
    const auto holds = [&](GroupIndex g) {
      return std::ranges::any_of(views_, [&](const View& view) { return view.index() == g; });
    };
    const bool live =
        known && std::ranges::any_of(plan_.programs[plan_.rank_of[m.segment]].groups, holds);
    if (!live) gone.push_back(m.segment);
  }
  for (const SegmentIndex segment : gone) turn_member(segment, false, cause, out);
}

void Turn::rebuild(const Person& person, Cause cause, Flips& out) {
  const std::size_t first = out.size();
  page_.kinds_ = person.kinds;
  page_.due_ = Instant::never();
  page_.as_of_ = now_;
  page_.built_ = true;
  read_traits(person);
  make_blocks();
  read_streams(person);
  ask_evaluator(person);
  leave_the_closed(cause, out);
  call_all();
  settle(cause, out);
  std::sort(
      out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
      [](const Flip& a, const Flip& b) { return a.segment < b.segment; }
  );
}

}  // namespace hospes::segment
