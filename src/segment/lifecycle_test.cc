#include "segment/lifecycle.h"

#include <gtest/gtest.h>

#include <iostream>

#include "segment/chance.h"
#include "segment/file.h"
#include "segment/text.h"

namespace hospes::segment {
namespace {

constexpr std::string_view file = R"(# stages of a shop
segment active
  purpose market
  where last("Order Completed") < 90d ago

# who is silent
segment quiet
  purpose market
  where last("Order Completed") in 180d..90d and count("Order Completed") >= 4

segment lost
  purpose market
  where last("Order Completed") >= 180d ago

# the family
lifecycle customer
  name en "Life of a customer" fr "Vie d'un client"
  stages active, quiet, lost
)";

std::string said_of(std::string_view text) {
  const auto read = parse_file(text);
  if (!read) return read.error().message;
  const auto wrong = mistake_in(*read);
  return wrong ? wrong->message : "";
}

TEST(lifecycle, is_read_and_written) {
  const auto read = parse_file(file);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->lifecycles.size(), 1U);
  EXPECT_EQ(format(read->lifecycles[0]),
            "lifecycle customer\n  name en \"Life of a customer\" fr \"Vie d'un client\"\n  stages active, quiet, lost\n");
  EXPECT_EQ(said_of(file), "");
  const std::string in_force = succession({}, read->definitions, read->lifecycles);
  const auto again = parse_in_force(in_force);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->lifecycles, read->lifecycles);
  EXPECT_EQ(again->definitions, read->definitions);
}

TEST(lifecycle, is_left_alone_when_a_segment_of_its_file_changes) {
  Definition lost = parse_file(file)->definitions[2];
  lost.name_en = "Lost";
  lost.predicate = *parse_predicate("last(\"Order Completed\") >= 200d ago");
  const std::string after = *with_definition(file, lost);
  EXPECT_EQ(parse_file(after)->lifecycles, parse_file(file)->lifecycles);
  EXPECT_NE(after.find("# the family\nlifecycle customer"), after.npos);
  Definition fresh = lost;
  fresh.id = "fresh";
  const std::string longer = *with_definition(file, fresh);
  EXPECT_EQ(parse_file(longer)->lifecycles, parse_file(file)->lifecycles);
  EXPECT_EQ(*without_definition(longer, "fresh"), std::string(file) + "\n");
}

TEST(lifecycle, mistakes_say_what_would_do) {
  const auto with = [](std::string_view stages, std::string_view more = "") {
    return said_of(std::string(file.substr(0, file.find("# the family"))) + std::string(more) + "lifecycle customer\n  stages " + std::string(stages) + "\n");
  };
  EXPECT_EQ(with("active, lost"), "");
  EXPECT_EQ(with("active"), "life cycle customer has 1 stages; 2 to 32 make one");
  EXPECT_EQ(with("active, gone"), "life cycle customer names segment \"gone\", which is not there");
  EXPECT_EQ(with("active, active"), "segment active is a stage of life cycle customer already");
  EXPECT_EQ(
      with("active, rich", "segment rich purpose market where sum(\"Order Completed\".total) >= 9\n"),
      "one person could be in stage active and in stage rich: write `and not in segment active` in rich"
  );
  EXPECT_EQ(
      with("active, rich", "segment rich purpose market where sum(\"Order Completed\".total) >= 9 and not in segment active\n"), ""
  );
  EXPECT_EQ(
      with("active, other", "segment other purpose measure where last(\"Order Completed\") >= 90d ago\n"),
      "stage other has purpose measure, stage active has market: all stages have one"
  );
}

/// Whenever two definitions are said to exclude each other, nobody ever meets both.
TEST(lifecycle, what_is_proved_apart_is_apart) {
  const std::uint64_t seed = fresh_seed();
  std::cout << "seed " << seed << "\n";
  std::uint64_t pairs = 0, met = 0;
  for (std::uint64_t world = 0; world < 60; ++world) {
    Chance chance(seed + world);
    Names names;
    const std::vector<std::string> texts = [&] {
      std::vector<std::string> out;
      for (int i = 0; i < 12; ++i) {
        const auto days = [&] { return std::to_string(1 + chance.dice.below(6)) + "d"; };
        const std::string n = std::to_string(chance.dice.below(4));
        const std::string event = chance.dice.chance(50) ? "\"Order Completed\"" : "\"Product Viewed\"";
        const char* order[] = {">=", "<", "=", ">", "<="};
        switch (chance.dice.below(4)) {
          case 0:
            out.push_back("last(" + event + ") < " + days() + " ago");
            break;
          case 1:
            out.push_back("last(" + event + ") >= " + days() + " ago");
            break;
          case 2:
            out.push_back("count(" + event + ") " + order[chance.dice.below(5)] + " " + n);
            break;
          default:
            out.push_back("not count(" + event + ", 3d) >= 1");
        }
        if (i > 0 && chance.dice.chance(50)) out.back() += " and " + out[chance.dice.below(static_cast<std::uint64_t>(i))];
        if (i > 0 && chance.dice.chance(20)) out.back() += " and not in segment s" + std::to_string(chance.dice.below(static_cast<std::uint64_t>(i)));
      }
      return out;
    }();
    std::string source;
    for (std::size_t i = 0; i < texts.size(); ++i)
      source += "segment s" + std::to_string(i) + " purpose p0 where " + texts[i] + "\n";
    const auto list = parse(source);
    ASSERT_TRUE(list) << list.error().message;
    const auto definitions = segment::bind(*list, small_house(names));
    ASSERT_TRUE(definitions) << definitions.error().message;
    std::vector<std::pair<SegmentIndex, SegmentIndex>> apart;
    for (SegmentIndex a = 0; a < list->size(); ++a)
      for (SegmentIndex b = a + 1; b < list->size(); ++b) {
        EXPECT_EQ(exclude_each_other((*list)[a], (*list)[b]), exclude_each_other((*list)[b], (*list)[a]));
        if (exclude_each_other((*list)[a], (*list)[b])) apart.emplace_back(a, b);
      }
    pairs += apart.size();
    for (int who = 0; who < 20; ++who) {
      Timeline timeline;
      Instant now = world_begins;
      for (std::uint64_t e = 0; e < chance.dice.below(6); ++e) {
        now = now + std::chrono::hours(chance.dice.below(60));
        Event event = chance.event(now, e, names);
        event.mask = ~Mask{0};
        event.name = names.intern(chance.dice.chance(50) ? "Order Completed" : "Product Viewed").value();
        timeline.add(event);
      }
      const auto seen = seen_of(timeline);
      const Memberships truth = evaluate_all(**definitions, {seen, 0, {}}, now + std::chrono::hours(chance.dice.below(80)));
      for (const auto& [a, b] : apart) {
        EXPECT_FALSE(truth.in[a] && truth.in[b])
            << "seed " << seed + world << ": " << texts[a] << " / " << texts[b];
        met += truth.in[a] || truth.in[b] ? 1 : 0;
      }
    }
  }
  std::cout << pairs << " pairs apart, " << met << " times somebody was in one of them\n";
  EXPECT_GT(pairs, 300U);
  EXPECT_GT(met, 1'000U);
}

}  // namespace
}  // namespace hospes::segment
