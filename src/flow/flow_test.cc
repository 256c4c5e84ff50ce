// The spine's promises on a small world: same people whatever the number of partitions, the
// interleaving, repeats and restarts.
#include <gtest/gtest.h>

#include <iostream>

#include "flow/world.h"

namespace hospes::flow {
namespace {

constexpr std::int64_t hour_us = 3'600'000'000;

const std::string world_segments = R"(
segment buyers
  purpose market
  name en "Buyers" fr "Acheteurs"
  sentence en "Bought." fr "A acheté."
  where
    count("Order Completed") >= 1

segment keen
  purpose market
  name en "Keen" fr "Pressés"
  sentence en "Three views in two days, no order." fr "Trois vues en deux jours, sans commande."
  where
    count("Product Viewed", 48h) >= 3 and not count("Order Completed", 30d) >= 1

segment known
  purpose market
  name en "Known" fr "Connus"
  sentence en "Has a user id." fr "A un identifiant."
  where
    has identifier user_id

segment returned
  purpose market
  name en "Returned" fr "Revenus"
  sentence en "Ordered a day or more after a view, no order in between." fr "A commandé un jour ou plus après une vue."
  where
    did "Product Viewed" then "Order Completed" after 1d without "Order Completed"

segment unwilling
  purpose market
  name en "Unwilling" fr "Réticents"
  sentence en "Said no to it." fr "A dit non."
  where
    permission market against
)";

struct Script {
  struct Item {
    std::optional<Event> event;
    Atom atom;
    PurposeBit purpose = 0;
    consent::Answer state = consent::Answer::given;
    Instant stamp;
    std::uint64_t message = 0;
  };
  std::vector<Item> items;
  Instant end;
};

/// Visitors on devices, some of whom log in; some refuse; some share a device.
Script make(std::uint64_t seed, std::size_t size) {
  Dice dice(seed);
  Script script;
  std::int64_t now = 1'000'000 * hour_us / 1000;
  for (std::size_t i = 0; i < size; ++i) {
    now += static_cast<std::int64_t>(dice.below(2 * static_cast<std::uint64_t>(hour_us)));
    const Atom device = atom(7, dice.below(12));
    const Atom user = atom(0, dice.below(8));
    const Atom mail = atom(1, dice.below(8));
    if (dice.chance(4)) {
      script.items.push_back(
          {.event = {},
           .atom = dice.chance(50) ? user : device,
           .purpose = dice.chance(30) ? test_link : test_purpose,
           .state = dice.chance(50) ? consent::Answer::withdrawn : consent::Answer::given,
           .stamp = Instant{now},
           .message = i}
      );
      continue;
    }
    Event e;
    const bool login = dice.chance(25);
    e.anchor = device;
    e.owner = login ? user : device;
    if (login) e.others.push_back(device);
    if (login && dice.chance(30)) e.others.push_back(mail);
    e.grade = dice.chance(70) ? Grade::attested : Grade::asserted;
    e.message = {seed, i};
    e.mask = bit(test_purpose) | (dice.chance(90) ? bit(test_link) : 0);
    e.received = Instant{now};
    e.happened =
        Instant{now - static_cast<std::int64_t>(dice.chance(10) ? dice.below(72 * hour_us) : 0)};
    script.items.push_back({.event = e, .atom = {}, .stamp = Instant{now}, .message = dice.below(2)}
    );
  }
  script.end = Instant{now + 100 * hour_us};
  return script;
}

void play(World& world, const Script& script, bool doubled = false) {
  const Name order = world.names.intern("Order Completed").value();
  const Name view = world.names.intern("Product Viewed").value();
  for (Script::Item item : script.items) {
    if (!item.event) {
      world.answer(item.atom, item.purpose, item.state, item.stamp, item.message);
      continue;
    }
    item.event->name = item.message == 0 ? order : view;
    world.event(*item.event);
    if (doubled) world.event(*item.event);
  }
  world.tick(script.end);
}

/// The same people after the end of another one.
Script make_next(const Script& after, std::uint64_t seed, std::size_t size) {
  Script script = make(seed, size);
  const Duration by = after.end - script.items.front().stamp;
  for (Script::Item& item : script.items) {
    item.stamp = item.stamp + by;
    if (!item.event) {
      item.message += after.items.size();
      continue;
    }
    item.event->received = item.event->received + by;
    item.event->happened = item.event->happened + by;
  }
  script.end = script.end + by;
  return script;
}

using Passage = std::tuple<PersonId, segment::SegmentIndex, bool, Instant, Why>;
std::multiset<Passage> passages(const World& world, std::size_t from) {
  std::multiset<Passage> out;
  for (std::size_t i = from; i < world.transitions().size(); ++i) {
    const Transition& t = world.transitions()[i];
    out.emplace(t.person, t.segment, t.entered, t.at, t.why);
  }
  return out;
}

class Worlds : public testing::Test {
 protected:
  const std::uint64_t seed = seed_of_run(20'261'124);
};

TEST(Permission, IsACondition) {
  World world(4, 1, R"(
segment left purpose market where permission market withdrawn in 7d
segment allowed purpose market where permission market given
segment silent purpose market where permission market unset
)");
  const Atom user = atom(0, 1);
  Event e;
  e.anchor = e.owner = user;
  e.message = {1, 1};
  e.mask = bit(test_purpose);
  e.received = e.happened = Instant{hour_us};
  e.name = world.names.intern("Product Viewed").value();
  using Counts = std::map<std::string, std::uint64_t>;
  const auto after = [&](std::int64_t hours) {
    world.tick(Instant{hours * hour_us});
    world.run();
    return world.counts();
  };
  world.event(e);
  EXPECT_EQ(after(1), (Counts{{"left", 0}, {"allowed", 0}, {"silent", 1}}));
  world.answer(user, test_purpose, consent::Answer::given, Instant{2 * hour_us}, 2);
  EXPECT_EQ(after(2), (Counts{{"left", 0}, {"allowed", 1}, {"silent", 0}}));
  world.answer(user, test_purpose, consent::Answer::withdrawn, Instant{3 * hour_us}, 3);
  EXPECT_EQ(after(3), (Counts{{"left", 1}, {"allowed", 0}, {"silent", 0}}));
  EXPECT_EQ(after(3 + 7 * 24 - 1), (Counts{{"left", 1}, {"allowed", 0}, {"silent", 0}}));
  EXPECT_EQ(after(3 + 7 * 24), (Counts{{"left", 0}, {"allowed", 0}, {"silent", 0}}));
}

TEST_F(Worlds, OnePartitionAndManyHoldTheSamePeople) {
  for (std::uint64_t i = 0; i < 30; ++i) {
    const Script script = make(seed + i, 120);
    World one(1, seed, world_segments);
    World many(16, seed + i, world_segments);
    play(one, script);
    play(many, script);
    one.run();
    many.run();
    // Answers act at their partition's clock, which differs by a few records between layouts:
    // compare who is who.
    EXPECT_EQ(one.events(), many.events()) << "seed " << seed + i;
  }
}

TEST_F(Worlds, WithoutAnswersEveryLayoutAndInterleavingEndsInTheSamePeople) {
  for (std::uint64_t i = 0; i < 40; ++i) {
    Script script = make(seed + i, 150);
    std::erase_if(script.items, [](const Script::Item& item) { return !item.event; });
    World reference(1, seed, world_segments);
    play(reference, script);
    reference.run();
    for (const unsigned partitions : {2U, 7U, 64U}) {
      World other(partitions, seed * 31 + i, world_segments);
      play(other, script);
      other.run();
      EXPECT_EQ(other.people(), reference.people())
          << "seed " << seed + i << ", partitions " << partitions;
      EXPECT_EQ(other.counts(), reference.counts()) << "seed " << seed + i;
    }
  }
}

TEST_F(Worlds, EveryRecordTwiceChangesNothing) {
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Script script = make(seed + i, 120);
    World once(1, 1, world_segments);
    World twice(1, 1, world_segments);
    play(once, script);
    play(twice, script, true);
    once.run();
    twice.run(true);
    EXPECT_EQ(once.digest(), twice.digest()) << "seed " << seed + i;
    EXPECT_EQ(once.events(), twice.events());
  }
}

