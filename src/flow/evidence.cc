#include "flow/evidence.h"

#include <algorithm>

#include "catalog/kinds.h"
#include "flow/apply.h"
#include "flow/cold.h"
#include "flow/step.h"

namespace hospes::flow {
namespace {

using Word = record::Ruled::Word;

const AtomState* atom_of(const Component& component, AtomId id) {
  const std::size_t at = index_of(component, id);
  return at == nowhere ? nullptr : &component.atoms[at];
}

/// Up to when answers against `link` close what started; by the atom itself, never by its person.
Instant closed_at(const Component& component, AtomId id, PurposeBit link, Instant now) {
  const AtomState* atom = atom_of(component, id);
  return atom == nullptr ? Instant::beginning() : consent::closed_through(atom->ledger, link, now);
}

bool rests(const Component& component, AtomId id, PurposeBit link, Instant start, Instant now) {
  const AtomState* atom = atom_of(component, id);
  const consent::Standing* s = atom == nullptr ? nullptr : atom->ledger.standing(link);
  return s != nullptr && s->yes_over(start, std::max(start, now));
}

/// What no answer has closed, and no answer can open again, is forgotten. Of the rest the earliest
/// stays, which ranks the edge, and the newest ones: what an answer still on its way may not close.
void prune(const Component& component, Evidence& e, PurposeBit link, Instant now) {
  const Instant closed =
      std::max(closed_at(component, e.a, link, now), closed_at(component, e.b, link, now));
  if (closed != Instant::never())
    std::erase_if(e.points, [&](const Evidence::Point& p) { return p.start <= closed; });
  std::vector<Evidence::Point> kept;
  for (const Grade grade : {Grade::asserted, Grade::attested, Grade::proved}) {
    std::vector<Evidence::Point> of;
    std::ranges::copy_if(e.points, std::back_inserter(of), [&](const auto& p) {
      return p.grade == grade;
    });
    const Instant newest = of.empty() ? Instant{} : of.back().start;
    for (std::size_t i = 0; i < of.size(); ++i) {
      const bool new_enough =
          i + points_max > of.size() && (newest - of[i].start <= settling || i + 1 == of.size());
      if (i == 0 || new_enough) kept.push_back(of[i]);
    }
  }
  std::ranges::sort(kept);
  e.points = std::move(kept);
}

void add_point(
    Step& step, Component& component, Evidence& e, const Evidence::Point& point
) {
  const auto at = std::ranges::lower_bound(e.points, point);
  if (at != e.points.end() && *at == point) return;
  e.points.insert(at, point);
  prune(component, e, step.house.link, step.state.clock);
}

/// On whose yes the evidence rests; nothing: on that of a third atom, which joins nobody.
std::vector<std::uint8_t> rests_of(const Event& event, const Evidence& edge, PurposeBit link) {
  std::vector<std::uint8_t> out;
  bool opened = false;
  for (const OpenedBy& o : event.opened) {
    if (o.purpose != link) continue;
    opened = true;
    if (o.atom == edge.a) out.push_back(1);
    if (o.atom == edge.b) out.push_back(2);
  }
  if (!opened) out.push_back(0);
  return out;
}

/// A new edge, if there is room: what a public key says fills half of it at most.
Evidence* new_edge(Component& component, AtomId a, AtomId b, Grade grade) {
  const std::size_t share = grade == Grade::asserted ? 2 : 1;
  if (component.frozen || component.edges.size() >= component_edges_max) {
    component.frozen = true;
    return nullptr;
  }
  if (component.edges.size() >= component_edges_max / share ||
      component.atoms.size() >= component_atoms_max / share)
    return nullptr;
  return &component.edges.emplace_back(Evidence{.a = a, .b = b, .points = {}});
}

}  // namespace

Evidence* find_edge(Component& component, AtomId a, AtomId b) {
  const auto at = std::ranges::find_if(component.edges, [&](const Evidence& e) {
    return e.a == a && e.b == b;
  });
  return at == component.edges.end() ? nullptr : &*at;
}

const Ruling* ruled(const Component& component, AtomId a, AtomId b, Word on, Word off) {
  const auto [x, y] = std::minmax(a, b);
  const auto last = std::find_if(
      component.rulings.rbegin(), component.rulings.rend(),
      [&](const Ruling& r) { return r.a == x && r.b == y && (r.word == on || r.word == off); }
  );
  return last == component.rulings.rend() ? nullptr : &*last;
}

std::optional<Instant> cut_since(const Component& component, AtomId a, AtomId b) {
  const Ruling* last = ruled(component, a, b, Word::cut, Word::uncut);
  if (last == nullptr || last->word == Word::uncut) return std::nullopt;
  return last->acted;
}

std::optional<Instant> parted_since(
    const Component& component, AtomId a, AtomId b, PurposeBit link, Instant now
) {
  const Ruling* last = ruled(component, a, b, Word::part, Word::unpart);
  if (last == nullptr || last->word == Word::unpart) return std::nullopt;
  const Instant closed = std::max(
      {last->acted, closed_at(component, a, link, now), closed_at(component, b, link, now)}
  );
  for (const Evidence& e : component.edges) {
    if (e.a != last->a || e.b != last->b) continue;
    for (const Evidence::Point& p : e.points)
      if (p.grade == Grade::proved && p.start > closed) return std::nullopt;
  }
  return last->acted;
}

std::optional<identity::Edge> standing(
    const Component& component, const Evidence& e, PurposeBit link, Instant now
) {
  const Instant closed =
      std::max(closed_at(component, e.a, link, now), closed_at(component, e.b, link, now));
  const auto cut = component.rulings.empty() ? std::nullopt : cut_since(component, e.a, e.b);
  std::optional<identity::Edge> best;
  for (const Evidence::Point& p : e.points) {
    if (p.start <= closed) continue;
    if (cut && (p.grade != Grade::proved || p.start <= *cut)) continue;
    if (p.rests != 0 && !rests(component, p.rests == 1 ? e.a : e.b, link, p.start, now)) continue;
    if (best && best->grade >= p.grade) continue;
    best = identity::Edge{.a = e.a, .b = e.b, .grade = p.grade, .earliest = p.start};
  }
  return best;
}

identity::People people_of(
    const Component& component, identity::Reading reading, PurposeBit link, Instant now
) {
  std::vector<Atom> atoms;
  std::vector<AtomId> erased, quarantined;
  for (const AtomState& a : component.atoms) {
    atoms.push_back(a.atom);
    if (a.erased) erased.push_back(a.atom.id);
    if (a.quarantined) quarantined.push_back(a.atom.id);
  }
  std::vector<identity::Edge> edges;
  for (const Evidence& e : component.edges) {
    if (const auto edge = standing(component, e, link, now)) edges.push_back(*edge);
  }
  std::vector<identity::Pair> parted;
  for (const Ruling& r : component.rulings) {
    const identity::Pair pair{r.a, r.b};
    if (r.word != Word::part || std::ranges::find(parted, pair) != parted.end()) continue;
    if (parted_since(component, r.a, r.b, link, now)) parted.push_back(pair);
  }
  return identity::people(
      {.atoms = atoms,
       .edges = edges,
       .parted = parted,
       .erased = erased,
       .quarantined = quarantined,
       .frozen = component.frozen},
      reading
  );
}

std::vector<std::uint16_t> firmly_tied(
    const Component& component, std::size_t atom, PurposeBit link, Instant now
) {
  if (component.atoms.size() == 1) return {0};
  const AtomId id = component.atoms[atom].atom.id;
  std::vector<std::uint16_t> out;
  for (const auto& group : people_of(component, identity::Reading::firm, link, now).groups) {
    if (std::ranges::find(group.atoms, id) == group.atoms.end()) continue;
    for (const AtomId member : group.atoms)
      out.push_back(static_cast<std::uint16_t>(index_of(component, member)));
  }
  if (out.empty()) out.push_back(static_cast<std::uint16_t>(atom));
  return out;
}

std::vector<std::uint16_t> reached(
    const Component& component, std::size_t atom, PurposeBit link, Instant now
) {
  std::vector<std::uint16_t> out = firmly_tied(component, atom, link, now);
  std::erase_if(out, [&](std::uint16_t i) {
    const AtomState& a = component.atoms[i];
    return a.erased ||
           (i != atom && std::ranges::find(component.shared, a.atom.id) != component.shared.end());
  });
  std::ranges::sort(out);
  return out;
}

std::vector<record::Forgotten::Edge> edges_to_keep(
    const Component& component, AtomId atom, PurposeBit link, Instant now
) {
  std::vector<record::Forgotten::Edge> out;
  for (const Evidence& e : component.edges) {
    if (e.a != atom && e.b != atom) continue;
    const AtomId other = e.a == atom ? e.b : e.a;
    const AtomState* there = atom_of(component, other);
    if (there == nullptr || there->erased) continue;
    if (const auto edge = standing(component, e, link, now))
      out.push_back({other, edge->grade, edge->earliest});
  }
  return out;
}

bool add_evidence(Step& step, Component& component, const Event& event, const Atom& other) {
  if (other.id == event.owner.id || (event.mask & bit(step.house.link)) == 0) return false;
  const std::size_t owner = index_of(component, event.owner.id);
  const std::size_t here = index_of(component, other.id);
  if (component.atoms[owner].erased) return false;
  // Who is nobody's brings nobody together, but has named whom it names: had it done so before, it
  // would count.
  const bool names = catalog::priority_of(event.owner.kind) == 0;
  if (component.atoms[owner].quarantined && !names) return false;
  if (here != nowhere && (component.atoms[here].erased || component.atoms[here].quarantined))
    return false;
  const auto [a, b] = std::minmax(event.owner.id, other.id);
  Evidence* edge = find_edge(component, a, b);
  const Evidence named{.a = a, .b = b, .points = {}};
  const std::vector<std::uint8_t> rests = rests_of(event, named, step.house.link);
  if (rests.empty()) return false;
  const bool first = edge == nullptr || edge->points.empty();
  if (edge == nullptr) edge = new_edge(component, a, b, event.grade);
  if (edge == nullptr) return false;
  const auto before = standing(component, *edge, step.house.link, step.state.clock);
  for (const std::uint8_t by : rests)
    add_point(step, component, *edge, {event.start(), event.grade, by});
  if (here == nowhere) {
    if (first) ask_for(step, component, other, event.owner);
    return false;
  }
  if (note_namer(step, component, component.atoms[here], event.owner)) return true;
  // Most logins say what was known. Proof may lift a guest's cut besides.
  if (event.grade == Grade::proved && !component.rulings.empty()) return true;
  return before != standing(component, *edge, step.house.link, step.state.clock);
}

void vouch(Step& step, Component& component, const record::Ruled& ruled) {
  Event event;
  event.owner = ruled.a;
  event.grade = Grade::attested;
  event.mask = bit(step.house.link);
  event.happened = event.received = ruled.acted;
  // Staff speak for nobody: it stands on the yes of an end.
  for (const AtomId end : {ruled.a.id, ruled.b.id}) event.opened.push_back({step.house.link, end});
  step.outcome.fates.push_back({ruled.message, Became::applied});
  if (add_evidence(step, component, event, ruled.b)) {
    regroup(step, component, Why::join, true);
  }
}

void keep_near(Step& step, Component& component, const Event& event, const Atom& opener) {
  if (index_of(component, opener.id) != nowhere) return;
  const auto [a, b] = std::minmax(event.owner.id, opener.id);
  if (find_edge(component, a, b) != nullptr) return;  // asked for already
  if (new_edge(component, a, b, event.grade) != nullptr) ask_for(step, component, opener, {});
}

bool link_ends(const Component& component, PurposeBit link, Instant at) {
  return std::ranges::any_of(component.atoms, [&](const AtomState& a) {
    const consent::Standing* s = a.ledger.standing(link);
    return s != nullptr && s->yes_end == at;
  });
}

}  // namespace hospes::flow
