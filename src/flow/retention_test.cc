// What the house's schedules end is gone from its midnight on, by nothing but the log: against an
// evaluator that asks every bit of every event at every record, and across restarts, repeats and
// cold timelines.
#include "flow/retention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>

#include "flow/look.h"
#include "flow/world.h"

namespace hospes::flow {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;
const std::int64_t begins = 20'000 * day_us;  // 2024-10-04

const std::string kept_segments = R"(
segment buyers purpose market where count("Order Completed") >= 1
segment lookers purpose market where count("Product Viewed") >= 2
segment quiet purpose market where not count("Order Completed", 10d) >= 1
)";

// `market` is the bit that the segments see; 4 measures, 5 personalises.
const std::string schedules = R"(
answers = "40 days"
no_act = ["Email Opened"]
[[class]]
name = "orders"
events = ["Order Completed"]
keep = { market = "30 days after last act", measure = "60 days", other = "2 months" }
[[class]]
name = "rest"
keep = { market = "12 days", measure = "20 days", personalise = "9 days after last act", other = "5 days" }
)";

constexpr std::string_view event_names[] = {"Order Completed", "Product Viewed", "Email Opened"};

struct Made {
  Event event;
  std::size_t name = 0;
};

/// `joined`: people of several identifiers, else of one each.
std::vector<Made> make(std::uint64_t seed, std::size_t size, bool joined) {
  Dice dice(seed);
  std::vector<Made> out;
  std::int64_t now = begins;
  for (std::size_t i = 0; i < size; ++i) {
    now += static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(2 * day_us)));
    Event e;
    e.owner = e.anchor = atom(dice.chance(50) ? 0 : 7, dice.below(6));
    if (joined && dice.chance(25)) e.others.push_back(atom(1, dice.below(4)));
    e.grade = Grade::attested;
    e.message = {seed, i};
    e.mask = bit(test_link);
    for (const PurposeBit p : std::initializer_list<PurposeBit>{3, 4, 5})
      if (dice.chance(70)) e.mask |= bit(p);
    e.received = Instant{now};
    const bool late = dice.chance(15);
    e.happened = Instant{now - static_cast<std::int64_t>(late ? dice.below(30 * day_us) : 0)};
    out.push_back({e, dice.below(std::size(event_names))});
  }
  return out;
}

void play(World& world, std::vector<Made> made) {
  for (Made& m : made) {
    m.event.name = world.names.intern(event_names[m.name]).value();
    world.event(m.event);
  }
}

/// The schedules above once more, by hand: days after which a bit ends, and whether of the last act.
struct Rule {
  std::int64_t days = 0;
  unsigned months = 0;
  bool act = false;
};
Rule rule_of(std::size_t name, PurposeBit p) {
  if (name == 0) return p == 3 ? Rule{30, 0, true} : p == 4 ? Rule{60, 0, false} : Rule{0, 2, false};
  if (p == 3) return {12, 0, false};
  if (p == 4) return {20, 0, false};
  return p == 5 ? Rule{9, 0, true} : Rule{5, 0, false};
}

Instant ends(const Rule& rule, Instant from) {
  std::int64_t day = from.us / day_us + rule.days;
  for (unsigned m = 0; m < rule.months; ++m) {  // to the same day of the next month, or its last
    const std::chrono::year_month_day ymd{std::chrono::sys_days(std::chrono::days(from.us / day_us))};
    auto then = ymd + std::chrono::months(m + 1);
    if (!then.ok()) then = then.year() / then.month() / std::chrono::last;
    day = std::chrono::sys_days(then).time_since_epoch().count();
  }
  return {day * day_us};
}

using Bits = std::map<Hash128, Mask>;

/// All that is known, person by person, every record asking every bit again.
class Naive {
 public:
  void take(Partition lane, const Made& m) {
    clear(lane, m.event.received);
    kept_[{lane, m.event.owner.id}].push_back(m);
  }
  void clear(Partition lane, Instant now) {
    for (auto& [who, list] : kept_) {
      if (who.first != lane) continue;
      Instant& act = acts_.try_emplace(who, Instant::beginning()).first->second;
      for (const Made& m : list)
        if (m.name != 2) act = std::max(act, m.event.happened);
      for (Made& m : list)
        for (PurposeBit p = 0; p < 64; ++p) {
          const Rule rule = rule_of(m.name, p);
          const Instant from = rule.act ? std::max(act, m.event.happened) : m.event.happened;
          if ((m.event.mask & bit(p)) != 0 && ends(rule, from) <= now) m.event.mask &= ~bit(p);
        }
      std::erase_if(list, [](const Made& m) { return m.event.mask == 0; });
    }
  }
  Bits held() const {
    Bits out;
    for (const auto& [who, list] : kept_)
      for (const Made& m : list) out[m.event.message] = m.event.mask;
    return out;
  }

