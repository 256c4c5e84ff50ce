#include "identity/people.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>

#include "base/bytes.h"
#include "base/hash.h"
#include "catalog/kinds.h"

namespace hospes::identity {
namespace {

using Index = std::uint32_t;
constexpr Index nowhere = ~Index{0};
constexpr std::size_t usual_kinds_max = 16, kinds_max = usual_kinds_max + catalog::own_kinds_max;
constexpr std::size_t slot_of(KindId id) {
  return id < catalog::own_kinds_begin ? id : id - catalog::own_kinds_begin + usual_kinds_max;
}

/// Same whichever end comes first: atom ids are random, so their sum is hash enough of the pair.
std::pair<std::uint64_t, std::uint64_t> hash_of(const Edge& e) {
  return {e.a.hi + e.b.hi, e.a.lo + e.b.lo};
}

struct Candidate {
  const Edge* edge = nullptr;
  Index a = 0, b = 0;  // by index: erased atoms too
  std::uint8_t strong = 0, weak = 0;  // kind priorities of the ends

  auto rank() const {
    return std::tuple(
        -static_cast<int>(edge->grade), strong, weak, edge->earliest, hash_of(*edge),
        std::min(edge->a, edge->b)
    );
  }
};

/// Union-find over the atoms of one component; each root counts its atoms by kind.
class Welds {
 public:
  explicit Welds(std::span<const Atom> atoms) : parent_(atoms.size()), counts_(atoms.size()) {
    std::iota(parent_.begin(), parent_.end(), Index{0});
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      if (catalog::find_kind(atoms[i].kind) != nullptr) counts_[i][slot_of(atoms[i].kind)] = 1;
    }
  }
  Index root(Index i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  /// The kind whose limit a weld would break; nothing when it may be made.
  std::optional<KindId> breaks(Index a, Index b) const {
    for (const catalog::Kind& k : catalog::kinds()) {
      if (k.per_person == catalog::no_limit) continue;
      const std::size_t slot = slot_of(k.id);
      const std::uint32_t sum = counts_[a][slot] + counts_[b][slot];
      if (sum > k.per_person && counts_[a][slot] != 0 && counts_[b][slot] != 0) return k.id;
    }
    return std::nullopt;
  }
  void weld(Index a, Index b) {
    parent_[b] = a;
    for (std::size_t k = 0; k < kinds_max; ++k) {
      counts_[a][k] = static_cast<std::uint16_t>(counts_[a][k] + counts_[b][k]);
    }
  }

 private:
  std::vector<Index> parent_;
  std::vector<std::array<std::uint16_t, kinds_max>> counts_;
};

Index index_of(std::span<const Atom> atoms, AtomId id) {
  const auto at = std::ranges::find(atoms, id, &Atom::id);
  return at == atoms.end() ? nowhere : static_cast<Index>(at - atoms.begin());
}

bool is_device(const Atom& atom) {
  const catalog::Kind* k = catalog::find_kind(atom.kind);
  return k != nullptr && k->is_device;
}

std::vector<Candidate> candidates(
    std::span<const Atom> atoms, std::span<const Edge> edges, Reading reading, People& out
) {
  std::vector<Candidate> found;
  found.reserve(edges.size());
  for (const Edge& e : edges) {
    const Index a = index_of(atoms, e.a);
    const Index b = index_of(atoms, e.b);
    if (a == nowhere || b == nowhere || a == b) {
      out.set_aside.push_back({e, SetAside::unknown_end});
    } else if (reading == Reading::firm && e.grade == Grade::asserted) {
      out.set_aside.push_back({e, SetAside::other_reading});
    } else {
      const std::uint8_t x = catalog::priority_of(atoms[a].kind);
      const std::uint8_t y = catalog::priority_of(atoms[b].kind);
      found.push_back({&e, a, b, std::min(x, y), std::max(x, y)});
    }
  }
  std::ranges::sort(found, {}, &Candidate::rank);
  return found;
}

/// What keeps an atom out of every person, by index.
enum class Void : std::uint8_t { no, shared, quarantined };

using PairOfIndex = std::pair<Index, Index>;

/// What one pass over the ranked edges found.
struct Pass {
  explicit Pass(std::span<const Atom> atoms) : welds(atoms) {}

