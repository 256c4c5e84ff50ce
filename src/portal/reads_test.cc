// The small words of the reads: cursors, limits, bodies, which events a predicate asks for.
#include "portal/reads.h"

#include <gtest/gtest.h>

#include "portal/body.h"
#include "portal/census.h"
#include "portal/json.h"
#include "portal/portrait.h"
#include "segment/text.h"

namespace hospes::portal {
namespace {

http::Request with_query(std::string query) {
  http::Request out;
  out.query = std::move(query);
  return out;
}

Result<std::vector<Field>> fields(std::string body) {
  body.reserve(body.size() + http::body_padding);
  return read_object(body);
}

TEST(Reads, ATimelineCursorSurvivesItsText) {
  const TimelineCursor cursor{Instant{-14'182'940'000'000}, {0xfedcba9876543210, 1}};
  const auto read = parse_cursor(cursor_text(cursor));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->happened, cursor.happened);
  EXPECT_EQ(read->message, cursor.message);
  for (const char* wrong : {"", "x", "12", "12-zz", "12-00ff", "-"})
    EXPECT_FALSE(parse_cursor(wrong));
  EXPECT_FALSE(parse_cursor(cursor_text(cursor) + "0"));
}

TEST(Reads, ALimitIsANumberWithinItsBounds) {
  EXPECT_EQ(limit_of(with_query(""), 50, 100).value(), 50U);
  EXPECT_EQ(limit_of(with_query("limit=100"), 50, 100).value(), 100U);
  for (const char* wrong : {"limit=0", "limit=101", "limit=", "limit=-1", "limit=7x"})
    EXPECT_FALSE(limit_of(with_query(wrong), 50, 100)) << wrong;
}

TEST(Reads, APathIsCutBetweenItsEnds) {
  EXPECT_EQ(between("/v1/segments/a/members", "/v1/segments/", "/members"), "a");
  EXPECT_FALSE(between("/v1/segments/members", "/v1/segments/", "/members"));
  EXPECT_FALSE(between("/v1/segments//members", "/v1/segments/", "/members"));
}

TEST(Reads, AValueInAPathIsEscaped) {
  EXPECT_EQ(path_escaped("email:a+b@c.example"), "email:a%2Bb@c.example");
  EXPECT_EQ(path_escaped("user_id:a/b %\xC3\xA9"), "user_id:a%2Fb%20%25%C3%A9");
}

TEST(Reads, ABodyIsOneFlatObject) {
  const auto read = fields(R"({"email":"a@b.example","order":17,"definition":{"id":"x"}})");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 3U);
  EXPECT_TRUE(read->at(0).text);
  EXPECT_EQ(read->at(1).value, "17");
  EXPECT_FALSE(read->at(2).text);
  EXPECT_EQ(read->at(2).value, R"({"id":"x"})");
  for (const char* wrong : {"", "[]", "7", "{", R"({"a":1,"a":2})"})
    EXPECT_FALSE(fields(wrong)) << wrong;
}

TEST(Reads, TextStaysText) {
  EXPECT_EQ(json_text("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\u000a\\u0001\"");
  EXPECT_EQ(
      Object().text("a", "b").number("n", 7).raw("l", List().add("1").add("2").done()).done(),
      R"({"a":"b","n":7,"l":[1,2]})"
  );
}

TEST(Reads, EventsUnderNotAreNotNeeded) {
  const auto node = segment::parse_predicate(
      R"(count("B") >= 1 and (did "A" then "C" within 1d or last("B") < 2d ago) and not count("D") >= 1
      and did "A" then "B" without "E" and count("A" unanswered by "F" within 1d) >= 1
      and count("A" answered by "G" within 1d) >= 1 and still (did "H") in 1d)"
  );
  ASSERT_TRUE(node) << node.error().message;
  EXPECT_EQ(events_of(*node), (std::vector<std::string>{"A", "B", "C", "G", "H"}));
}

}  // namespace
}  // namespace hospes::portal
