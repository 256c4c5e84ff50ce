// Truth: at every event, at every edge and one microsecond before and after it, the engine says
// what the evaluator says.
#include "segment/engine.h"

#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "segment/chance.h"
#include "segment/text.h"

namespace hospes::segment {
namespace {

/// Errors that the engine is made to commit, by telling it something else than the evaluator hears.
enum class Plant {
  none,
  late_unheard,
  purpose_ignored,
  a_microsecond_older,
  fired_late,
  identify_unheard,
  kinds_unheard
};

/// One person, kept by the engine exactly as a partition does it.
struct Live {
  const Engine& engine;
  Timeline timeline;
  std::uint64_t kinds = 0;
  std::vector<Answered> answers;
  Page page;
  Flips flips;
  int rebuilds = 0;
  Plant plant = Plant::none;

  std::vector<Seen> up_to() const { return seen_of(timeline); }
  void rebuild(Instant now, Cause cause) {
    ++rebuilds;
    const auto seen = up_to();
    const std::uint64_t told = plant == Plant::kinds_unheard ? 0 : kinds;
    engine.rebuild(page, {seen, told, answers}, now, flips, cause);
  }
  void fire_until(Instant now) {
    while (engine.due(page) <= now) {
      const Instant due = engine.due(page);
      if (engine.fire(page, due, flips) == Added::needs_rebuild) rebuild(due, Cause::time);
      ASSERT_GT(engine.due(page), due) << "a timer that does not move on";
    }
  }
  void add(const Event& event, Instant now) {
    timeline.add(event);
    const auto seen = up_to();
    Seen told =
        *std::ranges::find(seen, event.message, [](const Seen& s) { return s.moment->message; });
    Moment moment = *told.moment;
    if (plant == Plant::late_unheard && event.happened < now) return;
    if (plant == Plant::identify_unheard && event.type == EventType::identify) return;
    if (plant == Plant::purpose_ignored) told.mask = ~Mask{0};
    if (plant == Plant::a_microsecond_older) {
      moment.happened = moment.happened - Duration(1);
      told.moment = &moment;
    }
    const std::uint64_t told_kinds = plant == Plant::kinds_unheard ? 0 : kinds;
    if (engine.add(page, told, told_kinds, now, flips) == Added::needs_rebuild)
      rebuild(now, Cause::event);
  }
};

/// Nothing, or how page and evaluator differ.
std::string difference(const Live& live, Instant now) {
  const auto seen = live.up_to();
  const Definitions& definitions = live.engine.definitions();
  const Memberships truth = evaluate_all(definitions, {seen, live.kinds, live.answers}, now);
  for (SegmentIndex i = 0; i < definitions.size(); ++i) {
    if (truth.in[i] != live.page.since(i).has_value()) {
      return to_string(now) +
             (truth.in[i] ? " is in, page says out: " : " is out, page says in: ") +
             format(definitions.at(i).definition);
    }
  }
  return {};
}

void live_through(Chance& chance, Live& live, Names& names, std::vector<std::string>& wrong) {
  Instant now = world_begins;
  std::vector<Event> past;
  for (std::uint64_t serial = 0; serial < 30 && wrong.empty(); ++serial) {
    const Instant next = now + chance.step();
    // Time alone: at each due instant and one microsecond before it.
    for (Instant due = live.engine.due(live.page); due <= next; due = live.engine.due(live.page)) {
      if (auto d = difference(live, due - Duration(1)); !d.empty())
        return wrong.push_back("before due " + d);
      if (live.plant == Plant::fired_late) break;
      live.fire_until(due);
      if (auto d = difference(live, due); !d.empty()) return wrong.push_back("at due " + d);
    }
    now = next;
    if (auto d = difference(live, now); !d.empty()) return wrong.push_back("waiting " + d);
    if (chance.dice.chance(5)) live.kinds ^= chance.one_of<std::uint64_t>({1, 2});
    Instant happened = now;
    if (chance.dice.chance(25)) happened = now - chance.duration();
    if (!past.empty() && chance.dice.chance(10))
      happened = past[chance.dice.below(past.size())].happened;
    past.push_back(chance.event(happened, serial, names));
    live.add(past.back(), now);
    if (auto d = difference(live, now); !d.empty()) return wrong.push_back("after add " + d);
    if (chance.dice.chance(6)) {  // they answered something
      live.answers = chance.answers(now);
      live.rebuild(now, Cause::rebuild);
      if (auto d = difference(live, now); !d.empty()) return wrong.push_back("after answer " + d);
    }
    if (chance.dice.chance(5
        )) {  // an answer closes an old event: masks shrink, the page is rebuilt
      Timeline less;
      for (Event& e : past) {
        if (chance.dice.chance(10)) e.mask &= chance.one_of<Mask>({0, 1, 2});
        less.add(e);
      }
      live.timeline = std::move(less);
      live.rebuild(now, Cause::rebuild);
      if (auto d = difference(live, now); !d.empty()) return wrong.push_back("after mask " + d);
    }
  }
}

/// What the segments of a test's worlds are made of.
struct Worlds {
  bool quick = false, plain = false;
  int worlds = 40, people = 10;
  std::size_t flips_min = 0;
};

void say_the_same(const Worlds& like) {
  const std::uint64_t seed = fresh_seed();
  std::cout << "HOSPES_SEED=" << seed << "\n";
  Chance chance(seed);
  chance.quick = like.quick;
  chance.plain = like.plain;
  std::size_t flips = 0;
  int rebuilds = 0;
  for (int world = 0; world < like.worlds; ++world) {
    Names names;
    const auto definitions = chance.bound(30, small_house(names));
    ASSERT_TRUE(definitions) << definitions.error().message;
    const Engine engine(*definitions);
    for (int person = 0; person < like.people; ++person) {
      Live live{.engine = engine};
      live.rebuild(world_begins, Cause::rebuild);
      std::vector<std::string> wrong;
      live_through(chance, live, names, wrong);
      ASSERT_TRUE(wrong.empty()) << "HOSPES_SEED=" << seed << " " << wrong[0];
      flips += live.flips.size();
      rebuilds += live.rebuilds;
    }
  }
  std::cout << flips << " flips, " << rebuilds << " rebuilds\n";
  EXPECT_GT(flips, like.flips_min);
  if (like.quick) {
    EXPECT_LT(rebuilds, 8'000) << "of some 12,000 events";
  }
}

TEST(engine, every_planted_error_is_noticed) {
  const std::uint64_t seed = fresh_seed();
  std::cout << "HOSPES_SEED=" << seed << "\n";
  for (const Plant plant :
       {Plant::late_unheard, Plant::purpose_ignored, Plant::a_microsecond_older, Plant::fired_late,
        Plant::identify_unheard, Plant::kinds_unheard}) {
    Chance chance(seed);
    chance.quick = true;
    std::vector<std::string> wrong;
    for (int world = 0; world < 60 && wrong.empty(); ++world) {
      Names names;
      const auto definitions = chance.bound(30, small_house(names));
      ASSERT_TRUE(definitions);
      const Engine engine(*definitions);
      Live live{.engine = engine, .plant = plant};
      live.rebuild(world_begins, Cause::rebuild);
      live_through(chance, live, names, wrong);
    }
    EXPECT_FALSE(wrong.empty()) << "HOSPES_SEED=" << seed << " plant " << static_cast<int>(plant);
  }
}

TEST(engine, says_what_the_evaluator_says) {
  say_the_same({.plain = true, .worlds = 12, .flips_min = 3'000});
}
TEST(engine, says_it_in_place_too) { say_the_same({.quick = true, .flips_min = 3'000}); }
/// The calendar turns often, and everything is compared at each turn: fewer worlds with it.
TEST(engine, says_it_of_the_whole_language) {
  say_the_same({.worlds = 8, .people = 3, .flips_min = 300});
}

// A house that changes its definitions hands the same page from one engine to the next.
TEST(engine, a_page_of_other_definitions_is_made_anew) {
  const std::uint64_t seed = fresh_seed();
  std::cout << "HOSPES_SEED=" << seed << "\n";
  for (std::uint64_t world = 0; world < 300; ++world) {
    Chance chance(seed + world);
    chance.quick = true;  // guarded: a page of many blocks
    Names names;
    const Engine many(*chance.bound(60, small_house(names))), few(*chance.bound(2, small_house(names)));
    Timeline timeline;
    Instant now = world_begins;
    for (std::uint64_t serial = 0; serial < 12; ++serial) {
      now = now + chance.step();
      timeline.add(chance.event(now, serial, names));
    }
    const auto seen = seen_of(timeline);
    Page page;
    Flips flips;
    for (const Engine* engine : {&many, &few, &many, &few}) {
      engine->rebuild(page, {seen, 3}, now, flips);
      const auto truth = evaluate_all(engine->definitions(), {seen, 3}, now);
      for (SegmentIndex i = 0; i < engine->definitions().size(); ++i)
        ASSERT_EQ(page.since(i).has_value(), truth.in[i]) << world << " " << i;
    }
  }
}

TEST(engine, flips_tell_the_story_once) {
  const std::uint64_t seed = fresh_seed();
  SCOPED_TRACE(testing::Message() << "HOSPES_SEED=" << seed);
  Chance chance(seed);
  Names names;
  const auto definitions = chance.bound(40, small_house(names));
  ASSERT_TRUE(definitions);
  const Engine engine(*definitions);
  Live live{.engine = engine};
  std::vector<std::string> wrong;
  live.rebuild(world_begins, Cause::rebuild);
  live_through(chance, live, names, wrong);
  std::map<SegmentIndex, Instant> in;
  for (const Flip& f : live.flips) {
    EXPECT_NE(f.entered, in.contains(f.segment)) << "entered twice or left twice";
    if (f.entered)
      in[f.segment] = f.at;
    else
      in.erase(f.segment);
  }
  EXPECT_EQ(in.size(), live.page.members().size());
  for (const Member& m : live.page.members()) EXPECT_EQ(in.at(m.segment), m.since);
}

}  // namespace
}  // namespace hospes::segment
