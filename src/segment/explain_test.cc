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

/// The change carried out by hand, on a timeline of its own, judged by evaluate_all: none of the
/// search's own code.
bool carried_out(
    const Definitions& definitions, SegmentIndex segment, const Person& person, Names& names,
    const Change& change, Instant now
) {
  Timeline added;
  std::uint64_t serial = 1'000'000;
  for (const Addition& a : change.add) {
    Event e;
    e.type = a.type;
    e.name = *names.intern(a.event);
    e.happened = e.received = now + a.after;
    e.message = {serial, ++serial};
    e.mask = bit(definitions.at(segment).purpose);
    e.properties = a.properties;
    added.add(e);
  }
  std::vector<Seen> all(person.events.begin(), person.events.end());
  for (const Seen& s : seen_of(added)) all.push_back(s);
  std::ranges::sort(all, [](const Seen& a, const Seen& b) {
    return a.moment->key() < b.moment->key();
  });
  return evaluate_all(definitions, {all, person.kinds | change.kinds, person.answers}, change.at)
      .in[segment];
}

TEST(explain, proposed_changes_do_flip) {
  const std::uint64_t seed = fresh_seed();
  std::cout << "HOSPES_SEED=" << seed << "\n";
  Chance chance(seed);
  std::vector<std::string> missed;
  int pairs = 0, changes = 0, waits = 0, nothing = 0;
  while (pairs < 1'000) {
    // Of the other forms every proposal must flip too, but for permission and the calendar none is
    // known.
    chance.plain = pairs < 800;
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
    const Person person{seen, chance.dice.below(4)};
    const Memberships truth = evaluate_all(definitions, person, now);
    for (SegmentIndex i = 0; i < definitions.size(); ++i, ++pairs) {
      const Explanation e = explain(definitions, i, person, std::nullopt, now);
      const std::string what =
          format(definitions.at(i).definition) + to_text(e, definitions, Language::en);
      ASSERT_EQ(e.in, truth.in[i]) << what;
      if (e.passes) {
        ++waits;
        EXPECT_NE(evaluate_all(definitions, person, *e.passes).in[i], e.in) << what;
        EXPECT_EQ(evaluate_all(definitions, person, *e.passes - Duration(1)).in[i], e.in) << what;
      }
      if (e.change) {
        ++changes;
        EXPECT_GE(e.change->at, now);
        EXPECT_NE(carried_out(definitions, i, person, names, *e.change, now), e.in) << what;
        EXPECT_NE(holds_after(definitions, i, person, now, *e.change), e.in) << what;
      }
      if (!e.nothing_known()) continue;
      ++nothing;
      // It says that it knows of nothing: then random events and waiting must not turn it either.
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
        if (!chance.plain || holds_after(definitions, i, person, now, random) == e.in) continue;
        missed.push_back(what + "at " + to_string(random.at));
        break;
      }
    }
  }
  std::cout << pairs << " pairs: " << changes << " flipped by a change, " << waits
            << " by time alone, " << nothing << " by neither, of which " << missed.size()
            << " turned by chance\n";
  EXPECT_LE(missed.size(), 5U) << missed[0];
  EXPECT_GT(changes, 400);
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