TEST_F(Worlds, MessagesTwiceChangeNothing) {
  for (std::uint64_t i = 0; i < 20; ++i) {
    Script script = make(seed + i, 120);
    std::erase_if(script.items, [](const Script::Item& item) { return !item.event; });
    World once(16, seed + i, world_segments);
    World twice(16, seed + i, world_segments);
    play(once, script);
    play(twice, script);
    once.run();
    twice.run(true);
    EXPECT_EQ(once.people(), twice.people()) << "seed " << seed + i;
    EXPECT_EQ(once.events(), twice.events());
  }
}

TEST_F(Worlds, ARestartAfterEveryRecordChangesNothing) {
  for (std::uint64_t i = 0; i < 6; ++i) {
    const Script script = make(seed + i, 80);
    World plain(4, seed + i, world_segments);
    World restarted(4, seed + i, world_segments);
    play(plain, script);
    play(restarted, script);
    plain.run();
    restarted.run(false, true);  // same dice, same interleaving
    EXPECT_EQ(plain.digest(), restarted.digest()) << "seed " << seed + i;
    EXPECT_EQ(plain.counts(), restarted.counts());
  }
}

TEST_F(Worlds, TimelinesThatLeaveMemoryTellTheSame) {
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Script script = make(seed + i, 150);
    World warm(4, seed + i, world_segments);
    World cold(4, seed + i, world_segments);
    cold.forget_timelines();
    play(warm, script, true);
    play(cold, script, true);
    warm.run();
    cold.run(false, i % 4 == 0);
    EXPECT_EQ(warm.digest(), cold.digest()) << "seed " << seed + i;
    EXPECT_EQ(warm.counts(), cold.counts()) << "seed " << seed + i;
    EXPECT_EQ(warm.events(), cold.events()) << "seed " << seed + i;
  }
}