 private:
  std::map<std::pair<Partition, AtomId>, std::vector<Made>> kept_;
  std::map<std::pair<Partition, AtomId>, Instant> acts_;  // whether their events are left or not
};

Bits held(World& world, unsigned partitions) {
  Bits out;
  for (unsigned p = 0; p < partitions; ++p) {
    const PartitionState& s = world.at(static_cast<Partition>(p));
    for (const auto& [id, c] : s.components)
      for (const AtomState& a : c->atoms)
        for (const Moment& m : timeline_of(s, *c, a).in_order()) out[m.message] = m.mask;
  }
  return out;
}

/// Members as the definitions say of what is left.
void expect_truth(World& world, unsigned partitions, std::uint64_t seed) {
  for (unsigned p = 0; p < partitions; ++p) {
    const PartitionState& s = world.at(static_cast<Partition>(p));
    for (const auto& [id, c] : s.components)
      for (const PersonState& person : c->people) {
        const Look look(s, *c, person, 0, s.clock);
        for (segment::SegmentIndex i = 0; i < s.engine->definitions().size(); ++i)
          EXPECT_EQ(
              person.page.since(i).has_value(),
              truth_of(s.engine->definitions(), i, look.person(), s.clock)
          ) << "segment " << i << ", seed " << seed;
      }
  }
}

class Retention : public testing::Test {
 protected:
  const std::uint64_t seed = seed_of_run(20'261'128);
};

