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
        R"(first("A".page.path) contains "x\x07")",
        R"(did "A" then ("B" where x = 1 and y = 2) after 1h within 2h same sku without "C" then "D" in 90d)",
        R"(did first "A" then ("B" answered by "C" within 2h same sku) without ("C" where x = 1))",
        R"(count(days with 3 "A" where x = 1, 30d) >= 2 or count(sessions with "A") = 0)",
        R"(count("Email Delivered" unanswered by "Email Link Clicked" within 2d, 30d) >= 3)",
        R"(most("Product Viewed".sku, 2d) >= 3)",
        R"(sum("A".total, 90d) < 0.5 * sum("A".total, 180d..90d))",
        R"(silence("A") > 2 * median_gap("A") and longest_gap("A") >= shortest_gap("A"))",
        R"(sum("A".total) in top 20% and count("A") in bottom 2.5%)",
        R"(count("A", 90d) >= 2 * median and sum("A".total) < median and most("A".sku) > 0.5 * median)",
        R"(count("A" where median = 1) >= 1)",
        R"(still (count("A", 90d) >= 1 or did "B" then "A") on "2026-12-24T00:00:00Z")",
        R"(still (count("A", 90d) >= 1) in 30d)",
        R"(now falls "18:00".."22:00" and now falls on (saturday, sunday) and now falls "12-15".."01-06")",
        R"(count("A" where happened falls "22:00".."06:00" and delivery_date falls "11-15".."12-24") >= 1)",
        R"(trait("birthday") falls today)",
        R"(count("A" where place near (48.8566, -2.3522) within 5km) >= 1 and trait("home") near (0, 0) within 800.5m)",
        R"(permission "contact:email" given and not permission market against in 7d)",
        R"(permission personalise unset or permission "contact:email" ends within 30d from now)",
        R"(last("Score Computed".value where score = "churn") >= 0.7)"}) {
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
  refuses(R"(cuont("x") > 3)", "did you mean `count`?");
  refuses(R"(permission "contact:email" givn)", "did you mean `given`?");
  refuses(R"(now falls on (satuday))", "did you mean `saturday`?");
  refuses(R"(count("x") > 3 && did "y")", "is written `and`");
  refuses(R"(now falls "18:00".."12-24")", "time of day");
  refuses(R"(now falls "18:00".."18:00")", "no length");
  refuses(R"(now falls "02-30".."03-01")", "day of the year");
  refuses(R"(count("x") in top 100%)", "below 100 %");
  refuses(R"(average("x".p) in top 20%)", "ranked by");
  refuses(R"(average("x".p) >= 2 * median)", "ranked by");
  refuses(R"(count("x") = median)", "< <= > or >=");
  refuses(R"(count("x") >= 0 * median)", "above 0");
  refuses(R"(count("x") >= "2" * median)", "multiplied by a number");
  refuses(R"(sum("x".p) > 1001 * sum("x".p))", "at most 1000");
  refuses(R"(first("x".p) = 1 and last("x".p) > 2 * count("x"))", "end, `and`");
  refuses(R"(did "x" then "y" after 2h within 1h)", "no time is left");
  refuses(R"(count("x" where place near (91, 0) within 5km) > 1)", "±90");
  refuses(R"(sum(days with "x".p) > 1)", "are counted");
  refuses(R"(still (did "x") 3d)", "`on`");
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