const std::string stages = R"(
segment bought
  purpose market
  name en "Bought" fr "A acheté"
  sentence en "Ordered in 20 hours." fr "Commande en 20 heures."
  where count("Order Completed", 20h) >= 1
segment looking
  purpose market
  name en "Looking" fr "Regarde"
  sentence en "Looked." fr "A regardé."
  where count("Product Viewed", 30h) >= 2 and not in segment bought
segment known
  purpose market
  name en "Known" fr "Connu"
  sentence en "Known." fr "Connu."
  where has identifier user_id and not (in segment bought) and not in segment looking
lifecycle visitor
  name en "Visitor" fr "Visiteur"
  stages looking, bought, known
)";

TEST_F(Worlds, AStartReadsNoTimelineUnlessTheHouseIsAnother) {
  std::size_t by_time = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    Script script = make(seed + i, 150);
    const Instant quiet = std::exchange(script.end, script.items.back().stamp);  // windows are open
    World through(4, seed + i, stages), anew(4, seed + i, stages);
    for (World* world : {&through, &anew}) {
      world->forget_timelines();
      play(*world, script);
      world->run();
    }
    EXPECT_GT(anew.start_anew("Europe/Paris"), 0U) << "these pages were another house's";
    EXPECT_EQ(anew.start_anew("Europe/Paris"), 0U);
    EXPECT_EQ(anew.digest(), through.digest()) << "seed " << seed + i;
    // Who was not looked at since the start is: by time alone, then by an event or an answer.
    const std::size_t before = through.transitions().size();
    for (World* world : {&through, &anew}) {
      world->tick(quiet);
      world->run();
    }
    by_time += through.transitions().size() - before;
    EXPECT_EQ(passages(anew, before), passages(through, before)) << "seed " << seed + i;
    EXPECT_EQ(anew.start_anew("Europe/Paris"), 0U);
    script.end = quiet;
    const Script next = make_next(script, seed + i + 1'000, 150);
    for (World* world : {&through, &anew}) {
      play(*world, next);
      world->run();
    }
    EXPECT_EQ(anew.digest(), through.digest()) << "seed " << seed + i;
    EXPECT_EQ(passages(anew, before), passages(through, before)) << "seed " << seed + i;
  }
  EXPECT_GT(by_time, 0U);
}

