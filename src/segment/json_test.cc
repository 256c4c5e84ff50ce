#include "segment/json.h"

#include <gtest/gtest.h>

#include "segment/chance.h"
#include "segment/check.h"
#include "segment/sentence.h"

namespace hospes::segment {
namespace {

TEST(forms, text_and_json_read_back_to_the_same_tree) {
  const std::uint64_t seed = fresh_seed();
  SCOPED_TRACE(testing::Message() << "HOSPES_SEED=" << seed);
  Chance chance(seed);
  for (int round = 0; round < 100; ++round) {
    for (const Definition& d : chance.definitions(20)) {
      ASSERT_FALSE(validate(d)) << format(d) << validate(d)->message;
      const auto text = parse(format(d));
      ASSERT_TRUE(text) << to_string(text.error(), "x.seg");
      EXPECT_EQ(text->at(0), d) << format(d);
      const auto json = parse_json(to_json(d));
      ASSERT_TRUE(json) << to_json(d) << json.error().message;
      EXPECT_EQ(json->at(0), d) << to_json(d);
      for (const Language language : {Language::en, Language::fr}) {
        const std::string sentence = to_sentence(d.predicate, language);
        const auto read = parse_sentence(sentence, language);
        ASSERT_TRUE(read) << sentence << "\n" << to_string(read.error(), "sentence");
        EXPECT_EQ(*read, d.predicate) << sentence << "\n" << format(*read) << "\n" << format(d);
      }
    }
  }
}

TEST(forms, what_one_form_cannot_say_the_other_refuses) {
  const auto past = parse_json_predicate(R"({"date":"d","test":"past","offset":"-9d"})");
  EXPECT_TRUE(!past || validate(*past)) << "the text form says ago or from now, never less than 0";
  const auto bytes = parse_predicate("did \"Order\xff\"");
  ASSERT_FALSE(bytes) << "JSON has no such bytes";
  EXPECT_NE(bytes.error().message.find("UTF-8"), std::string::npos) << bytes.error().message;
}

TEST(json, mistakes_are_refused_with_a_reason) {
  const auto refuses = [](std::string_view text, std::string_view part) {
    const auto read = parse_json_predicate(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().message.find(part), std::string::npos) << read.error().message;
  };
  refuses("", "no JSON");
  refuses("[", "no JSON");
  refuses("{}", "one of all, any");
  refuses(R"({"fold":"count","event":"x","test":">=","value":1,"colour":2})", "no \"colour\"");
  refuses(R"({"all":[],"any":[]})", "no \"any\"");
  refuses(R"({"fold":"count","event":"x","test":">="})", "one value");
  refuses(R"({"fold":"count","event":"x","test":"~","value":1})", "unknown test");
  refuses(R"({"not":{"in_segment":"A b"}})", "a-z");
  refuses(
      R"({"fold":"count","event":"x","window":{"from":"soon"},"test":">=","value":1})", "duration"
  );
  std::string deep = R"({"in_segment":"x"})";
  for (unsigned i = 0; i < depth_max; ++i) deep = R"({"not":)" + deep + "}";
  refuses(deep, "deeper than 32");
  for (unsigned i = 0; i < 5'000; ++i) deep = R"({"not":)" + deep + "}";
  refuses(deep, "too deep");
}

TEST(check, names_the_nearest_known) {
  const std::string_view source =
      "segment a\n  purpose market where\n  count(\"Order Complete\", 90d) >= 3";
  const auto read = parse(source);
  ASSERT_TRUE(read);
  Vocabulary known;
  known.events = {
      {{"Order Completed", 69'659, "69,659 events, last 2 s ago"}, {"Page Viewed", 1, ""}}};
  known.purposes = {{{"market", 1, ""}}};
  const auto mistakes = check(*read, known, source);
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(
      to_string(mistakes[0], "big.seg"),
      "big.seg:3:9  unknown event \"Order Complete\"; the nearest known is \"Order Completed\" "
      "(69,659 events, last 2 s ago)\n"
      "   3 |   count(\"Order Complete\", 90d) >= 3\n"
      "     |         ^^^^^^^^^^^^^^^^"
  );
}

TEST(check, looks_at_every_kind_of_name) {
  const std::string_view source =
      R"(segment a purpose markt where trait("countri") exists and in segment b
 and has identifier usr_id and sum("E".totl where catgory = 1) > 3)";
  Vocabulary known;
  known.events = {{{"E", 1, ""}}};
  known.traits = {{{"country", 1, ""}}};
  known.segments = {{{"bb", 1, ""}}};
  known.purposes = {{{"market", 1, ""}}};
  known.kinds = {{{"user_id", 1, ""}}};
  known.properties["E"] = {{"total", 1, ""}, {"category", 1, ""}};
  const auto mistakes = check(*parse(source), known, source);
  std::string all;
  for (const Mistake& m : mistakes) all += m.message + "\n";
  EXPECT_EQ(mistakes.size(), 6U) << all;
  for (const char* name : {"market", "country", "user_id", "total", "category"}) {
    EXPECT_NE(all.find("nearest known is \"" + std::string(name) + "\""), std::string::npos)
        << name << all;
  }
}

}  // namespace
}  // namespace hospes::segment
