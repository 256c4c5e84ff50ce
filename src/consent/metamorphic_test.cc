// What must follow when one thing is added or moved, whatever the history: a word against adds nothing, what commutes may come in any
// order, and joining people is a meet. Prints its seed; HOSPES_SEED repeats a run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

#include "base/dice.h"
#include "catalog/kinds.h"
#include "consent/lens.h"
#include "consent/stamp.h"

namespace hospes::consent {
namespace {

const catalog::Purposes table = catalog::Purposes::fr_eu();
const catalog::Events known_events = catalog::Events::usual(table);
const std::vector<PurposeBit> asked = {*table.find("market"), *table.find("measure"), *table.find("contact:email"), *table.find("operate")};
const std::vector<Atom> atoms = {
    {{1, 1}, Instant{0}, catalog::kind::user_id}, {{2, 2}, Instant{0}, catalog::kind::anonymous_id}, {{3, 3}, Instant{0}, catalog::kind::email}};

std::uint64_t seed() {
  const char* said = std::getenv("HOSPES_SEED");
  const std::uint64_t out = said != nullptr ? std::strtoull(said, nullptr, 10) : std::random_device{}();
  std::cout << "HOSPES_SEED=" << out << "\n";
  return out;
}

Row any_row(Dice& dice, bool against) {
  const auto acted = static_cast<std::int64_t>(1 + dice.below(24));
  Row out{.atom = atoms[dice.below(atoms.size())].id, .purpose = asked[dice.below(asked.size())], .acted = Instant{acted}};
  out.state = against || dice.chance(35) ? static_cast<Answer>(dice.below(3)) : Answer::given;
  out.since = Instant{dice.chance(50) ? acted - static_cast<std::int64_t>(dice.below(12)) : acted};
  if (dice.chance(40)) out.until = Instant{acted - 2 + static_cast<std::int64_t>(dice.below(16))};
  return out;
}

/// A house, an event and somebody who looks at it later.
struct World {
  std::vector<Row> rows;      // of all, by `acted`
  std::size_t named = 1;      // the event names the first so many atoms
  std::size_t joined = 1;     // its person has the first so many
  Signal signal;
  catalog::Source source{.name = "shop"};
  std::string_view event = "Order Completed";
  catalog::KeyUse key = catalog::KeyUse::server_key;
  std::int64_t start = 0, receipt = 0, now = 0;

