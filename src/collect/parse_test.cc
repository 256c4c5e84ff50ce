#include "collect/parse.h"

#include <gtest/gtest.h>

#include "collect/limits.h"

namespace hospes::collect {
namespace {

/// Keeps the padded body and the parser that a Parsed borrows from.
struct Parsing {
  Parser parser;
  std::string body;
  Result<Parsed> of(std::string text, Shape shape) {
    body = std::move(text);
    body.reserve(body.size() + 64);
    return parser.parse(body, shape);
  }
  Result<Parsed> track(std::string text) {
    return of(std::move(text), {Shape::Kind::event, EventType::track});
  }
  Result<Parsed> batch(std::string text) { return of(std::move(text), {Shape::Kind::batch}); }
  /// Code of the only item; empty when it is taken.
  std::string code(std::string text) {
    const auto parsed = track(std::move(text));
    if (!parsed) return "request: " + parsed.error().message;
    const Reject* reject = parsed->items.at(0).reject;
    return reject == nullptr ? "" : std::string(reject->code);
  }
};

const ValueView* find(const Item& item, std::string_view name) {
  for (const Field& f : item.fields) {
    if (f.name == name) return &f.value;
  }
  return nullptr;
}

TEST(Parse, OneTrackCall) {
  Parsing p;
  const auto got = p.track(
      R"({"user_id":7,"anonymousId":"a","event":"Order","messageId":"m","writeKey":"wk","sentAt":"s",
    "properties":{"total":12.50,"a":{"b":{"c":true}},"list":[1, {"x" : "y\n"}],"none":null,"huge":1e400},
    "context":{"page":{"url":"u"},"consent":{"categoryPreferences":{"measure":true,"advertise":false}}}})"
  );
  ASSERT_TRUE(got) << got.error().message;
  const Item& item = got->items.at(0);
  ASSERT_EQ(item.reject, nullptr) << item.reject->code;
  EXPECT_EQ(got->write_key, "wk");
  EXPECT_EQ(item.user_id, "7");
  EXPECT_EQ(item.event, "Order");
  EXPECT_EQ(item.sent_at, "s");
  EXPECT_EQ(find(item, "total")->number.micro, 12'500'000);
  EXPECT_TRUE(find(item, "a.b.c")->truth());
  EXPECT_EQ(find(item, "list")->text, R"([1,{"x":"y\u000a"}])");
  EXPECT_EQ(find(item, "none")->kind, ValueKind::null);
  EXPECT_EQ(find(item, "huge")->text, "1e400");
  EXPECT_EQ(find(item, "context.page.url")->text, "u");
  EXPECT_EQ(find(item, "context.consent.categoryPreferences.measure"), nullptr);
  ASSERT_EQ(item.signal.categories.size(), 2U);
  EXPECT_TRUE(item.signal.categories[0].second);
}

TEST(Parse, BatchTakesFromItsEnvelopeWhatAnItemLeavesOpen) {
  Parsing p;
  const auto got = p.batch(R"({"batch":[{"type":"identify","userId":"u","traits":{"email":"e"}},
    {"type":"track","event":"E","userId":"u","sentAt":"own","context":{"ip":"1"}},{"type":"nonsense"},7],
    "sentAt":"outer","context":{"ip":"9","consentManagement":{"deniedConsentIds":["x"]}}})");
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->items.size(), 4U);
  EXPECT_EQ(find(got->items[0], "email")->text, "e");
  EXPECT_EQ(got->items[0].sent_at, "outer");
  EXPECT_EQ(find(got->items[0], "context.ip")->text, "9");
  EXPECT_FALSE(got->items[0].signal.categories.at(0).second);
  EXPECT_EQ(got->items[1].sent_at, "own");
  EXPECT_EQ(find(got->items[1], "context.ip")->text, "1");
  EXPECT_EQ(got->items[2].reject->code, "unknown_type");
  EXPECT_EQ(got->items[3].reject->code, "not_an_object");
}

TEST(Parse, RequestsThatAreNoJsonAreRefusedWhole) {
  Parsing p;
  for (const auto* bad :
       {"", "{", "[]", "7", "\"x\"", "{\"a\":}", "{\"a\":tru}", "{\"a\":01}",
        "{\"integrations\":{\"a\" 1}}", "{\"event\":\"\xff\"}", "{} x", "{\"a\":[1 2]}"}) {
    EXPECT_FALSE(p.track(bad)) << bad;
  }
  EXPECT_FALSE(p.batch("{}"));
  EXPECT_FALSE(p.batch(R"({"batch":{}})"));
  EXPECT_FALSE(p.batch(R"({"batch":[{"type":"track","event":"E"}})"));
  std::string many = R"({"batch":[{})";
  for (std::size_t i = 0; i < events_max; ++i) many += ",{}";
  const auto refused = p.batch(many + "]}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::over_limit);
}

TEST(Parse, WhatIsWrongWithOneEventIsNamed) {
  Parsing p;
  const auto with = [](const std::string& inner) {
    return R"({"event":"E","userId":"u",)" + inner + "}";
  };
  std::string deep = "1", wide;
  for (int i = 0; i < 40; ++i) deep = "{\"a\":" + deep + "}";
  for (int i = 0; i < 301; ++i) wide += (i > 0 ? ",\"p" : "\"p") + std::to_string(i) + "\":1";
  EXPECT_EQ(p.code(R"({"userId":"u"})"), "no_event_name");
  EXPECT_EQ(p.code(with(R"("properties":)" + deep)), "too_deep");
  EXPECT_EQ(p.code(with(R"("properties":{)" + wide + "}")), "too_many_properties");
  EXPECT_EQ(p.code(with(R"("properties":[])")), "wrong_type");
  EXPECT_EQ(p.code(with(R"("anonymousId":{})")), "wrong_type");
  EXPECT_EQ(
      p.code(with(R"("context":{"consent":{"categoryPreferences":{"x":"yes"}}})")), "wrong_type"
  );
  EXPECT_EQ(p.code(with(R"("properties":{"a":"\u0000"})")), "nul_character");
  EXPECT_EQ(
      p.code(with(R"("properties":{"a":")" + std::string(8193, 'x') + "\"}")), "string_too_long"
  );
  EXPECT_EQ(p.code(with("\"properties\":{\"" + std::string(257, 'x') + "\":1}")), "name_too_long");
  EXPECT_EQ(
      p.code(with(R"("messageId":")" + std::string(10'000, 'x') + "\"")), "message_id_too_long"
  );
  EXPECT_EQ(
      p.code(with(R"("anonymousId":")" + std::string(513, 'x') + "\"")), "identifier_too_long"
  );
  EXPECT_EQ(
      p.code(with(R"("integrations":")" + std::string(event_bytes_max, 'x') + "\"")),
      "event_too_large"
  );
  EXPECT_EQ(p.code(with(R"("properties":{"a":"\ud83d"})")), "");
}

}  // namespace
}  // namespace hospes::collect
