#include "identity/people.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/dice.h"
#include "catalog/kinds.h"

namespace hospes::identity {
namespace {

namespace kind = catalog::kind;

Atom atom(std::uint64_t n, KindId k) {
  return {
      .id = {n * 0x9e3779b97f4a7c15, n}, .born = Instant{static_cast<std::int64_t>(n)}, .kind = k};
}
Edge edge(const Atom& a, const Atom& b, Grade grade = Grade::attested, std::int64_t at = 0) {
  return {a.id, b.id, grade, Instant{at}};
}

const Atom marie = atom(1, kind::user_id), paul = atom(2, kind::user_id);
const Atom tablet = atom(3, kind::anonymous_id), phone = atom(4, kind::anonymous_id);
const Atom mail = atom(5, kind::email);

TEST(People, ALoginBringsTheVisitorsPast) {
  const std::vector<Atom> atoms = {tablet, marie};
  const People out = people(atoms, std::vector{edge(marie, tablet)}, Reading::live);
  ASSERT_EQ(out.groups.size(), 1U);
  EXPECT_EQ(out.groups[0].id, person_of(marie));  // the eldest atom names the person
  EXPECT_EQ(out.groups[0].atoms, (std::vector{marie.id, tablet.id}));
}

TEST(People, AFamilyTabletBelongsToNobody) {
  const std::vector<Atom> atoms = {marie, paul, tablet};
  const std::vector edges = {edge(marie, tablet), edge(paul, tablet)};
  const People out = people(atoms, edges, Reading::live);
  EXPECT_EQ(out.shared, std::vector{tablet.id});
  EXPECT_EQ(out.groups.size(), 2U);
  for (const Rejected& r : out.set_aside) EXPECT_EQ(r.why, SetAside::shared_device);
  EXPECT_EQ(out.set_aside.size(), 2U);
}

TEST(People, SharingIsSeenAtADistance) {
  // marie - tablet - phone - paul: no device names two logins, but the chain would weld them.
  const std::vector<Atom> atoms = {marie, paul, tablet, phone};
  const std::vector edges = {edge(marie, tablet), edge(tablet, phone), edge(phone, paul)};
  const People out = people(atoms, edges, Reading::live);
  EXPECT_EQ(
      out.shared, (std::vector{std::min(tablet.id, phone.id), std::max(tablet.id, phone.id)})
  );
}

TEST(People, AnAddressOfTwoLoginsStaysWithTheEarlier) {
  const std::vector<Atom> atoms = {marie, paul, mail};
  const std::vector edges = {
      edge(paul, mail, Grade::attested, 2), edge(marie, mail, Grade::attested, 1)};
  const People out = people(atoms, edges, Reading::live);
  EXPECT_TRUE(out.shared.empty());
  EXPECT_EQ(out.groups[0].atoms, (std::vector{marie.id, mail.id}));
  ASSERT_EQ(out.set_aside.size(), 1U);
  EXPECT_EQ(out.set_aside[0], (Rejected{edges[0], SetAside::limit, kind::user_id}));
}

TEST(People, ProofOutranksAnEarlierClaim) {
  const std::vector<Atom> atoms = {marie, paul, mail};
  const std::vector edges = {
      edge(paul, mail, Grade::proved, 9), edge(marie, mail, Grade::attested, 1)};
  const People out = people(atoms, edges, Reading::live);
  EXPECT_EQ(out.groups[1].atoms, (std::vector{paul.id, mail.id}));
}

TEST(People, WhatAPublicKeySaysIsNotFirm) {
  const std::vector<Atom> atoms = {marie, tablet};
  const std::vector edges = {edge(marie, tablet, Grade::asserted)};
  EXPECT_EQ(people(atoms, edges, Reading::live).groups.size(), 1U);
  const People firm = people(atoms, edges, Reading::firm);
  EXPECT_EQ(firm.groups.size(), 2U);
  EXPECT_EQ(firm.set_aside[0].why, SetAside::other_reading);
}

TEST(People, ATooLargeComponentWeldsNobody) {
  std::vector<Atom> atoms = {marie};
  std::vector<Edge> edges;
  for (std::uint64_t i = 0; i < component_atoms_max; ++i) {
    atoms.push_back(atom(100 + i, kind::anonymous_id));
    edges.push_back(edge(marie, atoms.back()));
  }
  const People out = people(atoms, edges, Reading::live);
  EXPECT_TRUE(out.frozen);
  EXPECT_EQ(out.groups.size(), atoms.size());
  atoms.pop_back();
  edges.pop_back();
  EXPECT_EQ(people(atoms, edges, Reading::live).groups.size(), 1U);
}

struct World {
  std::vector<Atom> atoms;
  std::vector<Edge> edges;
};

World random_world(Dice& dice) {
  World w;
  const std::size_t n = 2 + dice.below(12);
  for (std::uint64_t i = 0; i < n; ++i) {
    w.atoms.push_back(atom(1 + i, static_cast<KindId>(dice.below(8))));
    w.atoms.back().id.hi ^= dice.next();
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      if (!dice.chance(30)) continue;
      const auto grade = static_cast<Grade>(dice.below(3));
      w.edges.push_back(
          edge(w.atoms[i], w.atoms[j], grade, static_cast<std::int64_t>(dice.below(3)))
      );
    }
  }
  return w;
}

template <class T>
void shuffle(std::vector<T>& v, Dice& dice) {
  for (std::size_t i = v.size(); i > 1; --i) std::swap(v[i - 1], v[dice.below(i)]);
}

void expect_limits(const World& w, const People& out) {
  std::map<AtomId, KindId> kinds;
  for (const Atom& a : w.atoms) kinds[a.id] = a.kind;
  std::size_t placed = out.shared.size();
  for (const Group& g : out.groups) {
    placed += g.atoms.size();
    std::map<KindId, std::uint32_t> counts;
    for (const AtomId id : g.atoms) ++counts[kinds[id]];
    for (const auto& [k, count] : counts) EXPECT_LE(count, catalog::find_kind(k)->per_person);
  }
  EXPECT_EQ(placed, w.atoms.size());
  for (const AtomId id : out.shared) EXPECT_TRUE(catalog::find_kind(kinds[id])->is_device);
}

TEST(People, AnyOrderOfArrivalEndsInTheSamePeople) {
  const std::uint64_t seed = 20261124;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Dice dice(seed);
  for (int world = 0; world < 3'000; ++world) {
    World w = random_world(dice);
    for (const Reading reading : {Reading::live, Reading::firm}) {
      const People first = people(w.atoms, w.edges, reading);
      expect_limits(w, first);
      for (int again = 0; again < 4; ++again) {
        shuffle(w.atoms, dice);
        shuffle(w.edges, dice);
        for (Edge& e : w.edges) {
          if (dice.chance(50)) std::swap(e.a, e.b);
        }
        const People other = people(w.atoms, w.edges, reading);
        ASSERT_EQ(other.groups, first.groups) << "world " << world;
        ASSERT_EQ(other.shared, first.shared) << "world " << world;
        ASSERT_EQ(other.set_aside.size(), first.set_aside.size()) << "world " << world;
      }
    }
  }
}

}  // namespace
}  // namespace hospes::identity
