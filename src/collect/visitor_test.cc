// Visitors of a day: counted by address and browser under a salt that dies with it, and nobody known.
#include "collect/visitor.h"

#include <algorithm>

#include "collect/door_stage.h"

namespace hospes::collect {
namespace {

TEST_F(DoorTest, CountsVisitorsBeforeTheyAnswerWithoutKnowingThem) {
  const auto visit = [&](std::string remote, std::string agent, http::Headers more = {}, std::string key = "pub",
                         std::string who = "v") {
    http::Request request{
        .method = "POST",
        .path = "/v1/page",
        .query = "writeKey=" + key,
        .headers = std::move(more),
        .body = R"({"type":"page","anonymousId":")" + who + R"("})",
        .remote = std::move(remote)};
    request.headers.add("User-Agent", std::move(agent));
    EXPECT_EQ(ask(request).status, 200);
    EXPECT_EQ(heard.all.back().verdict, Verdict::withheld);
    return heard.all.back().visit;
  };
  const auto first = visit("192.0.2.1", "Firefox");
  ASSERT_TRUE(first);
  EXPECT_EQ(visit("192.0.2.1", "Firefox", {}, "pub", "another")->mark, first->mark) << "no identifier is in it";
  EXPECT_NE(visit("192.0.2.2", "Firefox")->mark, first->mark);
  EXPECT_NE(visit("192.0.2.1", "Chromium")->mark, first->mark);
  EXPECT_EQ(visit("192.0.2.1", "Firefox", {{"X-Forwarded-For", "192.0.2.9"}})->mark, first->mark)
      << "without a proxy of the house's own, anybody can write that header";
  EXPECT_FALSE(visit("192.0.2.1", "Firefox", {{"Sec-GPC", "1"}})) << "who objects to being followed is not counted";
  EXPECT_FALSE(visit("192.0.2.1", "Firefox", {}, "secret")) << "a server's address is nobody's";
  EXPECT_EQ(zones::local(zones::utc(), now).day, first->day);
  clock.advance(std::chrono::hours(14));
  const auto next = visit("192.0.2.1", "Firefox");
  EXPECT_EQ(next->day, first->day + 1);
  EXPECT_NE(next->mark, first->mark) << "another day, another salt";
  EXPECT_TRUE(sink.records.empty());
  EXPECT_EQ(keys.size(), 0u);
  http::Request known{.method = "POST", .path = "/v1/page", .query = "writeKey=pub", .headers = {}, .body = yes(R"("anonymousId":"v")"),
                      .remote = "192.0.2.1"};
  EXPECT_EQ(ask(known).status, 200);
  EXPECT_EQ(heard.all.back().verdict, Verdict::accepted);
  EXPECT_FALSE(heard.all.back().visit) << "who said yes is known, and counted as such";
}

TEST(Visitor, BehindAProxyTheAddressIsWhatTheProxyAdded) {
  http::Request request{.method = "POST", .path = "/v1/page", .query = {}, .headers = {}, .body = {}, .remote = "127.0.0.1"};
  EXPECT_EQ(whence_of(request, true).remote, "127.0.0.1");
  request.headers.add("X-Forwarded-For", "10.0.0.1, 192.0.2.7");
  EXPECT_EQ(whence_of(request, true).remote, "192.0.2.7");
  EXPECT_EQ(whence_of(request, false).remote, "127.0.0.1");
}

}  // namespace
}  // namespace hospes::collect
