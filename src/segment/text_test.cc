#include "segment/text.h"

#include <gtest/gtest.h>

#include <random>

#include "base/dice.h"

namespace hospes::segment {
namespace {

TEST(text, canonical_forms_read_back) {
  for (const std::string_view text :
       {R"(count("Order Completed", 90d) >= 3)",
        R"(sum("Order Completed".total where quantity > 1 and "odd name" = "a\"b", 365d) >= 300.5)",
        R"(last("Order Completed") in 180d..90d and not in segment gold)",
        R"(first("Order Completed") < 30d ago or last("Order Completed", 90d) >= 7d ago)",
        R"(did first "Order Completed" then "Order Completed" within 30d in 90d)",
        R"(trait("renewal") before 30d from now)", R"(trait("renewal") within 2d ago)",
        R"(trait("renewal") after "2026-12-01T00:00:00Z")", R"(trait("born") before now)",
        R"(has identifier user_id and trait("country") in ("FR", "BE"))",
        R"(count("A", ever..90d) = 0 and (trait("vip") = true or trait("name") starts "B"))",
        R"(first("A".page.path) contains "x\x07")"}) {
    const auto node = parse_predicate(text);
    ASSERT_TRUE(node) << text << ": " << node.error().message;
    EXPECT_EQ(format(*node), text);
  }
}

TEST(text, an_and_after_did_joins_tests) {
  const auto node =
      parse_predicate(R"(did "A" where x = 1 and did "B" then ("C" where y = 1 and z = 2))");
  ASSERT_TRUE(node) << node.error().message;
  EXPECT_EQ(
      format(*node), R"(count("A" where x = 1) >= 1 and did "B" then ("C" where y = 1 and z = 2))"
  );
}

TEST(text, did_is_a_count) {
  EXPECT_EQ(
      format(*parse_predicate(R"(did not "A" where x = 1 in 7d)")),
      R"(not count("A" where x = 1, 7d) >= 1)"
  );
}

TEST(text, a_file_holds_several_and_reads_back) {
  const std::string_view file = R"(# the house
segment gold
  purpose market
  name en "Gold" fr "Or"
  where sum("Order Completed".total, 365d) >= 300

segment quiet purpose "contact:email"
  sentence fr "Se taisent."
  where in segment gold
    and last("Order Completed") >= 90d ago
)";
  const auto read = parse(file);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  std::string again;
  for (const Definition& d : *read) again += format(d);
  EXPECT_EQ(*parse(again), *read);
  EXPECT_EQ((*read)[0].name_fr, "Or");
}

TEST(text, mistakes_point_at_their_place) {
  const auto read = parse("segment a\n  purpose market where\n  count(\"x\", 90d >= 3\n");
  ASSERT_FALSE(read);
  EXPECT_EQ(
      to_string(read.error(), "a.seg"),
      "a.seg:3:18  expected `)`, found >=\n"
      "   3 |   count(\"x\", 90d >= 3\n"
      "     |                  ^^"
  );
}

TEST(text, refusals_say_what_to_change) {
  const auto refuses = [](std::string_view text, std::string_view part) {
    const auto node = parse_predicate(text);
    ASSERT_FALSE(node) << text;
    EXPECT_NE(node.error().message.find(part), std::string::npos) << node.error().message;
    EXPECT_EQ(node.error().place.line, 1U) << text;
  };
  refuses(R"(count("x", 90d..180d) > 1)", "longer age first");
  refuses(R"(distinct("x".p) > 4097)", "exact up to 4096");
  refuses(R"(sum("x") > 1)", "property");
  refuses(R"(count("x") > "1")", "number");
  refuses(R"(trait("x") < "a")", "compares numbers");
  refuses(R"(last("x") > 3)", "an age");
  refuses(R"(trait("x") before "soon")", "not a date");
  refuses(R"(count("x) > 3)", "closing");
  refuses(R"(count("x") > 99999999999999)", "outside");
  refuses("\x01", "means nothing");
  refuses("", "found the end");
  std::string deep, many = R"(did "x")";
  for (unsigned i = 0; i <= depth_max; ++i) deep += "not ";
  refuses(deep + R"(did "x")", "deeper than 32");
  for (unsigned i = 0; i < nodes_max; ++i) many += R"( and did "x")";
  refuses(many, "more than 256");
}

TEST(text, survives_torn_and_twisted_input) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Dice dice(seed);
  const std::string whole =
      R"(segment a purpose market name en "x" where did first "A" where p >= -1.5e3 then
 "B" within 3d in 9d and (trait("t") before 3d ago or sum("E".p, 9d..3d) != 2))";
  for (int i = 0; i < 20'000; ++i) {
    std::string text = whole.substr(dice.below(8) == 0 ? dice.below(whole.size()) : 0);
    for (std::uint64_t n = dice.below(6); n > 0 && !text.empty(); --n) {
      const std::size_t at = dice.below(text.size());
      if (dice.chance(50))
        text[at] = static_cast<char>(dice.below(256));
      else
        text.erase(at, dice.below(20));
    }
    const auto read = parse(text);
    if (!read)
      EXPECT_FALSE(read.error().message.empty());
    else
      for (const Definition& d : *read) EXPECT_EQ(parse(format(d))->at(0), d) << format(d);
  }
}

}  // namespace
}  // namespace hospes::segment
