// Undoing a join: a staff cut, a guest's "not the same person", an erasure. People are computed
// again from what is left; design.md rules 5 and 6, docs/adr/0005-identity-by-value.md.
#include <algorithm>

#include "flow/apply.h"
#include "flow/evidence.h"
#include "flow/retention.h"
#include "flow/rows.h"
#include "flow/step.h"

namespace hospes::flow {
namespace {

using Word = record::Ruled::Word;

constexpr std::size_t rulings_max = 1'000;  // of one component; beyond, what no longer counts goes

/// The person of the atom and everybody firmly tied to them: whose answers against count together.
std::vector<std::uint16_t> of_person(const Component& component, std::size_t atom) {
  std::vector<std::uint16_t> out;
  for (const PersonState& p : component.people) {
    if (std::ranges::find(p.atoms, atom) == p.atoms.end()) continue;
    out = p.atoms;
    out.insert(out.end(), p.tied.begin(), p.tied.end());
  }
  return out;
}

std::vector<std::uint16_t> answerable(
    const Step& step, const Component& component, std::size_t atom
) {
  std::vector<std::uint16_t> out = of_person(component, atom);
  // Of a shared device nobody is the person.
  return out.empty() ? firmly_tied(component, atom, step.house.link, step.state.clock) : out;
}

/// Whether the second one's answers count for what the first did.
bool count_for(
    const Step& step, const Component& component, std::size_t first, std::size_t second
) {
  const auto who = answerable(step, component, first);
  return std::ranges::find(who, second) != who.end();
}

struct No {
  PurposeBit purpose = 0;
  std::optional<consent::Answer> in_force;   // the most restrictive
  Instant ended = Instant::beginning();      // what started up to here is closed by one that ended
};

std::vector<No> noes_of(const Component& component, const std::vector<std::uint16_t>& atoms) {
  std::vector<No> out;
  for (const std::uint16_t i : atoms) {
    for (const consent::Standing& s : component.atoms[i].ledger.standings()) {
      if (s.closed_through == Instant::beginning()) continue;
      auto at = std::ranges::find(out, s.purpose, &No::purpose);
      if (at == out.end()) at = out.insert(out.end(), No{.purpose = s.purpose, .in_force = {}});
      if (s.closed_through != Instant::never()) {
        at->ended = std::max(at->ended, s.closed_through);
      } else {
        at->in_force = at->in_force ? std::min(*at->in_force, s.state) : s.state;
      }
    }
  }
  return out;
}

void close(Step& step, AtomState& atom, const No& no, Instant acted, Position position) {
  const consent::Standing* s = atom.ledger.standing(no.purpose);
  const Instant own = s != nullptr ? s->closed_through : Instant::beginning();
  const bool against = no.in_force.has_value();
  if (own == Instant::never() || (!against && own >= no.ended)) return;
  consent::Row row{.atom = atom.atom.id, .purpose = no.purpose};
  row.state = against ? *no.in_force : consent::Answer::closing;
  row.since = acted;
  row.until = against ? Instant::never() : no.ended;
  row.acted = acted;
  row.position = position;
  row.source = "parted";
  // One ruling copies several purposes to one atom: each row is known by its own message.
  row.message = {step.message.hi, step.message.lo + no.purpose + 1};
  atom.ledger.insert(row);
  atom.fresh_ledger = true;
  step.outcome.answers.push_back(std::move(row));
}

/// Without the rulings that a later one on the same pair and of the same kind replaced.
void forget_replaced(Component& component) {
  const auto class_of = [](Word w) { return w == Word::cut || w == Word::uncut; };
  std::vector<Ruling>& all = component.rulings;
  for (std::size_t i = 0; i < all.size() && all.size() > rulings_max;) {
    const bool replaced = std::any_of(
        all.begin() + static_cast<std::ptrdiff_t>(i) + 1, all.end(),
        [&](const Ruling& r) {
          return r.a == all[i].a && r.b == all[i].b && class_of(r.word) == class_of(all[i].word);
        }
    );
    if (replaced) {
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

/// Timeline, answers and references go; the atom keeps its place and its edges theirs.
void empty(PartitionState& state, AtomState& atom) {
  for (const Hash128& hash : atom.references) state.references.erase(hash);
  state.left_atoms.emplace_back(atom.atom.id, atom.chunks);
  forget_effects(state, atom);
  forget_led(state, atom);
  const Atom who = atom.atom;
  std::vector<AtomId> namers = std::move(atom.namers);
  const bool quarantined = atom.quarantined;
  atom = AtomState(who);
  atom.namers = std::move(namers);
  atom.quarantined = quarantined;
  atom.erased = true;
}

}  // namespace

void copy_noes(
    Step& step, Component& component, std::size_t end, Instant acted, Position position
) {
  const std::vector<std::uint16_t> people = answerable(step, component, end);
  for (const No& no : noes_of(component, people)) {
    // `link` is judged on the two ends of an edge, never on their people.
    if (no.purpose == step.house.link) continue;
    for (const std::uint16_t i : people)
      if (!component.atoms[i].erased) close(step, component.atoms[i], no, acted, position);
  }
  keep_levels(component, people);
}

void deliver(Step& step, Component& component, const record::Ruled& ruled) {
  if (ruled.word == Word::vouch) return vouch(step, component, ruled);
  if (ruled.word == Word::part) {
    const std::size_t x = index_of(component, ruled.a.id);
    const std::size_t y = index_of(component, ruled.b.id);
    const bool both = x != nowhere && y != nowhere;
    if (both && (count_for(step, component, x, y) || count_for(step, component, y, x))) {
      copy_noes(step, component, x, ruled.acted, ruled.position);
      copy_noes(step, component, y, ruled.acted, ruled.position);
    }
  }
  const auto [a, b] = std::minmax(ruled.a.id, ruled.b.id);
  put_ruling(
      component, {.a = a,
                  .b = b,
                  .word = ruled.word,
                  .by = ruled.by,
                  .acted = ruled.acted,
                  .position = ruled.position}
  );
  forget_replaced(component);
  step.outcome.fates.push_back({ruled.message, Became::applied});
  const bool undone = ruled.word == Word::uncut || ruled.word == Word::unpart;
  regroup(step, component, undone ? Why::join : Why::split, true);
}

void deliver(Step& step, Component& component, const record::Forgotten& forgotten) {
  std::size_t at = index_of(component, forgotten.atom.id);
  if (at == nowhere) {  // its key was gone before it came here: its place is kept all the same
    at = component.atoms.size();
    component.atoms.emplace_back(forgotten.atom);
  } else if (component.atoms[at].erased ||
             (forgotten.if_lapsed && !has_lapsed(step.state, component, at))) {
    return;
  } else {
    copy_noes(step, component, at, step.state.clock, step.position);
  }
  empty(step.state, component.atoms[at]);
  component.atoms[at].tombstone = forgotten.tombstone;
  component.atoms[at].erased_at = step.state.clock;
  const AtomId dead = forgotten.atom.id;
  // A proof that lifted a guest's cut goes on lifting it: as a point that rests on a yes of the erased
  // one, who has none, so it joins nobody.
  std::vector<std::pair<AtomId, Instant>> proofs;
  for (const Evidence& e : component.edges) {
    if (e.a != dead && e.b != dead) continue;
    for (const Evidence::Point& p : e.points)
      if (p.grade == Grade::proved) proofs.emplace_back(e.a == dead ? e.b : e.a, p.start);
  }
  // Between two who are erased it stays as the first erasure left it: it still counts against limits,
  // or the second would free a device that the first has kept shared.
  std::erase_if(component.edges, [&](const Evidence& e) {
    if (e.a != dead && e.b != dead) return false;
    const std::size_t other = index_of(component, e.a == dead ? e.b : e.a);
    return other == nowhere || !component.atoms[other].erased;
  });
  for (const record::Forgotten::Edge& kept : forgotten.edges) {
    const auto [a, b] = std::minmax(dead, kept.other);
    if (find_edge(component, a, b) != nullptr) continue;
    component.edges.push_back({.a = a, .b = b, .points = {{kept.start, kept.grade, 0}}});
  }
  for (const auto& [other, start] : proofs) {
    const auto [a, b] = std::minmax(dead, other);
    if (ruled(component, a, b, Word::part, Word::unpart) == nullptr) continue;
    Evidence* edge = find_edge(component, a, b);
    if (edge == nullptr) edge = &component.edges.emplace_back(Evidence{.a = a, .b = b, .points = {}});
    edge->points.push_back({start, Grade::proved, static_cast<std::uint8_t>(a == dead ? 1 : 2)});
    std::ranges::sort(edge->points);
  }
  touch(step.state, component);
  regroup(step, component, Why::erasure, true);
}

}  // namespace hospes::flow
