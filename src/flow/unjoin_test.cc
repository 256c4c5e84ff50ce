// Undoing joins, on small worlds: staff, the guest, an erasure, a value that is nobody's. The whole
// of it is compared with a model in tests/model; here stand the promises by themselves.
#include <gtest/gtest.h>

#include <algorithm>

#include "flow/world.h"

namespace hospes::flow {
namespace {

using Word = record::Ruled::Word;

const std::string cut_segments = R"(
segment buyers
  purpose market
  name en "Buyers" fr "Acheteurs"
  sentence en "Bought." fr "A acheté."
  where
    count("Order Completed") >= 1

segment known
  purpose market
  name en "Known" fr "Connus"
  sentence en "Has a user id." fr "A un identifiant."
  where
    has identifier user_id
)";

struct Told {
  Event event;
  bool between(const Atom& a, const Atom& b) const {
    const auto names = [&](AtomId id) {
      return event.owner.id == id || std::ranges::find(event.others, id, &Atom::id) != event.others.end();
    };
    return names(a.id) && names(b.id);
  }
};

/// Logins, addresses, devices; each event names an owner and at most one other.
std::vector<Told> make(std::uint64_t seed, std::size_t size, Names& names) {
  Dice dice(seed);
  std::vector<Told> out;
  for (std::size_t i = 0; i < size; ++i) {
    Event e;
    const Atom device = atom(7, dice.below(5));
    e.owner = dice.chance(50) ? atom(0, dice.below(4)) : atom(1, dice.below(4));
    if (dice.chance(70)) e.others.push_back(device);
    if (dice.chance(10)) e.owner = device, e.others.clear();
    e.anchor = e.others.empty() ? e.owner : device;
    e.grade = dice.chance(70) ? Grade::attested : Grade::asserted;
    e.message = {seed, i};
    e.mask = bit(test_purpose) | bit(test_link);
    e.received = Instant{static_cast<std::int64_t>(10'000 + 10 * i)};
    e.happened = Instant{e.received.us - static_cast<std::int64_t>(dice.below(60))};
    e.name = names.intern(dice.chance(30) ? "Order Completed" : "Product Viewed").value();
    out.push_back({e});
  }
  return out;
}

/// Without those whom nobody ever heard of: an atom that is only named is alone here and absent there.
std::vector<std::string> lines(const World& world) {
  std::vector<std::string> out;
  for (const std::string& line : world.people()) {
    if (std::ranges::count(line, '=') > 1 || line.find("=0") == std::string::npos)
      out.push_back(line);
  }
  return out;
}

class Unjoin : public testing::Test {
 protected:
  const std::uint64_t seed = seed_of_run(20'261'126);
};

TEST_F(Unjoin, AStaffCutEqualsATwinHouseWhereTheJoinNeverHappened) {
  for (std::uint64_t i = 0; i < 60; ++i) {
    World cut(8, seed + i, cut_segments);
    World twin(1, seed, cut_segments);
    const std::vector<Told> told = make(seed + i, 40, cut.names);
    make(seed + i, 40, twin.names);
    Dice dice(seed * 7 + i);
    const Atom a = atom(dice.chance(50) ? 0 : 1, dice.below(4));
    const Atom b = atom(7, dice.below(5));
    const std::size_t when = dice.below(told.size());
    for (std::size_t k = 0; k < told.size(); ++k) {
      if (k == when) cut.rule(a, b, Word::cut, told[k].event.received, i);
      cut.event(told[k].event);
      Event apart = told[k].event;
      if (told[k].between(a, b)) apart.others.clear();
      twin.event(apart);
    }
    cut.run();
    twin.run();
    EXPECT_EQ(lines(cut), lines(twin)) << "seed " << seed + i << ", cut at " << when;
    cut.rule(a, b, Word::uncut, Instant{1'000'000}, i + 1'000);
    cut.run();
    World joined(1, seed, cut_segments);
    make(seed + i, 40, joined.names);
    for (const Told& t : told) joined.event(t.event);
    joined.run();
    EXPECT_EQ(lines(cut), lines(joined)) << "seed " << seed + i << ", undone";
  }
}

TEST_F(Unjoin, AnErasureChangesNobodyElse) {
  for (std::uint64_t i = 0; i < 60; ++i) {
    World world(8, seed + i, cut_segments);
    for (const Told& t : make(seed + i, 40, world.names)) world.event(t.event);
    world.run();
    Dice dice(seed * 11 + i);
    const Atom dead = atom(dice.chance(50) ? 7 : 0, dice.below(4));
    const std::string mark = to_hex(dead.id).substr(0, 8);
    std::vector<std::string> before = lines(world);
    std::erase_if(before, [&](const std::string& l) { return l.find(mark) != std::string::npos; });
    world.forget(dead, Instant{1'000'000}, i);
    world.run(false, true);
    const std::vector<std::string> after = lines(world);
    for (const std::string& line : after) EXPECT_EQ(line.find(mark), std::string::npos);
    EXPECT_TRUE(std::ranges::includes(after, before)) << "seed " << seed + i;
    Event again;
    again.owner = again.anchor = dead;
    again.message = {seed, 9'999};
    again.mask = bit(test_purpose);
    again.happened = again.received = Instant{2'000'000};
    const std::uint64_t events = world.events();
    world.event(again);
    world.run();
    EXPECT_EQ(world.events(), events) << "what still travels under a destroyed key is nobody's";
  }
}

TEST_F(Unjoin, AGuestsCutStandsUntilProofAndKeepsEveryNo) {
  World world(4, seed, cut_segments);
  const Atom marie = atom(0, 1), tablet = atom(7, 1);
  Event e;
  e.owner = marie;
  e.others = {tablet};
  e.anchor = tablet;
  e.grade = Grade::attested;
  e.mask = bit(test_purpose) | bit(test_link);
  e.name = world.names.intern("Order Completed").value();
  e.message = {1, 1};
  e.happened = e.received = Instant{10'000};
  world.event(e);
  world.answer(tablet, test_purpose, consent::Answer::withdrawn, Instant{11'000}, 1);
  world.run();
  EXPECT_EQ(world.people().size(), 1U);
  EXPECT_EQ(world.counts().at("buyers"), 0U) << "the tablet's no counts for the person";
  world.rule(marie, tablet, Word::part, Instant{12'000}, 2);
  world.run();
  EXPECT_EQ(world.people().size(), 2U);
  EXPECT_EQ(world.counts().at("buyers"), 0U) << "to part opens nothing";
  e.message = {1, 2};
  e.happened = e.received = Instant{13'000};
  world.event(e);
  world.run();
  EXPECT_EQ(world.people().size(), 2U) << "it stands against later evidence";
  e.message = {1, 3};
  e.grade = Grade::proved;
  e.happened = e.received = Instant{14'000};
  world.event(e);
  world.run();
  EXPECT_EQ(world.people().size(), 1U) << "proof joins again";
}

TEST_F(Unjoin, AValueThatEverybodyNamesIsNobodysAndCostsNothing) {
  World world(16, seed, cut_segments);
  const Atom till = atom(1, 1);
  const auto login = [&](std::uint64_t n) {
    Event e;
    e.owner = e.anchor = atom(0, 100 + n);
    e.others = {till};
    e.grade = Grade::attested;
    e.mask = bit(test_purpose) | bit(test_link);
    e.message = {2, n};
    e.happened = e.received = Instant{static_cast<std::int64_t>(10'000 + n)};
    e.name = world.names.intern("Order Completed").value();
    world.event(e);
    world.run();
  };
  for (std::uint64_t n = 0; n < 50; ++n) login(n);
  EXPECT_EQ(world.quarantined(), 1U);
  const std::size_t largest = world.largest();
  EXPECT_LE(largest, 18U);
  const std::uint64_t before = world.messages();
  for (std::uint64_t n = 50; n < 2'050; ++n) login(n);
  EXPECT_EQ(world.largest(), largest) << "it stops growing";
  EXPECT_LE(world.messages() - before, 4'000U) << "one refused question each, sent on at most once";
  EXPECT_EQ(world.counts().at("buyers"), 2'050U) << "everybody keeps what is theirs";
  EXPECT_EQ(world.events(), 2'050U);
}

TEST_F(Unjoin, APublicKeyFillsHalfOfAComponentAtMost) {
  World world(4, seed, cut_segments);
  const Atom marie = atom(0, 1);
  for (std::uint64_t n = 0; n < 400; ++n) {
    Event e;
    e.owner = marie;
    e.others = {atom(7, 100 + n)};
    e.anchor = e.others.front();
    e.grade = n < 399 ? Grade::asserted : Grade::attested;
    e.mask = bit(test_purpose) | bit(test_link);
    e.message = {3, n};
    e.happened = e.received = Instant{static_cast<std::int64_t>(10'000 + n)};
    e.name = world.names.intern("Product Viewed").value();
    world.event(e);
    world.run();
  }
  EXPECT_EQ(world.largest(), component_atoms_max / 2 + 1) << "and a server key finds room";
  EXPECT_EQ(world.people().size(), 1U);
}

}  // namespace
}  // namespace hospes::flow