  Ledger ledger(const Atom& atom, std::int64_t until) const {
    Ledger out(atom.id);
    for (const Row& r : rows)
      if (r.atom == atom.id && r.acted <= Instant{until}) out.add(r);
    return out;
  }
  /// What may be done with the event at `now`.
  Mask serves() const {
    std::vector<Ledger> at_door, later;
    for (const Atom& atom : atoms) {
      at_door.push_back(ledger(atom, receipt));
      later.push_back(ledger(atom, now));
    }
    std::vector<Named> names;
    for (std::size_t i = 0; i < named; ++i) names.push_back({atoms[i], &at_door[i]});
    const Stamp stamped = stamp(
        {names, signal, known_events.row(event), source, table, key, false, Instant{std::min(start, receipt)}, Instant{receipt}}
    );
    std::vector<const Ledger*> person;
    for (std::size_t i = 0; i < std::max(named, joined); ++i) person.push_back(&later[i]);
    return Lens(person, table.heedless()).visible(stamped.mask, Instant{std::min(start, receipt)}, stamped.opened, Instant{now});
  }
  void add(Row row) {
    rows.insert(std::ranges::upper_bound(rows, row.acted, {}, &Row::acted), row);
  }
};

World any_world(Dice& dice) {
  World out;
  for (std::uint64_t n = dice.below(12); n > 0; --n) out.add(any_row(dice, false));
  out.named = 1 + dice.below(3);
  out.joined = 1 + dice.below(3);
  for (const PurposeBit p : asked) {
    if (dice.chance(25)) out.signal.yes |= bit(p);
    if (dice.chance(10)) out.signal.no |= bit(p);
  }
  out.signal.yes &= ~out.signal.no;
  if (dice.chance(50)) out.source.without_answer = bit(asked[0]);
  if (dice.chance(30)) out.event = "Product Viewed";
  if (dice.chance(30)) out.key = catalog::KeyUse::public_key;
  out.start = static_cast<std::int64_t>(1 + dice.below(20));
  out.receipt = out.start + static_cast<std::int64_t>(dice.below(6));
  out.now = out.receipt + static_cast<std::int64_t>(dice.below(10));
  return out;
}

constexpr int worlds = 60'000;

TEST(Metamorphic, AWordAgainstNeverAddsAUse) {
  Dice dice(seed());
  int narrowed = 0, of_something = 0;
  for (int n = 0; n < worlds; ++n) {
    const World world = any_world(dice);
    const Mask before = world.serves();
    of_something += before != 0 ? 1 : 0;
    World more = world;
    switch (dice.below(4)) {
      case 0:
        more.add(any_row(dice, true));
        break;
      case 1:
        more.signal.no |= bit(asked[dice.below(asked.size())]);
        more.signal.yes &= ~more.signal.no;
        break;
      case 2:  // somebody more is joined to them; who was named stays named
        more.joined = std::min<std::size_t>(3, std::max(world.named, world.joined) + 1);
        break;
      default:
        more.source.without_answer = 0;
    }
    const Mask after = more.serves();
    ASSERT_EQ(after & ~before, 0u) << "world " << n;
    narrowed += after != before ? 1 : 0;
  }
  EXPECT_GT(narrowed, worlds / 100);
  EXPECT_GT(of_something, worlds / 5);
}

TEST(Metamorphic, ContractAndDutyStandWhateverIsAnswered) {
  Dice dice(seed());
  for (int n = 0; n < worlds / 4; ++n) {
    World world = any_world(dice);
    const Mask before = world.serves() & table.heedless();
    for (int i = 0; i < 3; ++i) world.add(any_row(dice, dice.chance(50)));
    ASSERT_EQ(world.serves() & table.heedless(), before) << "world " << n;
  }
}

/// Answers about different purposes, or through different identifiers, that acted at one instant.
TEST(Metamorphic, WhatCommutesMayComeInAnyOrder) {
  Dice dice(seed());
  int moved = 0;
  for (int n = 0; n < worlds / 2; ++n) {
    World world = any_world(dice);
    for (Row& r : world.rows) r.acted = Instant{(r.acted.us + 5) / 6 * 6};  // so that many act at once
    const Mask before = world.serves();
    for (std::size_t i = 1; i < world.rows.size(); ++i) {
      Row &a = world.rows[i - 1], &b = world.rows[i];
      if (a.acted == b.acted && (a.atom != b.atom || a.purpose != b.purpose) && dice.chance(60)) {
        std::swap(a, b);
        ++moved;
      }
    }
    ASSERT_EQ(world.serves(), before) << "world " << n;
  }
  EXPECT_GT(moved, worlds / 10);
}

TEST(Metamorphic, JoiningIsAMeet) {
  Dice dice(seed());
  const auto least = [](std::optional<Answer> a, std::optional<Answer> b) { return !a ? b : !b ? a : std::min(*a, *b); };
  int said = 0;
  for (int n = 0; n < worlds / 4; ++n) {
    const World world = any_world(dice);
    const Instant now{world.now};
    std::vector<Ledger> l;
    for (const Atom& atom : atoms) l.push_back(world.ledger(atom, world.now));
    const auto of = [&](std::vector<const Ledger*> these, PurposeBit p) { return meet(these, p, now); };
    for (const PurposeBit p : asked) {
      const auto whole = of({&l[0], &l[1], &l[2]}, p);
      said += whole ? 1 : 0;
      ASSERT_EQ(whole, of({&l[2], &l[0], &l[1]}, p)) << "commutative, world " << n;
      ASSERT_EQ(whole, least(of({&l[0], &l[1]}, p), of({&l[2]}, p))) << "associative, world " << n;
      ASSERT_EQ(whole, least(of({&l[0]}, p), of({&l[1], &l[2]}, p))) << "associative, world " << n;
      ASSERT_EQ(whole, of({&l[0], &l[1], &l[2], &l[0], &l[2]}, p)) << "idempotent, world " << n;
    }
  }
  EXPECT_GT(said, worlds / 10);
}

}  // namespace
}  // namespace hospes::consent