  Welds welds;
  std::vector<const Candidate*> accepted;
  std::vector<Rejected> set_aside;
  std::vector<Index> shared;  // newly found
};

bool meet(Pass& pass, std::span<const PairOfIndex> parted, Index a, Index b) {
  return std::ranges::any_of(parted, [&](const PairOfIndex& pair) {
    const Index x = pass.welds.root(pair.first);
    const Index y = pass.welds.root(pair.second);
    return (x == a && y == b) || (x == b && y == a);
  });
}

/// Takes the edges in their order. `parted` by index.
Pass take(
    std::span<const Atom> atoms, std::span<const Candidate> edges, std::span<const Void> voided,
    std::span<const PairOfIndex> parted
) {
  Pass out(atoms);
  const auto is_parted = [&](const Candidate& c) {
    return std::ranges::any_of(parted, [&](const PairOfIndex& p) {
      return (p.first == c.a && p.second == c.b) || (p.first == c.b && p.second == c.a);
    });
  };
  for (const Candidate& c : edges) {
    if (const Void why = std::max(voided[c.a], voided[c.b]); why != Void::no) {
      out.set_aside.push_back(
          {*c.edge, why == Void::shared ? SetAside::shared_device : SetAside::quarantined}
      );
      continue;
    }
    const Index a = out.welds.root(c.a);
    const Index b = out.welds.root(c.b);
    if (is_parted(c) || (a != b && meet(out, parted, a, b))) {
      out.set_aside.push_back({*c.edge, SetAside::parted});
      continue;
    }
    const auto broken = a == b ? std::nullopt : out.welds.breaks(a, b);
    if (!broken) {
      if (a != b) out.welds.weld(a, b);
      out.accepted.push_back(&c);
      continue;
    }
    out.set_aside.push_back({*c.edge, SetAside::limit, *broken});
    if (is_device(atoms[c.a])) out.shared.push_back(c.a);
    if (is_device(atoms[c.b])) out.shared.push_back(c.b);
  }
  return out;
}

/// `out_of_it`, by index: belong to nobody, or are no more.
std::vector<Group> groups_of(
    std::span<const Atom> atoms, const std::vector<char>& out_of_it, Welds& welds
) {
  std::vector<Index> by_age(atoms.size());
  std::iota(by_age.begin(), by_age.end(), Index{0});
  std::ranges::sort(by_age, {}, [&](Index i) { return person_of(atoms[i]); });
  std::vector<Index> group_at(atoms.size(), nowhere);
  std::vector<Group> groups;
  for (const Index i : by_age) {
    if (out_of_it[i] != 0) continue;
    Index& at = group_at[welds.root(i)];
    if (at == nowhere) {
      at = static_cast<Index>(groups.size());
      groups.push_back({person_of(atoms[i]), {}});
    }
    groups[at].atoms.push_back(atoms[i].id);
  }
  return groups;
}

std::vector<char> flags(std::span<const Atom> atoms, std::span<const AtomId> ids) {
  std::vector<char> out(atoms.size(), 0);
  for (const AtomId id : ids) {
    if (const Index i = index_of(atoms, id); i != nowhere) out[i] = 1;
  }
  return out;
}

std::vector<PairOfIndex> indices(std::span<const Atom> atoms, std::span<const Pair> pairs) {
  std::vector<PairOfIndex> out;
  for (const Pair& p : pairs) {
    const PairOfIndex pair{index_of(atoms, p.a), index_of(atoms, p.b)};
    if (pair.first != nowhere && pair.second != nowhere) out.push_back(pair);
  }
  return out;
}

/// Who is joined by what was accepted: the erased hold nobody together.
Welds living(std::span<const Atom> atoms, const Pass& pass, const std::vector<char>& erased) {
  Welds out(atoms);
  for (const Candidate* c : pass.accepted) {
    if (erased[c->a] != 0 || erased[c->b] != 0) continue;
    const Index a = out.root(c->a);
    const Index b = out.root(c->b);
    if (a != b) out.weld(a, b);
  }
  return out;
}

}  // namespace

People people(const Evidenced& e, Reading reading) {
  People out;
  const std::span<const Atom> atoms = e.atoms;
  if (atoms.size() == 1 && e.edges.empty() && e.erased.empty() && e.quarantined.empty()) {
    out.groups.push_back({person_of(atoms.front()), {atoms.front().id}});  // most people
    return out;
  }
  const std::vector<char> erased = flags(atoms, e.erased);
  std::vector<char> nobody = flags(atoms, e.quarantined);
  std::vector<Void> voided(atoms.size(), Void::no);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (nobody[i] != 0) voided[i] = Void::quarantined;
    nobody[i] = static_cast<char>(nobody[i] | erased[i]);
  }
  out.frozen =
      e.frozen || atoms.size() > component_atoms_max || e.edges.size() > component_edges_max;
  if (out.frozen) {
    for (const Edge& edge : e.edges) out.set_aside.push_back({edge, SetAside::frozen});
    Welds alone(atoms);
    out.groups = groups_of(atoms, nobody, alone);
    return out;
  }
  const std::vector<Candidate> ranked = candidates(atoms, e.edges, reading, out);
  const std::vector<PairOfIndex> parted = indices(atoms, e.parted);
  Pass pass = take(atoms, ranked, voided, {});
  while (!pass.shared.empty()) {
    for (const Index i : pass.shared) voided[i] = Void::shared;
    pass = take(atoms, ranked, voided, {});
  }
  if (!parted.empty()) pass = take(atoms, ranked, voided, parted);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (voided[i] != Void::shared) continue;
    nobody[i] = 1;
    if (erased[i] == 0) out.shared.push_back(atoms[i].id);
  }
  std::ranges::sort(out.shared);
  out.set_aside.insert(out.set_aside.end(), pass.set_aside.begin(), pass.set_aside.end());
  Welds joined = living(atoms, pass, erased);
  out.groups = groups_of(atoms, nobody, joined);
  return out;
}

}  // namespace hospes::identity
