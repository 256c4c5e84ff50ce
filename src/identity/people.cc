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
constexpr std::size_t kinds_max = 16;

/// Same whichever end comes first: atom ids are random, so their sum is hash enough of the pair.
std::pair<std::uint64_t, std::uint64_t> hash_of(const Edge& e) {
  return {e.a.hi + e.b.hi, e.a.lo + e.b.lo};
}

struct Candidate {
  const Edge* edge = nullptr;
  Index a = 0, b = 0;
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
      if (atoms[i].kind < kinds_max) counts_[i][atoms[i].kind] = 1;
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
      const std::uint32_t sum = counts_[a][k.id] + counts_[b][k.id];
      if (sum > k.per_person && counts_[a][k.id] != 0 && counts_[b][k.id] != 0) return k.id;
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

/// One pass of rule 5. Returns whether it found new shared devices.
bool pass(
    std::span<const Atom> atoms, std::span<const Candidate> edges, std::vector<char>& shared,
    Welds& welds, std::vector<Rejected>& set_aside
) {
  std::vector<Index> found;
  for (const Candidate& c : edges) {
    if (shared[c.a] != 0 || shared[c.b] != 0) {
      set_aside.push_back({*c.edge, SetAside::shared_device});
      continue;
    }
    const Index a = welds.root(c.a);
    const Index b = welds.root(c.b);
    if (a == b) continue;
    const auto broken = welds.breaks(a, b);
    if (!broken) {
      welds.weld(a, b);
      continue;
    }
    set_aside.push_back({*c.edge, SetAside::limit, *broken});
    if (is_device(atoms[c.a])) found.push_back(c.a);
    if (is_device(atoms[c.b])) found.push_back(c.b);
  }
  for (const Index i : found) shared[i] = 1;
  return !found.empty();
}

std::vector<Group> groups_of(
    std::span<const Atom> atoms, const std::vector<char>& shared, Welds& welds
) {
  std::vector<Index> by_age(atoms.size());
  std::iota(by_age.begin(), by_age.end(), Index{0});
  std::ranges::sort(by_age, {}, [&](Index i) { return person_of(atoms[i]); });
  std::vector<Index> group_at(atoms.size(), nowhere);
  std::vector<Group> groups;
  for (const Index i : by_age) {
    if (shared[i] != 0) continue;
    Index& at = group_at[welds.root(i)];
    if (at == nowhere) {
      at = static_cast<Index>(groups.size());
      groups.push_back({person_of(atoms[i]), {}});
    }
    groups[at].atoms.push_back(atoms[i].id);
  }
  return groups;
}

}  // namespace

People people(std::span<const Atom> atoms, std::span<const Edge> edges, Reading reading) {
  People out;
  if (atoms.size() == 1 && edges.empty()) {  // most people, most of the time
    out.groups.push_back({person_of(atoms.front()), {atoms.front().id}});
    return out;
  }
  std::vector<char> shared(atoms.size(), 0);
  out.frozen = atoms.size() > component_atoms_max || edges.size() > component_edges_max;
  if (out.frozen) {
    for (const Edge& e : edges) out.set_aside.push_back({e, SetAside::frozen});
    Welds alone(atoms);
    out.groups = groups_of(atoms, shared, alone);
    return out;
  }
  const std::vector<Candidate> ranked = candidates(atoms, edges, reading, out);
  std::vector<Rejected> rejected;
  Welds welds(atoms);
  while (pass(atoms, ranked, shared, welds, rejected)) {
    rejected.clear();
    welds = Welds(atoms);
  }
  out.set_aside.insert(out.set_aside.end(), rejected.begin(), rejected.end());
  out.groups = groups_of(atoms, shared, welds);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (shared[i] != 0) out.shared.push_back(atoms[i].id);
  }
  std::ranges::sort(out.shared);
  return out;
}

}  // namespace hospes::identity
