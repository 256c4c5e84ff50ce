#include "segment/kin.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "segment/chance.h"
#include "segment/text.h"

namespace hospes::segment {
namespace {

using Ids = std::vector<std::string>;

std::shared_ptr<const Definitions> bound(const std::vector<Definition>& list, Names& names) {
  return segment::bind(list, small_house(names)).value();
}

TEST(kin, twins_say_the_same_in_another_order) {
  const auto list = *parse(R"(
segment a purpose p0 where did "A" and did "B" and not did "C"
segment b purpose p0 where not did "C" and (did "B" and did "A")
segment c purpose p1 where did "A" and did "B" and not did "C"
segment d purpose p0 where did "A" or did "B" and not did "C"
segment e purpose p0 where not not (did "A" and did "A" and did "B" and not did "C")
segment f purpose p0 where count("A") >= 1 and count("B") >= 1 and count("C") = 0)");
  Names names;
  const auto known = bound(list, names);
  EXPECT_EQ(twins_of(*known, list[0]), (Ids{"b", "e"}));
  EXPECT_EQ(twins_of(*known, list[2]), Ids{}) << "another purpose sees other events";
  EXPECT_EQ(twins_of(*known, list[3]), Ids{});
}

TEST(kin, who_asks_is_found_at_any_depth) {
  const auto list = *parse(R"(
segment a purpose p0 where did "A"
segment b purpose p0 where did "A" or (did "B" and not in segment a)
segment c purpose p0 where still (in segment a) in 3d
segment d purpose p0 where in segment b)");
  Names names;
  EXPECT_EQ(used_in(*bound(list, names)), (std::vector<Ids>{{"b", "c"}, {"d"}, {}, {}}));
  const auto without = segment::bind(list, small_house(names), {false, false, true, true});
  ASSERT_TRUE(without);
  EXPECT_EQ(used_in(**without), (std::vector<Ids>{{"b"}, {}, {}, {}})) << "the retired ask nothing";
}

/// Whatever is called the same is the same people; whatever is shuffled is called the same.
TEST(kin, the_same_essence_is_the_same_members) {
  const std::uint64_t seed = fresh_seed();
  SCOPED_TRACE(testing::Message() << "HOSPES_SEED=" << seed);
  Chance chance(seed);
  chance.plain = true;
  for (int world = 0; world < 40; ++world) {
    Names names;
    std::vector<Definition> list;
    for (int i = 0; i < 8; ++i) {
      Definition d{.id = "s" + std::to_string(2 * i), .purpose = "p0"};
      d.predicate = chance.predicate(0);
      Definition twin{.id = "s" + std::to_string(2 * i + 1), .purpose = "p0"};
      twin.predicate = d.predicate;
      if (auto* all = std::get_if<All>(&twin.predicate.is)) {
        std::ranges::reverse(all->of);
        all->of.push_back(all->of[0]);
      }
      list.push_back(std::move(d));
      list.push_back(std::move(twin));
    }
    Timeline timeline;
    Instant now = world_begins;
    for (std::uint64_t serial = 0; serial < 15; ++serial) {
      timeline.add(chance.event(now, serial, names));
      now = now + chance.step();
    }
    const auto known = bound(list, names);
    const auto seen = seen_of(timeline);
    const Memberships members = evaluate_all(*known, {seen, chance.dice.below(4)}, now);
    for (SegmentIndex i = 0; i < list.size(); i += 2) {
      const auto twins = twins_of(*known, list[i]);
      EXPECT_NE(std::ranges::find(twins, list[i + 1].id), twins.end()) << format(list[i]);
      for (const std::string& id : twins)
        EXPECT_EQ(members.in[i], members.in[*known->find(id)]) << format(list[i]) << id;
    }
  }
}

}  // namespace
}  // namespace hospes::segment