/// Walks the passages as they came and knows nothing of the counters.
struct Walker {
  struct Held {
    std::uint16_t stage = 0;
    Instant since;
  };
  struct Found {
    std::uint64_t moved = 0, regrouped = 0;
    std::vector<std::int64_t> stays;
  };
  std::map<std::pair<Partition, std::uint32_t>, Held> held;
  std::map<std::pair<std::uint16_t, std::uint16_t>, Found> found;

  std::map<Hash128, Instant> happened;  // by message

  void walk(const std::vector<Transition>& all, Instant since) {
    constexpr std::uint16_t place[] = {2, 1, 3};  // of segment 0, 1, 2 among the stages
    for (std::size_t i = 0; i < all.size();) {
      const Transition& t = all[i];
      Held& h = held[{t.partition, t.dense}];
      std::uint16_t to = h.stage;
      // Of one judgement, the passages come by segment.
      const auto with_first = [&](std::size_t k) {
        return all[k].partition == t.partition && all[k].dense == t.dense && all[k].at == t.at &&
               all[k].why == t.why && all[k].message == t.message;
      };
      for (const std::size_t first = i;
           i < all.size() && with_first(i) && (i == first || all[i].segment > all[i - 1].segment);
           ++i) {
        if (all[i].entered) to = place[all[i].segment];
        if (!all[i].entered && to == place[all[i].segment]) to = 0;
      }
      if (to == h.stage) continue;
      Found& f = found[{h.stage, to}];
      const bool late = t.why == Why::event && happened.at(t.message) < t.at - std::chrono::hours(24);
      const bool own = !late && (t.why == Why::event || t.why == Why::time || t.why == Why::answer);
      ++(own ? f.moved : f.regrouped);
      if (own && h.stage != 0 && h.since > since) f.stays.push_back((t.at - h.since).count());
      h = {to, t.at};
    }
  }
};

TEST_F(Worlds, PassagesFromStageToStageAreThoseOfAWalkOverAllPassages) {
  std::uint64_t passages = 0, measured = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Script script = make(seed + i, 200);
    World plain(4, seed + i, stages), restarted(4, seed + i, stages), cold(4, seed + i, stages);
    cold.forget_timelines();
    for (World* world : {&plain, &restarted, &cold}) play(*world, script);
    plain.run();
    if (i < 4) restarted.run(false, true);
    cold.run();
    if (i < 4) {
      EXPECT_EQ(restarted.stages(), plain.stages()) << "seed " << seed + i;
    }
    EXPECT_EQ(cold.stages(), plain.stages()) << "seed " << seed + i;
    World once(1, 1, stages), twice(1, 1, stages);
    play(once, script);
    play(twice, script, true);
    once.run();
    twice.run(true);
    EXPECT_EQ(once.stages(), twice.stages()) << "seed " << seed + i;

    const StageSums sums = plain.stages().at("visitor");
    Walker walker;
    for (const Script::Item& item : script.items)
      if (item.event) walker.happened[item.event->message] = item.event->happened;
    walker.walk(plain.transitions(), sums.since);
    ASSERT_EQ(walker.found.size(), sums.ways.size()) << "seed " << seed + i;
    for (auto& [way, f] : walker.found) {
      const Passages& p = sums.ways.at({way.first, way.second, false});
      EXPECT_EQ(p.moved, f.moved) << "seed " << seed + i << " from " << way.first << " to " << way.second;
      EXPECT_EQ(p.regrouped, f.regrouped) << "seed " << seed + i;
      ASSERT_EQ(p.measured(), f.stays.size()) << "seed " << seed + i;
      passages += f.moved;
      measured += f.stays.size();
      if (f.stays.empty()) continue;
      std::ranges::sort(f.stays);
      const std::int64_t exact = f.stays[(f.stays.size() - 1) / 2];
      EXPECT_LE(std::abs(p.median().count() - exact), exact / 250 + 1) << "seed " << seed + i;
    }
    // Nobody is in two stages, and who came in less who went out is who is there.
    const auto counts = plain.counts();
    const std::map<std::uint16_t, std::string> named{{1, "looking"}, {2, "bought"}, {3, "known"}};
    for (const auto& [stage, name] : named) {
      std::int64_t here = 0;
      for (const auto& [way, p] : sums.ways) {
        const auto n = static_cast<std::int64_t>(p.moved + p.regrouped);
        here += way.to == stage ? n : way.from == stage ? -n : 0;
      }
      EXPECT_EQ(here, static_cast<std::int64_t>(counts.at(name))) << "seed " << seed + i;
    }
  }
  std::cout << passages << " passages, " << measured << " stays measured\n";
  EXPECT_GT(passages, 500U);
  EXPECT_GT(measured, 100U);
}

