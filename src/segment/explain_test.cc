#include "segment/explain.h"

#include <gtest/gtest.h>

#include <iostream>

#include "segment/chance.h"
#include "segment/text.h"

namespace hospes::segment {
namespace {

std::vector<Property> list_of(const Properties& properties) {
  std::vector<Property> list;
  for (PackedReader in(properties.packed()); in.next();)
    list.push_back({in.name(), Value(in.value())});
  return list;
}

struct Told {
  int pairs = 0, changes = 0, waits = 0, nothing = 0, unproposed = 0;
  std::vector<std::string> missed;  // nothing was known, and something turned it
};

/// Whether random events and waiting turn what nothing is known to turn.
bool turns_by_chance(
    Chance& chance, const Definitions& definitions, SegmentIndex i, const Person& person,
    Names& names, Instant now, bool in
) {
  for (int attempt = 0; attempt < 60; ++attempt) {
    Change random{.at = now + chance.duration()};
    for (std::uint64_t n = 1 + chance.dice.below(3); n > 0; --n) {
      const Event event = chance.event(now, n, names);
      random.add.push_back(
          {.event = std::string(names.text(event.name)),
           .type = event.type,
           .properties = list_of(event.properties)}
      );
    }
    if (holds_after(definitions, i, person, now, random) != in) return true;
  }
  return false;
}

/// Ten segments about one person: each explanation must be true.
void explain_one_world(Chance& chance, Told& told) {
  Names names;
  const auto bound = chance.bound(10, small_house(names));
  ASSERT_TRUE(bound);
  const Definitions& definitions = **bound;
  Timeline timeline;
  Instant now = world_begins;
  for (std::uint64_t serial = 0; serial < 15; ++serial) {
    timeline.add(chance.event(now, serial, names));
    now = now + chance.step();
  }
  const auto seen = seen_of(timeline);
  const auto answers = chance.plain ? std::vector<Answered>{} : chance.answers(now);
  const Person person{seen, chance.dice.below(4), answers};
  const Memberships truth = evaluate_all(definitions, person, now);
  for (SegmentIndex i = 0; i < definitions.size(); ++i, ++told.pairs) {
    const Explanation e = explain(definitions, i, person, std::nullopt, now);
    const std::string what =
        format(definitions.at(i).definition) + to_text(e, definitions, Language::en);
    ASSERT_EQ(e.in, truth.in[i]) << what;
    if (e.passes) {
      ++told.waits;
      EXPECT_NE(evaluate_all(definitions, person, *e.passes).in[i], e.in) << what;
      EXPECT_EQ(evaluate_all(definitions, person, *e.passes - Duration(1)).in[i], e.in) << what;
    }
    if (e.change) {
      ++told.changes;
      EXPECT_GE(e.change->at, now);
      EXPECT_TRUE(e.unproposed.empty()) << what;
      EXPECT_NE(carried_out(definitions, i, person, names, *e.change, now), e.in) << what;
      EXPECT_NE(holds_after(definitions, i, person, now, *e.change), e.in) << what;
    }
    told.unproposed += !e.unproposed.empty();
    if (!e.nothing_known() || !e.unproposed.empty()) continue;
    ++told.nothing;
    // It says that it knows of nothing: then random events and waiting must not turn it either.
    if (turns_by_chance(chance, definitions, i, person, names, now, e.in))
      told.missed.push_back(what);
  }
}

Told explain_worlds(Chance& chance, int pairs) {
  Told told;
  while (told.pairs < pairs && !testing::Test::HasFatalFailure()) explain_one_world(chance, told);
  std::cout << told.pairs << " pairs: " << told.changes << " flipped by a change, " << told.waits
            << " by time alone, " << told.unproposed << " without a proposal and why, "
            << told.nothing << " by nothing known, of which " << told.missed.size()
            << " turned by chance\n";
  return told;
}

TEST(explain, proposed_changes_do_flip) {
  const std::uint64_t seed = fresh_seed();
  std::cout << "HOSPES_SEED=" << seed << "\n";
  Chance chance(seed);
  chance.plain = true;
  const Told told = explain_worlds(chance, 1'000);
  EXPECT_LE(told.missed.size(), 5U) << told.missed[0];
  EXPECT_GT(told.changes, 500);
  EXPECT_EQ(told.unproposed, 0);
}

TEST(explain, the_whole_language_has_a_proposal_or_says_why_not) {
  const std::uint64_t seed = fresh_seed();
  std::cout << "HOSPES_SEED=" << seed << "\n";
  Chance chance(seed);
  const Told told = explain_worlds(chance, 400);
  EXPECT_LE(told.missed.size(), 2U) << told.missed[0];
  EXPECT_GT(told.changes, 100);
  EXPECT_GT(told.unproposed, 20);
}

TEST(explain, says_why_no_change_is_proposed) {
  Names names;
  auto read = parse(R"(segment reachable purpose p0 where
    permission p1 given and now falls "18:00".."22:00" and count("Order Completed") > 0)");
  ASSERT_TRUE(read);
  const auto bound = segment::bind(*std::move(read), small_house(names));
  ASSERT_TRUE(bound);
  const Instant now = *parse_instant("2026-06-20T12:00:00Z");
  const Explanation e = explain(**bound, 0, {}, std::nullopt, now);
  EXPECT_FALSE(e.change);
  const std::string english = to_text(e, **bound, Language::en);
  EXPECT_NE(
      english.find("no change proposed, because this is theirs to say: permission p1 given\n"),
      std::string::npos
  ) << english;
  EXPECT_NE(english.find("this comes with the calendar: now falls"), std::string::npos) << english;
  EXPECT_EQ(english.find("no single change is known"), std::string::npos) << english;
  EXPECT_NE(
      to_text(e, **bound, Language::fr).find("c'est à la personne de le dire"), std::string::npos
  );
  EXPECT_NE(
      to_json(e, **bound)
          .find(R"("unproposed":[{"test":"permission p1 given","because":"theirs"},{"test":"now )"),
      std::string::npos
  ) << to_json(e, **bound);
}

TEST(explain, speaks_as_the_terminal_page_does) {
  Names names;
  auto read = parse(R"(segment loyal_going_quiet purpose p0 where
    count("Order Completed") >= 2 and last("Order Completed") in 180d..90d)");
  ASSERT_TRUE(read);
  const auto bound = segment::bind(*std::move(read), small_house(names));
  ASSERT_TRUE(bound);
  Timeline timeline;
  std::uint64_t serial = 0;
  for (const char* day : {"2026-01-10T12:00:00Z", "2026-03-01T12:00:00Z"}) {
    Event e;
    e.happened = e.received = *parse_instant(day);
    e.message = {0, ++serial};
    e.mask = 1;
    e.name = *names.intern("Order Completed");
    timeline.add(e);
  }
  const auto seen = seen_of(timeline);
  const Instant now = *parse_instant("2026-06-20");
  const auto since = *parse_instant("2026-05-30T12:00:00Z");
  const Explanation e = explain(**bound, 0, {seen, 0}, since, now);
  EXPECT_EQ(
      to_text(e, **bound, Language::en),
      "IN since 2026-05-30T12:00:00Z   purpose: p0\n"
      "  yes  all of   ends on 2026-08-28T12:00:00Z\n"
      "  ├─ yes  count(\"Order Completed\")   2   needs >= 2   first 2026-01-10T12:00:00Z   last "
      "2026-03-01T12:00:00Z\n"
      "  └─ yes  last(\"Order Completed\")   2026-03-01T12:00:00Z   needs in 180d..90d   first "
      "2026-03-01T12:00:00Z"
      "   ends on 2026-08-28T12:00:00Z\n"
      "leaves on 2026-08-28T12:00:00Z if nothing happens\n"
      "would leave with: 1 × \"Order Completed\"\n"
  );
  EXPECT_NE(to_text(e, **bound, Language::fr).find("sortirait avec"), std::string::npos);
  EXPECT_EQ(
      to_json(e, **bound)
          .find("{\"segment\":\"loyal_going_quiet\",\"purpose\":\"p0\",\"in\":true,"
                "\"since\":\"2026-05-30T12:00:00Z\""),
      0U
  );
}

}  // namespace
}  // namespace hospes::segment
