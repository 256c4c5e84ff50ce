#include "segment/file.h"

#include <gtest/gtest.h>

namespace hospes::segment {
namespace {

constexpr std::string_view shop = R"(# The shop's segments.

# Bought once.
segment one
  purpose market
  where
    count("Order") = 1   # not more

# Bought at all.
segment any purpose market where count("Order") >= 1

segment all_but_one
  purpose market
  where
    in segment
    any and not in segment one
# The end.
)";

Definition defined(std::string_view text) { return parse(text)->front(); }

TEST(file, a_definition_is_replaced_and_the_rest_stays_as_it_was) {
  const Definition changed = defined("segment any purpose market where count(\"Order\") >= 2");
  const std::string out = *with_definition(shop, changed);
  std::string wanted(shop);
  constexpr std::string_view line = "segment any purpose market where count(\"Order\") >= 1\n";
  wanted.replace(wanted.find(line), line.size(), format(changed));
  EXPECT_EQ(out, wanted);
  EXPECT_EQ(*with_definition(out, changed), out);
}

TEST(file, a_new_one_stands_behind_all) {
  const Definition fresh = defined("segment fresh purpose market where count(\"Order\") >= 9");
  EXPECT_EQ(*with_definition(shop, fresh), std::string(shop) + "\n" + format(fresh));
  EXPECT_EQ(*with_definition("", fresh), format(fresh));
}

TEST(file, one_goes_with_the_comment_above_it) {
  const std::string out = *without_definition(shop, "one");
  EXPECT_TRUE(out.starts_with("# The shop's segments.\n\n# Bought at all.\nsegment any"));
  EXPECT_EQ(*without_definition(shop, "nobody"), shop);
  const std::string last = *without_definition(shop, "all_but_one");
  EXPECT_TRUE(last.ends_with("count(\"Order\") >= 1\n\n# The end.\n")) << last;
  EXPECT_EQ(*without_definition("segment a purpose p where count(\"A\") >= 1", "a"), "");
}

TEST(file, a_mistake_is_told_where_it_is) {
  const Definition fresh = defined("segment fresh purpose market where count(\"Order\") >= 9");
  const auto out = with_definition("segment one\n  purpse market", fresh);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().place.line, 2U);
  EXPECT_FALSE(parse("retired one\n")) << "a house's file says it by leaving the segment out";
}

TEST(file, whoever_takes_over_keeps_the_places) {
  const auto named = [](std::string_view id) {
    return defined("segment " + std::string(id) + " purpose market where count(\"Order\") >= 1");
  };
  InForce house{{named("a"), named("b")}, {false, false}, {{"market", "x", Decimal::whole(3), {}}}};
  const auto ids = [](const InForce& of) {
    std::string out;
    for (std::size_t i = 0; i < of.definitions.size(); ++i)
      out += of.definitions[i].id + (of.retired[i] ? "! " : " ");
    return out;
  };
  const auto next = [&](std::vector<Definition> list) {
    house = *parse_in_force(succession(house, list));
    return ids(house);
  };
  EXPECT_EQ(next({named("c"), named("b"), named("a")}), "a b c ");
  EXPECT_EQ(next({named("c"), named("d")}), "a! b! c d ");
  EXPECT_EQ(next({named("d"), named("b")}), "a! b c! d ");
  EXPECT_EQ(house.thresholds.size(), 1U);
  EXPECT_EQ(house.definitions[1], named("b"));
}

}  // namespace
}  // namespace hospes::segment