TEST(Stages, ALengthOfTimeIsReadBackWithinFourInAThousand) {
  Dice dice(7);
  std::uint16_t last = 0;
  for (std::int64_t us = 0; us < 100'000; ++us) {
    ASSERT_GE(class_of(Duration(us)), last);
    last = class_of(Duration(us));
  }
  for (int i = 0; i < 100'000; ++i) {
    const auto us = static_cast<std::int64_t>(dice.next() >> (12 + dice.below(50)));
    const std::int64_t back = middle_of(class_of(Duration(us))).count();
    ASSERT_LE(std::abs(back - us), us / 250 + 1) << us;
  }
}

TEST_F(Worlds, AMessageIsForgottenAfterTheWindowAndNotBefore) {
  for (const bool leaves : {false, true}) {
    World world(1, seed, world_segments);
    if (leaves) world.forget_timelines();
    Event e;
    e.anchor = e.owner = atom(0, 1);
    e.mask = bit(test_purpose);
    e.name = world.names.intern("Order Completed").value();
    e.message = {1, 1};
    const auto again = [&](std::int64_t day) {
      e.happened = e.received = Instant{day * 24 * hour_us + hour_us};
      world.event(e);
      for (int i = 0; i < 9; ++i) world.tick(e.received);
      world.run();
      return world.events();
    };
    EXPECT_EQ(again(100), 1U);
    EXPECT_EQ(again(101), 1U);
    EXPECT_EQ(again(134), 1U);
    EXPECT_EQ(again(140), 2U) << "another event by now: five weeks are over";
    EXPECT_EQ(again(141), 2U);
  }
}

TEST_F(Worlds, AnAnonymousPastFollowsTheName) {
  World world(16, seed, world_segments);
  const Name view = world.names.intern("Product Viewed").value();
  Event e;
  e.anchor = e.owner = atom(7, 1);
  e.mask = bit(test_purpose) | bit(test_link);
  e.name = view;
  for (std::uint64_t i = 0; i < 3; ++i) {
    e.message = {1, i};
    e.happened = e.received = Instant{static_cast<std::int64_t>(i + 1) * hour_us};
    world.event(e);
  }
  e.owner = atom(0, 5);
  e.others = {e.anchor};
  e.type = EventType::identify;
  e.grade = Grade::attested;
  e.name = world.names.intern("identify").value();
  e.message = {1, 9};
  e.happened = e.received = Instant{4 * hour_us};
  world.event(e);
  world.run();
  EXPECT_EQ(world.people().size(), 1U);
  EXPECT_EQ(world.counts().at("keen"), 1U);
  EXPECT_EQ(world.counts().at("known"), 1U);
  world.tick(Instant{60 * hour_us});
  world.run();
  EXPECT_EQ(world.counts().at("keen"), 0U) << "a window ends without any event";
}

TEST_F(Worlds, AWithdrawalNarrowsThePast) {
  World world(4, seed, world_segments);
  Event e;
  e.anchor = e.owner = atom(0, 1);
  e.mask = bit(test_purpose);
  e.name = world.names.intern("Order Completed").value();
  e.message = {1, 1};
  e.happened = e.received = Instant{hour_us};
  world.event(e);
  world.run();
  EXPECT_EQ(world.counts().at("buyers"), 1U);
  world.answer(e.owner, test_purpose, consent::Answer::objected, Instant{2 * hour_us}, 1);
  world.run();
  EXPECT_EQ(world.counts().at("buyers"), 0U);
  world.answer(e.owner, test_purpose, consent::Answer::given, Instant{3 * hour_us}, 2);
  world.run();
  EXPECT_EQ(world.counts().at("buyers"), 0U) << "no later yes revives what a no has closed";
  EXPECT_EQ(world.counts().at("known"), 1U);
}

}  // namespace
}  // namespace hospes::flow
