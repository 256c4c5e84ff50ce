#include <algorithm>
#include <bit>
#include <limits>

#include "segment/turn.h"

namespace hospes::segment {

namespace {

constexpr std::int64_t ever = std::numeric_limits<std::int64_t>::max();

Answer count_answer(const LocalAtom& atom, const Cell& cell, Instant now) {
  if (cell.size(Keep::latest) < atom.k) return {};
  const Instant decides = cell.latest(atom.k);
  if (atom.from_us == ever) return {true};
  if (now.us - decides.us >= atom.from_us) return {};
  return {true, {decides.us + atom.from_us}};
}

Answer offset_answer(const LocalAtom& atom, const Cell& cell, Instant now) {
  const std::uint32_t left = cell.up_to(back(now, atom.from_us));
  const std::uint32_t entered = cell.up_to(now - Duration(atom.to_us));
  const std::uint32_t inside = entered - left;
  if (inside >= atom.k) return {true, cell.at(left + (inside - atom.k)) + Duration(atom.from_us)};
  const std::uint32_t needed = entered + (atom.k - inside) - 1;  // nobody may leave meanwhile
  if (needed >= cell.size(Keep::all)) return {};
  return {false, cell.at(needed) + Duration(atom.to_us)};
}

Answer sum_answer(const LocalAtom& atom, Wide x, const Cell& cell, Instant now) {
  Instant turns;
  const bool truth = cell.reaches(x, back(now, atom.from_us), turns);
  const bool moves = atom.from_us != ever && turns != Instant::never();
  return {truth, moves ? turns + Duration(atom.from_us) : Instant::never()};
}

Answer age_answer(const LocalAtom& atom, const Cell& cell, Instant now) {
  if (cell.size(Keep::latest) == 0) return {};
  const Instant at = atom.earliest ? cell.first() : cell.latest(1);
  const bool old_enough = at <= now - Duration(atom.to_us);
  if (!old_enough) return {false, at + Duration(atom.to_us)};
  if (atom.from_us == ever) return {true};
  const bool young_enough = at > back(now, atom.from_us);
  return {young_enough, young_enough ? at + Duration(atom.from_us) : Instant::never()};
}

}  // namespace

/// Place of a stream's cell in page_.cells_, there or not.
std::uint32_t Turn::cell_index(const View& view, Local stream) const {
  std::uint32_t before = 0;
  for (std::size_t word = 0; word < stream / 64; ++word)
    before += static_cast<std::uint32_t>(std::popcount(view.bits[word]));
  const std::uint64_t below = (std::uint64_t{1} << (stream % 64)) - 1;
  before += static_cast<std::uint32_t>(std::popcount(view.bits[stream / 64] & below));
  return view.first_cell() + before;
}

/// The inverse.
Local Turn::stream_of(const View& view, std::uint32_t cell) const {
  std::uint32_t left = cell - view.first_cell();
  const std::uint64_t* word = view.bits;
  for (; left >= static_cast<std::uint32_t>(std::popcount(*word)); ++word)
    left -= static_cast<std::uint32_t>(std::popcount(*word));
  std::uint64_t bits = *word;
  for (; left > 0; --left) bits &= bits - 1;
  return static_cast<Local>((word - view.bits) * 64 + std::countr_zero(bits));
}

Cell* Turn::cell(const View& view, Local stream) const {
  return view.get(stream) ? &page_.cells_[cell_index(view, stream)] : nullptr;
}

Cell& Turn::cell_for(View& view, Local stream) {
  const std::uint32_t index = cell_index(view, stream);
  if (view.get(stream)) return page_.cells_[index];
  view.set(stream, true);
  for (View& later : views_) {
    if (later.bits > view.bits) ++later.bits[-1];
  }
  return page_.cells_.insert(index);
}

const Page::Trait* Turn::trait(std::uint32_t slot) const {
  const auto at = std::ranges::lower_bound(page_.traits_, slot, {}, &Page::Trait::slot);
  return at != page_.traits_.end() && at->slot == slot ? &*at : nullptr;
}

bool Turn::trait_passes(const Atom& atom, const Page::Trait& stored) const {
  const Slot& slot = plan_.slots[atom.slot];
  if (slot.kind == Slot::judged) return stored.payload != 0;
  ValueView view{.kind = stored.kind, .number = {stored.payload}};
  if (stored.kind == ValueKind::text) {
    if (stored.payload == no_literal)
      view = {.kind = ValueKind::json};  // equal to no literal
    else
      view = {
          .kind = ValueKind::text,
          .text = plan_.fields[slot.field].texts[static_cast<std::size_t>(stored.payload)]};
  }
  return passes(view, atom.node->clause.test, atom.node->clause.values);
}

/// Of an atom that only a trait or a rebuild can turn.
bool Turn::static_truth(const Atom& atom) const {
  if (atom.kind == AtomKind::constant) return atom.truth;
  if (atom.kind == AtomKind::identifier) return (page_.kinds_ >> atom.identifier & 1) != 0;
  const Page::Trait* t = trait(atom.slot);
  return t != nullptr && trait_passes(atom, *t);
}

Answer Turn::answer(const LocalAtom& atom, const Cell* cell, Instant now) const {
  if (cell == nullptr) return {atom.of_nothing};
  switch (atom.kind) {
    case AtomKind::count:
      return count_answer(atom, *cell, now);
    case AtomKind::offset:
      return offset_answer(atom, *cell, now);
    case AtomKind::sum:
      return sum_answer(atom, plan_.atoms[atom.atom].x, *cell, now);
    default:
      return age_answer(atom, *cell, now);
  }
}

Answer Turn::answer(const View& view, Local local, Instant now) const {
  if (local < view.group->statics) return {view.get(view.static_bit(local))};
  const LocalAtom& at = view.group->atoms[local];
  if (at.stream != nothing) {
    if (!view.get(at.stream)) return {at.of_nothing};
    return answer(at, cell(view, at.stream), now);
  }
  const Atom& atom = plan_.atoms[at.atom];
  if (atom.kind == AtomKind::member) return {page_.since(atom.segment).has_value()};
  if (atom.kind == AtomKind::date) {
    const Page::Trait* t = trait(atom.slot);
    return t != nullptr ? date_answer(*atom.node, Instant{t->payload}, now) : Answer{};
  }
  const auto slow = std::ranges::lower_bound(page_.slow_, at.atom, {}, &Page::Slow::atom);
  return {slow->truth, slow->next};
}

bool Turn::truth(const View& view, std::uint32_t op) const {
  const Op& o = view.group->ops[op];
  switch (o.kind) {
    case BoundKind::all:
      for (std::uint32_t i = 0; i < o.count; ++i) {
        if (!truth(view, o.at + i)) return false;
      }
      return true;
    case BoundKind::any:
      for (std::uint32_t i = 0; i < o.count; ++i) {
        if (truth(view, o.at + i)) return true;
      }
      return false;
    case BoundKind::negation:
      return !truth(view, o.at);
    default:
      return answer(view, o.at, now_).truth;
  }
}

Instant Turn::next_turn(const LocalAtom& atom, const Cell& cell, const Answer& is, bool up) const {
  if (is.truth != up || is.next == Instant::never()) return is.next;
  // It must turn back first.
  switch (atom.kind) {
    case AtomKind::count:
      return Instant::never();  // only an event turns it up
    case AtomKind::offset: {    // not before another event enters the window
      const std::uint32_t entered = cell.up_to(now_ - Duration(atom.to_us));
      if (!up || entered == cell.size(Keep::all)) return up ? Instant::never() : is.next;
      return cell.at(entered) + Duration(atom.to_us);
    }
    case AtomKind::sum:
      return cell.negative() ? is.next : Instant::never();
    default:
      return is.truth ? Instant::never() : is.next;  // an age: young enough is over for good
  }
}

Turn::Known Turn::known(const View& view, std::uint32_t op, bool in_time) const {
  const Op& o = view.group->ops[op];
  if (o.kind == BoundKind::trait) {
    if (o.at < view.group->statics) return view.get(view.static_bit(o.at)) ? Known::yes : Known::no;
    if (!in_time || view.group->atoms[o.at].kind == AtomKind::member) return Known::open;
    const Answer is = answer(view, o.at, now_);
    if (is.next != Instant::never()) return Known::open;
    return is.truth ? Known::yes : Known::no;
  }
  if (o.kind == BoundKind::negation) {
    const Known inner = known(view, o.at, in_time);
    if (inner == Known::open) return inner;
    return inner == Known::yes ? Known::no : Known::yes;
  }
  const Known decides = o.kind == BoundKind::all ? Known::no : Known::yes;
  Known out = o.kind == BoundKind::all ? Known::yes : Known::no;
  for (std::uint32_t i = 0; i < o.count; ++i) {
    const Known part = known(view, o.at + i, in_time);
    if (part == decides) return part;
    if (part == Known::open) out = part;
  }
  return out;
}

}  // namespace hospes::segment
