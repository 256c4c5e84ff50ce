#include "collect/redelivery.h"

#include "base/dice.h"
#include "collect/door_stage.h"

namespace hospes::collect {
namespace {

class RedeliveryTest : public DoorTest {
 protected:
  std::vector<dead_letter::Letter> kept() const {
    bool more = false;
    std::vector<dead_letter::Letter> out;
    for (const auto& listed : letters->list({}, std::nullopt, 100'000, more))
      out.push_back(*letters->read(listed.head.message));
    return out;
  }
  static std::string replaced(std::string text, std::string_view what, std::string_view with) {
    const auto at = text.find(what);
    return at == text.npos ? text : text.replace(at, what.size(), with);
  }
  http::Response order(std::string total, std::string id, std::string at = "2026-11-20T08:00:00Z") {
    return post(
        "/v1/track", "strict",
        R"({"userId":"ana","event":"Order Completed","messageId":")" + id + R"(","timestamp":")" + at +
            R"(","properties":{"order_id":"o)" + id + R"(","total":)" + total + "}}"
    );
  }

  Redelivery redelivery{doors};
};

TEST_F(RedeliveryTest, AThousandRepairedAreEachTakenOnceAtTheirOriginalTime) {
  for (int i = 0; i < 1'000; ++i) {
    const Instant at = now - std::chrono::hours(i + 1);
    EXPECT_NE(order("true", std::to_string(i), to_string(at)).body.find("property_type"), std::string::npos);
  }
  EXPECT_TRUE(sink.records.empty());
  std::vector<Repaired> repaired;
  for (auto& letter : kept()) {
    letter.content.item = replaced(letter.content.item, "\"total\":true", "\"total\":12.5");
    repaired.push_back({letter, false});
  }
  ASSERT_EQ(repaired.size(), 1'000u);
  clock.set(now + std::chrono::hours(30));
  for (const bool dry : {true, false}) {
    const auto became = redelivery.send(repaired, dry);
    ASSERT_TRUE(became) << became.error().message;
    for (const Redelivered& one : *became) EXPECT_EQ(one.verdict, Verdict::accepted) << one.detail;
    EXPECT_EQ(sink.records.size(), dry ? 0u : 1'000u);
  }
  EXPECT_TRUE(kept().empty());
  std::map<std::string, Instant> happened;
  for (std::size_t i = 0; i < 1'000; ++i) happened[sink.event(i).event.message_id] = sink.event(i).event.happened;
  ASSERT_EQ(happened.size(), 1'000u);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(happened[std::to_string(i)], now - std::chrono::hours(i + 1));
  // The sender repeats its mistake: it is told again, and the letter stays ended.
  EXPECT_NE(order("true", "7").body.find("property_type"), std::string::npos);
  EXPECT_TRUE(kept().empty());
}

TEST_F(RedeliveryTest, WhatIsStillWrongStaysAndASecondCopyIsNoSecondLetter) {
  order("true", "1");
  order("true", "1");
  ASSERT_EQ(kept().size(), 1u);
  const Repaired same{kept().front(), false};
  const auto became = redelivery.send({&same, 1}, false);
  EXPECT_EQ(became->front().rule, "property_type");
  EXPECT_EQ(kept().size(), 1u);
  Repaired broken = same;
  broken.letter.content.item = "[";
  EXPECT_EQ(redelivery.send({&broken, 1}, false)->front().rule, "invalid_input");
  sink.refuse = Code::unavailable;
  Repaired good = same;
  good.letter.content.item = replaced(good.letter.content.item, "true", "1");
  EXPECT_FALSE(redelivery.send({&good, 1}, false));
  EXPECT_EQ(kept().size(), 1u) << "nothing was taken, so nothing ended";
}

TEST_F(RedeliveryTest, WithheldSinceThenItIsKeptNowhere) {
  post("/v1/track", "secret", yes(R"("userId":"ana","event":"Seen","messageId":"m","timestamp":"soon")"));
  ASSERT_EQ(kept().size(), 1u);
  const auto no = post("/v1/consent", "secret", said("withdrawn", "no"));
  ASSERT_EQ(no.status, 200) << no.body;
  Repaired repaired{kept().front(), true};
  repaired.letter.content.item = replaced(repaired.letter.content.item, "soon", "2026-11-24T09:00:00Z");
  EXPECT_EQ(redelivery.send({&repaired, 1}, false)->front().verdict, Verdict::withheld);
  EXPECT_TRUE(kept().empty());
  EXPECT_EQ(letters->totals().ended[static_cast<std::size_t>(dead_letter::End::withheld)], 1u);
}

TEST_F(RedeliveryTest, WhereNothingRestsOnConsentOnlyCataloguedFieldsAreKept) {
  post(
      "/v1/track", "strict",
      R"({"userId":"ana","event":"Order Completed","messageId":"m","properties":{"total":1,"mood":"canary"}})"
  );
  ASSERT_EQ(kept().size(), 1u);
  const auto letter = kept().front();
  EXPECT_TRUE(letter.head.reduced);
  EXPECT_EQ(letter.content.item.find("canary"), std::string::npos) << letter.content.item;
  const Repaired as_it_is{letter, false};
  EXPECT_EQ(redelivery.send({&as_it_is, 1}, false)->front().verdict, Verdict::accepted);
  EXPECT_EQ(sink.records.size(), 1u);
}

/// Whom it is about, or what they answered, cannot be read: never kept, though what is left would
/// be permitted.
TEST_F(RedeliveryTest, WhatHidesAPersonOrAnAnswerIsNotKept) {
  const std::string consent = R"("consent":{"categoryPreferences":{"measure":true}})";
  const std::string rest = R"("type":"track","event":"Seen","anonymousId":"a1","timestamp":"soon")";
  const std::string context = R"("context":{)" + consent + "}";
  const std::vector<std::string> hidden{
      rest + "," + context + R"(,"userId":{"id":1})",
      rest + "," + context + R"(,"userId":")" + std::string(600, 'u') + "\"",
      rest + R"(,"context":{"consent":{"categoryPreferences":{"measure":true,"market":"no"}}})",
      rest + R"(,"context":{)" + consent + R"(,"consentManagement":{"deniedConsentIds":[7.5]}})",
      rest + R"(,"context":{)" + consent + R"(,"externalIds":[{"id":{},"type":"card"}]})",
      rest + "," + context + R"(,"traits":[1])",
      R"("type":"track","event":"Seen","timestamp":"soon",)" + context,
      R"("type":"consent","purpose":"measure","state":"maybe","userId":"ana",)" + context,
  };
  for (const std::string& item : hidden) {
    const auto r = post("/v1/batch", "secret", R"({"batch":[{)" + item + "}]}");
    EXPECT_EQ(r.body.find(R"("rejected":[])"), r.body.npos) << item;
    EXPECT_TRUE(kept().empty()) << item;
  }
  EXPECT_EQ(post("/v1/batch", "secret", R"({"batch":[{)" + rest + "," + context + "}]}").status, 200);
  EXPECT_EQ(kept().size(), 1u) << "the same without anything hidden";
}

/// Random events, each sent well formed and, under another messageId, with one mistake. The mistaken
/// one is kept exactly when the good one is, and its repair becomes the same event.
TEST_F(RedeliveryTest, ARepairedEventIsWhatItWouldHaveBeen) {
  const std::uint64_t seed = 20'261'127;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Dice dice(seed);
  struct Mistake {
    std::string wrong, right;
    bool time = false;
  };
  const std::vector<Mistake> mistakes{
      {R"("timestamp":"yesterday")", R"("timestamp":"2026-11-21T07:00:00Z")", true},
      {R"("timestamp":"1850-01-01T00:00:00Z")", R"("timestamp":"2026-11-21T07:00:00Z")", true},
      {R"("note":")" + std::string(9'000, 'x') + "\"", R"("note":"short")"},
      {R"("type":"trak")", R"("type":"track")"},
      {R"("note":"a\u0000b")", R"("note":"ab")"},
  };
  std::size_t kept_so_far = 0, equal = 0, withheld = 0;
  for (int i = 0; i < 2'000; ++i) {
    const Mistake& mistake = mistakes[dice.below(mistakes.size())];
    const std::string right_time = R"("timestamp":"2026-11-20T07:00:00Z")";
    std::string item = dice.chance(70) ? R"("userId":"u)" + std::to_string(dice.below(5)) + R"(",)" : "";
    item += R"("anonymousId":"a)" + std::to_string(dice.below(9)) + R"(",)";
    item += dice.chance(50) ? R"("event":"Order Completed",)" : R"("event":"Seen",)";
    item += R"("type":"track",)";
    item += (mistake.time ? mistake.right : right_time) + ",";
    if (dice.chance(60))
      item += R"("context":{"ip":"10.0.0.1","consent":{"categoryPreferences":{"measure":)" +
              std::string(dice.chance(70) ? "true" : "false") + "}}},";
    item += R"("properties":{"order_id":"o1","total":7.25,"email":"b@c.example",)";
    item += mistake.right.starts_with("\"note") ? mistake.right : std::string(R"("note":"none")");
    item += "}";
    const std::string wrong = replaced(item, mistake.right, mistake.wrong);
    ASSERT_NE(wrong, item);
    const char* key = dice.chance(50) ? "pub" : "secret";
    http::Headers headers;
    if (dice.chance(30)) headers.add("Sec-GPC", "1");
    const auto send = [&](const std::string& text, const std::string& id) {
      const std::string body = R"({"batch":[{)" + text + R"(,"messageId":")" + id + R"("}]})";
      EXPECT_EQ(post("/v1/batch", key, body, headers).status, 200);
    };
    send(item, "good" + std::to_string(i));
    const std::size_t before = sink.records.size();
    const bool good_kept = before > kept_so_far;
    send(wrong, "bad" + std::to_string(i));
    ASSERT_EQ(sink.records.size(), before) << wrong;
    const auto waiting = kept();
    ASSERT_EQ(waiting.size(), good_kept ? 1u : 0u) << wrong;
    kept_so_far = before;
    if (!good_kept) {
      ++withheld;
      continue;
    }
    Repaired repaired{waiting.front(), mistake.time};
    std::string& kept_item = repaired.letter.content.item;
    kept_item = replaced(kept_item, mistake.wrong, mistake.right);  // of a reduced one `note` is gone
    const auto became = redelivery.send({&repaired, 1}, false);
    ASSERT_TRUE(became);
    ASSERT_EQ(became->front().verdict, Verdict::accepted) << became->front().detail << wrong;
    record::Arrived good = sink.event(before - 1), again = sink.event(before);
    EXPECT_EQ(again.event.message_id, "bad" + std::to_string(i));
    again.event.message = good.event.message;
    again.event.message_id = good.event.message_id;
    ASSERT_EQ(good, again) << wrong;
    kept_so_far = sink.records.size();
    ++equal;
  }
  EXPECT_GT(equal, 500u);
  EXPECT_GT(withheld, 200u);
}

}  // namespace
}  // namespace hospes::collect
