#include <algorithm>
#include <limits>

#include "segment/turn.h"

namespace hospes::segment {

namespace {

constexpr std::int64_t ever = std::numeric_limits<std::int64_t>::max();

Instant back(Instant now, std::int64_t us) {
  return us == ever ? Instant::beginning() : now - Duration(us);
}

Answer count_answer(const Atom& atom, const Cell& cell, Instant now) {
  if (cell.size(Keep::latest) < atom.k) return {};
  const Instant decides = cell.latest(atom.k);
  if (atom.from_us == ever) return {true};
  const bool truth = decides > back(now, atom.from_us);
  return {truth, truth ? decides + Duration(atom.from_us) : Instant::never()};
}

Answer offset_answer(const Atom& atom, const Cell& cell, Instant now) {
  const std::uint32_t left = cell.up_to(back(now, atom.from_us));
  const std::uint32_t entered = cell.up_to(now - Duration(atom.to_us));
  const std::uint32_t inside = entered - left;
  if (inside >= atom.k) return {true, cell.at(left + (inside - atom.k)) + Duration(atom.from_us)};
  const std::uint32_t needed = entered + (atom.k - inside) - 1;  // nobody may leave meanwhile
  if (needed >= cell.size(Keep::all)) return {};
  return {false, cell.at(needed) + Duration(atom.to_us)};
}

Answer sum_answer(const Atom& atom, const Cell& cell, Instant now) {
  Instant turns;
  const bool truth = cell.reaches(atom.x, back(now, atom.from_us), turns);
  const bool moves = atom.from_us != ever && turns != Instant::never();
  return {truth, moves ? turns + Duration(atom.from_us) : Instant::never()};
}

Answer age_answer(const Atom& atom, const Cell& cell, Instant now) {
  if (cell.size(Keep::latest) == 0) return {};
  const Instant at = atom.earliest ? cell.first() : cell.latest(1);
  const bool old_enough = at <= now - Duration(atom.to_us);
  if (!old_enough) return {false, at + Duration(atom.to_us)};
  if (atom.from_us == ever) return {true};
  const bool young_enough = at > back(now, atom.from_us);
  return {young_enough, young_enough ? at + Duration(atom.from_us) : Instant::never()};
}

}  // namespace

const Cell* Turn::cell(std::uint32_t stream) const {
  const auto at = std::ranges::lower_bound(page_.cells_, stream, {}, &Cell::stream);
  return at != page_.cells_.end() && at->stream() == stream ? &*at : nullptr;
}

Cell& Turn::cell_for(std::uint32_t stream) {
  auto at = std::ranges::lower_bound(page_.cells_, stream, {}, &Cell::stream);
  if (at == page_.cells_.end() || at->stream() != stream)
    at = page_.cells_.insert(at, Cell(stream));
  return *at;
}

const Page::Trait* Turn::trait(std::uint32_t slot) const {
  const auto at = std::ranges::lower_bound(page_.traits_, slot, {}, &Page::Trait::slot);
  return at != page_.traits_.end() && at->slot == slot ? &*at : nullptr;
}

bool Turn::trait_passes(const Atom& atom, const Page::Trait& cell) const {
  const Slot& slot = plan_.slots[atom.slot];
  if (slot.kind == Slot::judged) return cell.payload != 0;
  const BoundClause& clause = atom.node->clause;
  ValueView view{.kind = ValueKind::json};  // of a kind that no literal has
  if (cell.kind == Page::Trait::number)
    view = {.kind = ValueKind::number, .number = {cell.payload}};
  if (cell.kind == Page::Trait::boolean)
    view = {.kind = ValueKind::boolean, .number = {cell.payload}};
  if (cell.kind == Page::Trait::text && cell.payload >= 0) {
    view = {.kind = ValueKind::text, .text = slot.texts[static_cast<std::size_t>(cell.payload)]};
  }
  return passes(view, clause.test, clause.values);
}

Answer Turn::answer(const Atom& atom, const Cell* cell, Instant now) const {
  switch (atom.kind) {
    case AtomKind::count:
      return cell != nullptr ? count_answer(atom, *cell, now) : Answer{};
    case AtomKind::offset:
      return cell != nullptr ? offset_answer(atom, *cell, now) : Answer{};
    case AtomKind::sum:
      return cell != nullptr ? sum_answer(atom, *cell, now) : Answer{atom.x <= 0};
    case AtomKind::age:
      return cell != nullptr ? age_answer(atom, *cell, now) : Answer{};
    default:
      return answer(atom, now);
  }
}

Answer Turn::answer(const Atom& atom, Instant now) const {
  switch (atom.kind) {
    case AtomKind::constant:
      return {atom.truth};
    case AtomKind::identifier:
      return {(page_.kinds_ >> atom.identifier & 1) != 0};
    case AtomKind::member:
      return {page_.since(atom.segment).has_value()};
    case AtomKind::trait: {
      const Page::Trait* t = trait(atom.slot);
      return {t != nullptr && trait_passes(atom, *t)};
    }
    case AtomKind::date: {
      const Page::Trait* t = trait(atom.slot);
      return t != nullptr ? date_answer(*atom.node, Instant{t->payload}, now) : Answer{};
    }
    case AtomKind::slow: {
      const auto index = static_cast<AtomIndex>(&atom - plan_.atoms.data());
      const auto at = std::ranges::lower_bound(page_.slow_, index, {}, &Page::Slow::atom);
      return {at->truth, at->next};
    }
    default:
      return answer(atom, cell(atom.stream), now);
  }
}

bool Turn::truth(const Program& program, std::uint32_t op) const {
  const Op& o = program.ops[op];
  switch (o.kind) {
    case BoundKind::all:
      for (std::uint32_t i = 0; i < o.count; ++i) {
        if (!truth(program, o.at + i)) return false;
      }
      return true;
    case BoundKind::any:
      for (std::uint32_t i = 0; i < o.count; ++i) {
        if (truth(program, o.at + i)) return true;
      }
      return false;
    case BoundKind::negation:
      return !truth(program, o.at);
    default:
      return answer(plan_.atoms[o.at], now_).truth;
  }
}

Turn::Known Turn::known(const Program& program, std::uint32_t op) const {
  const Op& o = program.ops[op];
  if (o.kind == BoundKind::negation) {
    const Known inner = known(program, o.at);
    return inner == Known::open ? Known::open : inner == Known::yes ? Known::no : Known::yes;
  }
  if (o.kind == BoundKind::all || o.kind == BoundKind::any) {
    const Known decides = o.kind == BoundKind::all ? Known::no : Known::yes;
    Known out = decides == Known::no ? Known::yes : Known::no;
    for (std::uint32_t i = 0; i < o.count; ++i) {
      const Known part = known(program, o.at + i);
      if (part == decides) return decides;
      if (part == Known::open) out = Known::open;
    }
    return out;
  }
  const Atom& atom = plan_.atoms[o.at];
  if (atom.kind == AtomKind::member) return Known::open;
  const Answer a = answer(atom, now_);
  if (a.next != Instant::never()) return Known::open;
  return a.truth ? Known::yes : Known::no;
}

bool Turn::is_live(const Program& program) const {
  return std::ranges::any_of(program.groups, [&](GroupIndex g) {
    return std::ranges::binary_search(page_.groups_, g);
  });
}

}  // namespace hospes::segment