TEST_F(Retention, EveryBitLeavesAtItsMidnight) {
  constexpr unsigned partitions = 4;
  std::size_t gone = 0, bits = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    World world(partitions, seed + i, kept_segments);
    if (i % 3 == 1) world.forget_timelines();
    world.keep(schedules, Instant{begins});
    world.run();
    Naive naive;
    for (const Made& m : make(seed + i, 120, false)) {
      play(world, {m});
      world.run(i % 5 == 4, i % 3 == 2);
      naive.take(partition_of(m.event.anchor.id, partitions), m);
    }
    const Bits want = naive.held(), have = held(world, partitions);
    ASSERT_EQ(have, want) << "seed " << seed + i;
    gone += 120 - have.size();
    for (const auto& [message, mask] : have) bits += static_cast<std::size_t>(std::popcount(mask));
    expect_truth(world, partitions, seed + i);
    const Instant end{begins + 400 * day_us};
    world.tick(end);
    world.run();
    for (unsigned p = 0; p < partitions; ++p) naive.clear(static_cast<Partition>(p), end);
    EXPECT_EQ(held(world, partitions), naive.held());
    EXPECT_TRUE(naive.held().empty()) << "nothing of a world that fell silent is left";
    expect_truth(world, partitions, seed + i);
  }
  EXPECT_GT(gone, 1'000U) << "the schedules had something to do";
  EXPECT_GT(bits, 1'000U);
}

TEST_F(Retention, ARestartARepeatOrAColdTimelineChangesNothing) {
  for (std::uint64_t i = 0; i < 40; ++i) {
    const std::vector<Made> made = make(seed + i, 100, true);
    std::vector<Hash128> digests;
    std::vector<std::vector<Atom>> lapsed;
    for (int way = 0; way < 4; ++way) {
      World world(1, seed, kept_segments);
      if (way == 2) world.forget_timelines();
      world.keep(schedules, Instant{begins});
      play(world, made);
      world.tick(Instant{made.back().event.received.us + 20 * day_us});
      world.run(way == 3, way == 1);
      digests.push_back(world.digest());
      lapsed.push_back(world.lapsed());
      expect_truth(world, 1, seed + i);
    }
    for (int way = 1; way < 4; ++way) {
      EXPECT_EQ(digests[static_cast<std::size_t>(way)], digests[0]) << "way " << way << ", seed " << seed + i;
      EXPECT_EQ(lapsed[static_cast<std::size_t>(way)], lapsed[0]) << "way " << way << ", seed " << seed + i;
    }
  }
}

TEST_F(Retention, WorkOfOneRecordIsBoundedAndComesToAnEnd) {
  World world(1, seed, kept_segments);
  world.keep(schedules, Instant{begins});
  std::vector<Made> made;
  for (std::uint64_t i = 0; i < 10 * retention_page; ++i) {
    Event e;
    e.owner = e.anchor = atom(0, i);
    e.message = {seed, i};
    e.mask = bit(test_purpose);
    e.received = e.happened = Instant{begins};
    made.push_back({e, 1});
  }
  play(world, made);
  world.run();
  std::size_t before = held(world, 1).size();
  EXPECT_EQ(before, made.size());
  std::int64_t now = begins + 30 * day_us;
  for (std::size_t ticks = 1; ticks <= 10; ++ticks) {
    EXPECT_LE(next_due(world.at(0)).us, now) << "another tick is asked for";
    world.tick(Instant{now += 10'000});
    world.run();
    const std::size_t left = held(world, 1).size();
    EXPECT_EQ(before - left, retention_page) << "tick " << ticks;
    before = left;
  }
  EXPECT_EQ(before, 0U);
  EXPECT_GT(next_due(world.at(0)).us, now) << "and then nobody is looked at";
}

class Lapse : public Retention {
 protected:
  void SetUp() override {
    world.keep(schedules, Instant{begins});
    see(1, 0);
    world.run();
  }
  void see(std::uint64_t message, std::int64_t day) {
    Event e;
    e.owner = e.anchor = who;
    e.message = {seed, message};
    e.mask = bit(test_purpose);
    e.received = e.happened = Instant{begins + day * day_us + 1};
    e.name = world.names.intern("Product Viewed").value();
    world.event(e);
  }
  bool lapsed_by(std::int64_t day) {
    world.tick(Instant{begins + day * day_us + 2});
    world.run();
    return !world.lapsed().empty();
  }
  bool erased() const {
    for (const auto& [id, c] : const_cast<World&>(world).at(0).components)
      for (const AtomState& a : c->atoms)
        if (a.atom.id == who.id) return a.erased;
    return false;
  }
  const Atom who{{9, 9}, Instant{begins}, 0};
  World world{1, 1, kept_segments};
};

TEST_F(Lapse, ComesWhenNothingIsHeldAndNobodySpoke) {
  EXPECT_FALSE(lapsed_by(39)) << "the identifier stays as long as after an answer";
  EXPECT_TRUE(held(world, 1).empty()) << "its event has gone";
  EXPECT_TRUE(lapsed_by(40));
  EXPECT_EQ(world.lapsed(), std::vector<Atom>{who});
  lapsed_by(41);
  EXPECT_EQ(world.lapsed().size(), 2U) << "said again, should nobody have listened";
  world.forget(who, Instant{begins + 42 * day_us}, 7, true);
  world.run();
  EXPECT_TRUE(erased());
  EXPECT_EQ(world.people().size(), 0U);
}

TEST_F(Lapse, WhoComesBackIsNotErased) {
  EXPECT_TRUE(lapsed_by(40));
  see(2, 41);
  world.forget(who, Instant{begins + 41 * day_us + 5}, 7, true);
  world.run();
  EXPECT_FALSE(erased());
  EXPECT_EQ(held(world, 1).size(), 1U);
}

TEST_F(Lapse, AnAnswerIsAnActAndANoToAnInterestStays) {
  world.answer(who, 5, consent::Answer::withdrawn, Instant{begins + 30 * day_us}, 3);
  EXPECT_FALSE(lapsed_by(69));
  EXPECT_TRUE(lapsed_by(70));
  world.answer(who, test_purpose, consent::Answer::objected, Instant{begins + 71 * day_us}, 4);
  const std::size_t said = [&] { lapsed_by(71); return world.lapsed().size(); }();
  lapsed_by(900);
  EXPECT_EQ(world.lapsed().size(), said) << "who is forgotten could be written to again";
}

TEST_F(Lapse, WhoKeepsEverythingFromUseKeepsIt) {
  rights::Request stop{.id = {1, 1}, .right = rights::Right::restriction, .state = rights::State::fulfilled};
  stop.made = stop.changed = Instant{begins + day_us};
  world.request(who, stop, stop.made, 5);
  EXPECT_FALSE(lapsed_by(300));
  EXPECT_EQ(held(world, 1).size(), 1U) << "GDPR art. 18(1): stored";
  stop.state = rights::State::revoked;
  stop.changed = Instant{begins + 301 * day_us};
  world.request(who, stop, stop.changed, 6);
  EXPECT_TRUE(lapsed_by(303));
  EXPECT_TRUE(held(world, 1).empty());
}

TEST_F(Retention, OtherSchedulesAreAskedOfEverybodyAtOnce) {
  World world(4, seed, kept_segments);
  const std::vector<Made> made = make(seed, 60, false);
  play(world, made);
  world.run();
  EXPECT_EQ(held(world, 4).size(), 60U) << "without schedules nothing ends";
  const Instant now{made.back().event.received.us + day_us};
  world.keep(schedules, now);
  world.tick({now.us + 1});
  world.run();
  const Bits some = held(world, 4);
  EXPECT_LT(some.size(), 60U);
  world.keep("", {now.us + 2});
  world.tick({now.us + 900 * day_us});
  world.run();
  EXPECT_EQ(held(world, 4), some) << "and without them again nothing more does";
  EXPECT_TRUE(std::ranges::all_of(std::vector<unsigned>{0, 1, 2, 3}, [&](unsigned p) {
    return world.at(static_cast<Partition>(p)).ending.empty();
  })) << "who is not asked about costs nothing";
}

}  // namespace
}  // namespace hospes::flow
