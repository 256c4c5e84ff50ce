// Who keeps everything of theirs from use stands aside: nobody meets them, nothing of theirs is
// lost, and everybody else is as before. On small worlds, against the same world without it.
#include <gtest/gtest.h>

#include <algorithm>

#include "flow/look.h"
#include "flow/world.h"

namespace hospes::flow {
namespace {

const std::string segments = R"(
segment quiet
  purpose market
  name en "Quiet" fr "Calmes"
  sentence en "Never bought." fr "N'a jamais acheté."
  where
    not count("Order Completed") >= 1

segment known
  purpose market
  name en "Known" fr "Connus"
  sentence en "Has a user id." fr "A un identifiant."
  where
    has identifier user_id
)";

/// Logins, addresses and devices, seen together by the house's own systems: live and firm are one.
std::vector<Event> make(std::uint64_t seed, std::size_t from, std::size_t size, Names& names) {
  Dice dice(seed * 31 + from);
  std::vector<Event> out;
  for (std::size_t i = from; i < from + size; ++i) {
    Event e;
    e.owner = atom(0, dice.below(5));
    if (dice.chance(60)) e.others.push_back(atom(dice.chance(50) ? 1 : 7, dice.below(6)));
    e.anchor = e.others.empty() ? e.owner : e.others.front();
    e.grade = Grade::attested;
    e.message = {seed, i};
    e.mask = bit(test_purpose) | bit(test_link);
    e.received = Instant{static_cast<std::int64_t>(10'000 + 10 * i)};
    e.happened = e.received;
    e.name = names.intern(dice.chance(30) ? "Order Completed" : "Product Viewed").value();
    out.push_back(e);
  }
  return out;
}

struct Stop {
  Atom of;
  rights::Request request;
};

std::vector<Stop> stops(std::uint64_t seed) {
  Dice dice(seed);
  std::vector<Stop> out;
  for (std::uint64_t i = 0; i < 2; ++i) {
    const bool erasing = dice.chance(50);
    Stop stop{.of = atom(0, dice.below(5)), .request = {.id = {seed, i}}};
    stop.request.right = erasing ? rights::Right::erasure : rights::Right::restriction;
    stop.request.state = erasing ? rights::State::open : rights::State::fulfilled;
    out.push_back(stop);
  }
  return out;
}

void say(World& world, Stop stop, rights::State state, std::int64_t at) {
  stop.request.state = state;
  stop.request.made = stop.request.changed = Instant{at};
  world.request(stop.of, stop.request, Instant{at}, static_cast<std::uint64_t>(at));
}

class Aside : public testing::Test {
 protected:
  const std::uint64_t seed = seed_of_run(20'261'127);
};

TEST_F(Aside, NobodyMeetsThemAndEverybodyElseIsAsBefore) {
  for (std::uint64_t i = 0; i < 60; ++i) {
    World world(8, seed + i, segments), twin(1, seed, segments);
    const auto before = make(seed + i, 0, 30, world.names), after = make(seed + i, 30, 20, world.names);
    make(seed + i, 0, 30, twin.names);
    make(seed + i, 30, 20, twin.names);
    const std::vector<Stop> asked = stops(seed + i);
    for (const Event& e : before) world.event(e), twin.event(e);
    world.run(false, i % 3 == 0);
    for (const Stop& s : asked) say(world, s, s.request.state, 10'305);
    world.run(i % 3 == 1, false);
    for (const Event& e : after) world.event(e), twin.event(e);
    world.run(i % 3 == 1, i % 3 == 2);
    twin.run();

    const auto is_stopped = [&](const std::string& line) {
      return std::ranges::any_of(asked, [&](const Stop& s) {
        return line.find(to_hex(s.of.id).substr(0, 8)) != std::string::npos;
      });
    };
    std::vector<std::string> others = twin.people();
    const std::size_t all = others.size();
    std::erase_if(others, is_stopped);
    EXPECT_EQ(world.people(), others) << "seed " << seed + i;
    EXPECT_EQ(world.events(), twin.events()) << "what comes is kept";
    std::map<std::string, std::uint64_t> counted;
    for (const std::string& line : others) {
      if (line.find("#0") != std::string::npos) ++counted["quiet"];
      if (line.find("#1") != std::string::npos) ++counted["known"];
    }
    counted["quiet"] += 0, counted["known"] += 0;
    EXPECT_EQ(world.counts(), counted) << "not even who did nothing counts them, seed " << seed + i;

    for (const Stop& s : asked) say(world, s, rights::State::revoked, 20'000);
    world.run(false, i % 2 == 0);
    EXPECT_EQ(world.people(), twin.people()) << "as if it had never been, seed " << seed + i;
    EXPECT_EQ(world.people().size(), all);
    EXPECT_EQ(world.counts(), twin.counts());
  }
}

TEST_F(Aside, StaffCannotLiftIt) {
  World world(4, seed, segments);
  for (const Event& e : make(seed, 0, 40, world.names)) world.event(e);
  Stop stop{.of = atom(0, 1), .request = {.id = {1, 1}, .right = rights::Right::restriction}};
  say(world, stop, rights::State::fulfilled, 20'000);
  world.run();
  const auto stopped = world.people();
  for (const rights::By by : {rights::By::session, rights::By::token}) {
    for (const rights::State state : {rights::State::revoked, rights::State::denied, rights::State::extended}) {
      stop.request.by = by;
      stop.request.reason = "we would rather";
      say(world, stop, state, 30'000 + static_cast<int>(by) * 10 + static_cast<int>(state));
    }
  }
  world.run();
  EXPECT_EQ(world.people(), stopped);
}

}  // namespace
}  // namespace hospes::flow
