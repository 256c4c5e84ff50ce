#include "collect/door_stage.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "catalog/kinds.h"
#include "catalog/pack.h"
#include "collect/hash.h"
#include "collect/limits.h"
#include "collect/times.h"
#include "http/inflate.h"
#include "seal/memory_keys.h"
#include "signal/tc_string.h"

namespace hospes::collect {
namespace {

TEST_F(DoorTest, KeepsAnEventWithItsSignal) {
  const auto r = post("/v1/track", "pub", yes(R"("anonymousId":"a1","event":"Seen","messageId":"m1",
      "properties":{"sku":"X","email":"B@c.example"})"));
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.body, R"({"success":true,"accepted":1,"rejected":[]})");
  ASSERT_EQ(sink.records.size(), 1u);
  const Event& e = sink.event(0).event;
  EXPECT_EQ(e.mask, bit(*catalog.purposes.find("measure")));
  EXPECT_EQ(e.grade, Grade::asserted);
  EXPECT_EQ(e.happened, now);
  EXPECT_EQ(e.message, message_hash(keys.house_secret(), "web", "m1"));
  EXPECT_EQ(e.owner.kind, catalog::kind::anonymous_id);
  EXPECT_TRUE(e.others.empty()) << "an e-mail among properties joins nobody";
  const ValueView email = find_property(e.properties.packed(), names.find("email"));
  ASSERT_EQ(email.kind, ValueKind::atom);
  EXPECT_EQ(keys.reveal(email.atom)->value, "b@c.example");
  ASSERT_EQ(heard.all.size(), 1u);
  EXPECT_EQ(heard.all[0].owner, to_hex(e.owner.id));
}

TEST_F(DoorTest, WithheldLeavesNothing) {
  const std::string body = R"({"anonymousId":"secret-id","event":"Quiet","messageId":"m",
      "properties":{"payload-name":"payload-value"}})";
  EXPECT_EQ(post("/v1/track", "pub", body).body, R"({"success":true,"accepted":1,"rejected":[]})");
  const auto told = post("/v1/track", "secret", body).body;
  EXPECT_NE(told.find(R"("withheld":[{"i":0,"messageId":"m","missing":")"), told.npos) << told;
  EXPECT_TRUE(sink.records.empty());
  EXPECT_EQ(keys.size(), 0u);
  EXPECT_EQ(names.find("payload-name"), no_name);
  EXPECT_EQ(names.find("Quiet"), no_name);
  ASSERT_EQ(heard.all.size(), 2u);
  for (const Arrival& a : heard.all) {
    EXPECT_EQ(a.verdict, Verdict::withheld);
    EXPECT_EQ(a.name, "Quiet");
    EXPECT_NE(a.detail.find("measure"), std::string::npos);
    EXPECT_EQ(a.detail.find("payload"), std::string::npos);
    EXPECT_EQ(a.owner, "");
  }
}

TEST_F(DoorTest, TellsEachVerdict) {
  const auto r = post("/v1/batch", "secret", R"({"batch":[
      {"type":"track","userId":"ana","messageId":"1"},
      {"type":"track","event":"E","userId":"null","messageId":"2"},
      {"type":"track","event":"E","userId":"ana","messageId":"3","timestamp":"soon"},
      {"type":"track","event":"E","userId":"ana","messageId":"4","timestamp":"1899-12-31"},
      {"type":"track","event":"E","userId":"ana","messageId":"5","timestamp":"1950-01-01",
       "context":{"consent":{"categoryPreferences":{"measure":true}}}},
      {"type":"consent","userId":"ana","purpose":"nope","state":"given","messageId":"6"},
      {"type":"consent","userId":"ana","purpose":"measure","state":"maybe","messageId":"7"}]})");
  EXPECT_EQ(r.status, 200);
  EXPECT_NE(r.body.find(R"("accepted":1,)"), r.body.npos) << r.body;
  for (const char* part :
       {R"({"i":0,"messageId":"1","code":"no_event_name")",
        R"({"i":1,"messageId":"2","code":"no_identifier")",
        R"({"i":2,"messageId":"3","code":"bad_time")",
        R"({"i":3,"messageId":"4","code":"time_too_early")",
        R"({"i":5,"messageId":"6","code":"unknown_purpose")",
        R"({"i":6,"messageId":"7","code":"unknown_state")"})
    EXPECT_NE(r.body.find(part), r.body.npos) << part << "\n" << r.body;
  EXPECT_EQ(sink.records.size(), 1u);
}

TEST_F(DoorTest, FindsTheKeyInOrder) {
  const std::string event = yes(R"("anonymousId":"a","event":"E","writeKey":"wrong")");
  EXPECT_EQ(post("/v1/track", "", event).status, 401);
  EXPECT_EQ(post("/v1/track", "pub", event).status, 200) << "the body's key comes last";
  EXPECT_EQ(post("/v1/track", "old", event).status, 401) << "switched off";
  // "pub:" in base64 before a wrong X-Write-Key.
  EXPECT_EQ(post("/v1/track", "wrong", event, {{"Authorization", "Basic cHViOg=="}}).status, 200);
  EXPECT_EQ(
      post("/v1/track", "", yes(R"("anonymousId":"a","event":"E","writeKey":"pub")")).status, 200
  );
  EXPECT_EQ(post("/v1/track", "", R"({"event":"E"})").status, 401);
  const std::string of_till = yes(R"("anonymousId":"a","event":"E","writeKey":"secret")");
  const auto mixed = post("/v1/track", "pub", of_till);
  EXPECT_EQ(mixed.status, 401);
  EXPECT_NE(mixed.body.find("\"web\", the writeKey in it to source \"till\""), mixed.body.npos)
      << mixed.body;
  http::Request by_query{
      .method = "POST",
      .path = "/v1/track",
      .query = "writeKey=pub",
      .headers = {},
      .body = event,
      .remote = {}};
  EXPECT_EQ(ask(by_query).status, 200);
}

TEST_F(DoorTest, StrictSourcesRefuseWhatTheCatalogueDoesNotSay) {
  const auto codes = [&](std::string body) {
    const auto r = post("/v1/track", "strict", std::move(body));
    const auto at = r.body.find("\"code\":\"");
    return at == r.body.npos ? std::string() : r.body.substr(at + 8, r.body.find('"', at + 8) - at - 8);
  };
  const std::string who = R"("userId":"ana","messageId":"m","event":)";
  EXPECT_EQ(codes(yes(who + R"("Invented")")), "not_catalogued");
  EXPECT_EQ(codes("{" + who + R"("Order Completed","properties":{"total":"12,50"}})"), "property_type");
  EXPECT_EQ(codes("{" + who + R"("Order Completed","properties":{"mood":1}})"), "not_catalogued");
  EXPECT_TRUE(sink.records.empty());
  EXPECT_EQ(codes("{" + who + R"("Order Completed","properties":{"total":12.5},"context":{"ip":"::1"}})"), "");
  EXPECT_EQ(sink.records.size(), 1u);
  const auto told = shapes.drifts("strict", now);
  EXPECT_EQ(told.size(), 3u) << "what is refused is told too";
  EXPECT_EQ(heard.all.front().rule, "not_catalogued");
}

TEST_F(DoorTest, TellsWhoWasTurnedAway) {
  EXPECT_EQ(post("/v1/track", "nobody", "{}").status, 401);
  EXPECT_EQ(post("/v1/track", "pub", "{").status, 400);
  const std::vector<std::pair<int, std::string>> wanted = {{401, ""}, {400, "web"}};
  EXPECT_EQ(heard.away, wanted);
}

TEST_F(DoorTest, AnswersPages) {
  const http::Headers page{{"Origin", "https://shop.example"}};
  const auto pre = ask(
      {.method = "OPTIONS",
       .path = "/v1/track",
       .query = {},
       .headers = page,
       .body = {},
       .remote = {}}
  );
  EXPECT_EQ(pre.status, 204);
  EXPECT_EQ(pre.headers.find("Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_EQ(pre.headers.find("Access-Control-Max-Age"), "7200");
  EXPECT_NE(
      pre.headers.find("Access-Control-Allow-Headers").find("rsa-recovered"), std::string::npos
  );
  const std::string event = yes(R"("anonymousId":"a","event":"E")");
  const auto good = post("/v1/track", "pub", event, page);
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.headers.find("Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_EQ(post("/v1/track", "pub", event, {{"Origin", "https://other.example"}}).status, 403);
  EXPECT_EQ(
      ask({.method = "OPTIONS",
           .path = "/v1/profiles",
           .query = {},
           .headers = page,
           .body = {},
           .remote = {}}
      ).status,
      404
  );
  EXPECT_EQ(
      ask({.method = "GET",
           .path = "/v1/track",
           .query = {},
           .headers = {},
           .body = {},
           .remote = {}}
      ).status,
      405
  );
}

TEST_F(DoorTest, RefusesWholeBodies) {
  EXPECT_EQ(post("/v1/batch", "secret", "{").status, 400);
  EXPECT_EQ(post("/v1/batch", "secret", "{}").status, 400);
  EXPECT_EQ(post("/v1/batch", "secret", "\x1f\x8b broken").status, 400);
  std::string many = R"({"batch":[{})";
  for (std::size_t i = 0; i < events_max; ++i) many += ",{}";
  EXPECT_EQ(post("/v1/batch", "secret", many + "]}").status, 413);
  EXPECT_EQ(
      post("/v1/track", "pub", http::gzip(yes(R"("anonymousId":"a","event":"E")"))).status, 200
  );
}

TEST_F(DoorTest, AnAnswerHoldsFromTheReply) {
  EXPECT_EQ(post("/v1/consent", "pub", said("given", "c0")).status, 403);
  EXPECT_EQ(post("/v1/consent", "secret", R"({"userId":"ana","purpose":"measure"})").status, 400);
  EXPECT_EQ(permissions.size(), 0u);
  ASSERT_EQ(post("/v1/consent", "secret", said("given", "c1")).status, 200);
  const auto& answered = std::get<record::Answered>(sink.records.at(0).record->body);
  EXPECT_EQ(answered.state, static_cast<std::uint8_t>(consent::Answer::given));
  EXPECT_EQ(answered.notice_lang, "fr");
  clock.advance(std::chrono::seconds(1));
  const std::string event = R"({"userId":"ana","event":"Uncatalogued","messageId":"m"})";
  post("/v1/track", "secret", event);
  ASSERT_EQ(sink.records.size(), 2u);
  ASSERT_EQ(sink.event(1).event.opened.size(), 1u);
  EXPECT_EQ(sink.event(1).event.opened[0].atom, answered.atom.id);
  EXPECT_EQ(sink.event(1).event.grade, Grade::attested);
  clock.advance(std::chrono::seconds(1));
  ASSERT_EQ(post("/v1/consent", "secret", said("withdrawn", "c2")).status, 200);
  clock.advance(std::chrono::seconds(1));
  post("/v1/track", "secret", event);
  EXPECT_EQ(sink.records.size(), 3u) << "withheld after the no";
}

TEST_F(DoorTest, AYesUnderANoticeThatFailsIsKeptAndOpensNothing) {
  const PurposeBit measure = *catalog.purposes.find("measure");
  catalog::NoticeText notice{.id = "n", .version = "1"};
  notice.accept = notice.withdraw = {catalog::Prominence::button, 1};
  notice.refuse = {catalog::Prominence::link, 1};
  notice.choices = {{.purposes = bit(measure)}};
  ASSERT_TRUE(catalog.notices.add(notice, catalog::fr_eu_pack().notice_rules));
  const auto told = post("/v1/consent", "secret", said("given", "c1"));
  EXPECT_EQ(told.status, 200);
  EXPECT_NE(told.body.find("stored as invalid, it opens nothing: refuse_hidden: refusing is less visible"), told.body.npos)
      << told.body;
  ASSERT_EQ(sink.records.size(), 1u);
  const auto& answered = std::get<record::Answered>(sink.records.at(0).record->body);
  EXPECT_EQ(answered.state, static_cast<std::uint8_t>(consent::Answer::invalid));
  EXPECT_EQ(answered.proof, "notice: refuse_hidden");
  EXPECT_EQ(heard.all.back().detail.substr(0, 13), "refuse_hidden");
  clock.advance(std::chrono::seconds(1));
  post("/v1/track", "secret", R"({"userId":"ana","event":"Uncatalogued","messageId":"m"})");
  // The page's own tool asks under the same notice.
  post("/v1/track", "pub", R"({"anonymousId":"v","event":"Seen","messageId":"p","context":{"consent":{"categoryPreferences":{"measure":true}}}})");
  EXPECT_EQ(sink.records.size(), 1u) << "withheld";
  EXPECT_EQ(heard.all.back().closed.at(measure), consent::Why::notice);
  // A no counts whatever was shown.
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(post("/v1/consent", "secret", said("refused", "c2")).body.find("invalid"), std::string::npos);
}

TEST_F(DoorTest, RepeatsPassWithOneHash) {
  const std::string event = yes(R"("anonymousId":"a","event":"E","messageId":"same")");
  post("/v1/track", "pub", event);
  post("/v1/track", "pub", event);
  ASSERT_EQ(sink.records.size(), 2u);
  EXPECT_EQ(sink.event(0).event.message, sink.event(1).event.message);
}

TEST_F(DoorTest, RepeatsWithoutAnIdAreKnownByWhatTheySay) {
  const auto sent = [&](const std::string& rest) {
    EXPECT_EQ(post("/v1/track", "pub", yes(rest)).status, 200);
    return sink.event(sink.records.size() - 1).event.message;
  };
  const Hash128 once = sent(R"("anonymousId":"a","event":"E","sentAt":"2026-11-24T09:59:00Z",
      "properties":{"total":12.50,"sku":"X"})");
  clock.advance(std::chrono::seconds(5));
  EXPECT_EQ(
      sent(R"("sentAt":"2026-11-24T09:59:04Z","properties":{"sku":"X","total":12.5},
      "event":"E","anonymousId":"a")"),
      once
  ) << "sent again, spelt otherwise";
  post(
      "/v1/batch", "pub",
      R"({"batch":[{"type":"track",)" +
          yes(R"("anonymousId":"a","event":"E",
      "properties":{"total":12.5,"sku":"X"})")
              .substr(1) +
          "]}"
  );
  EXPECT_EQ(sink.event(2).event.message, once) << "the same by another path";
  for (const char* other :
       {R"("anonymousId":"b","event":"E","properties":{"total":12.5,"sku":"X"})",
        R"("anonymousId":"a","event":"F","properties":{"total":12.5,"sku":"X"})",
        R"("anonymousId":"a","event":"E","properties":{"total":12.5,"skuX":""})",
        R"("anonymousId":"a","event":"E","properties":{"total":"12.5","sku":"X"})",
        R"("anonymousId":"a","event":"E","timestamp":"2026-11-24T09:00:00Z",
           "properties":{"total":12.5,"sku":"X"})"})
    EXPECT_NE(sent(other), once) << other;
}

TEST_F(DoorTest, AnAnswerCountsForTheEventsBesideIt) {
  const auto beside = [&](const std::string& first, const std::string& second) {
    const auto before = sink.records.size();
    const auto r = post("/v1/batch", "secret", R"({"batch":[)" + first + "," + second + "]}");
    EXPECT_EQ(r.status, 200) << r.body;
    clock.advance(std::chrono::seconds(1));
    return sink.records.size() - before;
  };
  const auto answer = [&](std::string state, std::string id) {
    return R"({"type":"consent",)" + said(state, id).substr(1);
  };
  const std::string event = R"({"type":"track","userId":"ana","event":"Uncatalogued"})";
  EXPECT_EQ(beside(event, R"({"type":"track","userId":"ana","event":"Other"})"), 0U);
  EXPECT_EQ(beside(event, answer("given", "1")), 2U) << "whatever their order in the batch";
  ASSERT_TRUE(std::holds_alternative<record::Answered>(sink.records.at(0).record->body))
      << "a yes opens what stands behind it in the log";
  EXPECT_EQ(sink.event(1).event.opened.at(0).purpose, *catalog.purposes.find("measure"));
  EXPECT_EQ(beside(answer("refused", "2"), event), 1U);
  EXPECT_EQ(beside(answer("given", "1"), event), 1U) << "an echo of the old yes opens nothing";
  const auto mixed =
      post(
          "/v1/batch", "secret",
          R"({"batch":[{"type":"track"},)" + event + "," + answer("perhaps", "3") + "]}"
      )
          .body;
  EXPECT_LT(mixed.find(R"({"i":0,)"), mixed.find(R"({"i":2,)")) << mixed;
}

TEST_F(DoorTest, AnAnswerThatIsNotTakenCountsForNothing) {
  sink.refuse = Code::unavailable;
  const std::string event = R"({"type":"track","userId":"ana","event":"Uncatalogued"})";
  EXPECT_EQ(
      post(
          "/v1/batch", "secret",
          R"({"batch":[{"type":"consent",)" + said("given", "1").substr(1) + "," + event + "]}"
      )
          .status,
      503
  );
  sink.refuse.reset();
  EXPECT_EQ(post("/v1/batch", "secret", R"({"batch":[)" + event + "]}").status, 200);
  EXPECT_TRUE(sink.records.empty());
}

TEST_F(DoorTest, ADeviceCarriesAYesThatAServerRecorded) {
  const auto yes = [&](std::string device, std::string id) {
    const auto told = post("/v1/consent", "secret", R"({"anonymousId":")" + device + R"(","purpose":"personalise","state":"given","messageId":")" + id + R"(","notice":{"id":"n","version":"1","lang":"fr"}})").body;
    const auto at = told.find(R"("token":")");
    EXPECT_NE(at, told.npos) << told;
    return told.substr(at + 9, told.find('"', at + 9) - at - 9);
  };
  const std::string token = yes("v1", "c1");
  const PurposeBit personalise = *catalog.purposes.find("personalise");
  permissions.forget(std::get<record::Answered>(sink.records.at(0).record->body).atom.id);  // a house that does not know it
  clock.advance(std::chrono::seconds(2));
  const auto send = [&](std::string who, std::string carried, std::string more = "") {
    const std::size_t before = sink.records.size();
    post("/v1/track", "pub", "{" + who + R"(,"event":"Seen")" + more + R"(,"context":{"consent":{"token":")" + carried + R"("}}})");
    return sink.records.size() == before ? Mask{0} : sink.event(sink.records.size() - 1).event.mask;
  };
  const std::string v1 = R"("anonymousId":"v1")";
  EXPECT_NE(send(v1, token) & bit(personalise), 0U);
  EXPECT_EQ(send(v1, token) & bit(*catalog.purposes.find("measure")), 0U) << "that purpose and no other";
  EXPECT_NE(send(R"("userId":"ana",)" + v1, token) & bit(personalise), 0U) << "a named atom's yes";
  EXPECT_EQ(send(R"("anonymousId":"v2")", token), 0U) << "another device's";
  EXPECT_EQ(send(v1, token, R"(,"timestamp":"2026-11-24T09:00:00Z")") & bit(personalise), 0U) << "the yes came later";
  // Every byte counts.
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string bad = token;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    ASSERT_EQ(send(v1, bad), 0U) << i;
  }
  const std::vector<std::string> none = {"e30.e30.x", "..", "a.b", token.substr(0, token.size() - 1), token + ".x"};
  for (const std::string& bad : none) EXPECT_EQ(send(v1, bad), 0U) << bad;
  // Several, one of which opens; one bad one closes.
  const std::string other = yes("v2", "c2");
  EXPECT_EQ(send(v1, token + " " + other), 0U);
  // After a withdrawal it opens nothing.
  ASSERT_EQ(post("/v1/consent", "secret", R"({"anonymousId":"v1","purpose":"personalise","state":"withdrawn","messageId":"c3"})").status, 200);
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(send(v1, token), 0U);
  // And six months later neither.
  const std::string last = yes("v3", "c4");
  permissions.forget(std::get<record::Answered>(sink.records.back().record->body).atom.id);
  clock.advance(std::chrono::days(182));
  EXPECT_NE(send(R"("anonymousId":"v3")", last), 0U);
  clock.advance(std::chrono::days(2));
  EXPECT_EQ(send(R"("anonymousId":"v3")", last), 0U);
}

TEST_F(DoorTest, ASignedTokenIsNeverReadAsSilence) {
  const std::string event = R"({"userId":"ana","event":"Seen","messageId":"m",
      "context":{"consent":{"token":"e30.e30.x"}}})";
  const auto told = post("/v1/track", "secret", event).body;
  EXPECT_TRUE(sink.records.empty());
  EXPECT_NE(told.find("measure: the event bears a consent token that this house did not give"), told.npos) << told;
  EXPECT_NE(told.find("/v1/consent"), told.npos) << told;
  const std::string order = R"({"userId":"ana","event":"Order Completed","messageId":"o",
      "context":{"consent":{"token":"e30.e30.x"}}})";
  post("/v1/track", "secret", order);
  ASSERT_EQ(sink.records.size(), 1U) << "contract and duty heed no answer";
  EXPECT_EQ(sink.event(0).event.mask & ~catalog.purposes.heedless(), 0U);
}

TEST_F(DoorTest, AConsentStringSpeaksThroughTheSourcesMap) {
  const signal::TcString tc{
      .created = now, .updated = now, .policy = 5, .consent = 0x80, .disclosed = signal::Vendors{}};
  const auto kept = [&](const std::string& text, std::string_view beside) {
    sink.records.clear();
    post("/v1/track", "pub", R"({"anonymousId":"a1","event":"Seen","context":{"consent":{"tcString":")" + text + "\"" + std::string(beside) + "}}}");
    return sink.records.size();
  };
  ASSERT_EQ(kept(signal::write_tc(tc), ""), 1u);
  EXPECT_EQ(sink.event(0).event.mask, bit(*catalog.purposes.find("measure")));
  EXPECT_EQ(kept(signal::write_tc(tc), R"(,"categoryPreferences":{"measure":false})"), 0u);
  EXPECT_EQ(kept("nonsense", R"(,"categoryPreferences":{"measure":true})"), 0u);
  EXPECT_NE(heard.all.back().detail.find("a consent string that does not hold"), std::string::npos);
}

TEST_F(DoorTest, ASourceSendsAsFastAsItMay) {
  const auto batch = [&](std::size_t n) {
    std::string body = R"({"batch":[)";
    for (std::size_t i = 0; i < n; ++i)
      body += std::string(i > 0 ? "," : "") + R"({"type":"track","userId":"u","event":"E"})";
    return post("/v1/batch", "slow", body + "]}");
  };
  EXPECT_EQ(batch(25).status, 200) << "taken whole, though it is more than a second's worth";
  const auto r = batch(1);
  EXPECT_EQ(r.status, 429);
  EXPECT_EQ(r.headers.find("Retry-After"), "2") << "15 events of debt at 10 a second";
  EXPECT_NE(r.body.find("events_per_s_max"), r.body.npos) << r.body;
  EXPECT_EQ(post("/v1/track", "secret", R"({"userId":"u","event":"E"})").status, 200)
      << "other sources are not held up";
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(batch(1).status, 200);
}

TEST_F(DoorTest, WithoutConsentOnlyCataloguedFieldsAreKept) {
  post("/v1/track", "secret", R"({"userId":"ana","event":"Order Completed","messageId":"o",
      "properties":{"order_id":"N1","gift_for":{"email":"friend@example.org"},"mood":"gay"}})");
  ASSERT_EQ(sink.records.size(), 1U);
  const Event& e = sink.event(0).event;
  ASSERT_EQ(e.properties.size(), 1U);
  EXPECT_EQ(find_property(e.properties.packed(), names.find("order_id")).text, "N1");
  EXPECT_EQ(sink.event(0).references.size(), 1U);
  EXPECT_EQ(keys.size(), 1U) << "the friend's address left no atom either";
}

TEST_F(DoorTest, ReadsGzipByItsBytesAndWithinBounds) {
  const std::string event = yes(R"("anonymousId":"a","event":"E")");
  const http::Headers form{{"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(post("/v1/track", "pub", http::gzip(event), form).status, 200);
  EXPECT_EQ(post("/v1/track", "pub", event, {{"Content-Encoding", "gzip"}}).status, 200)
      << "a proxy inflated it and left the header";
  EXPECT_EQ(post("/v1/track", "pub", event, {{"Content-Encoding", "br"}}).status, 415);
  const auto huge = post("/v1/track", "pub", http::gzip(std::string(64 << 20, ' ')));
  EXPECT_EQ(huge.status, 413);
  EXPECT_NE(huge.body.find("inflates beyond"), huge.body.npos) << huge.body;
  const auto dense = post("/v1/track", "pub", http::gzip(std::string(2 << 20, ' ')));
  EXPECT_EQ(dense.status, 413);
  EXPECT_NE(dense.body.find("times its size"), dense.body.npos) << dense.body;
  EXPECT_EQ(post("/v1/track", "pub", std::string(body_bytes_max + 1, ' ')).status, 413);
  const std::string whole = http::gzip(event);
  EXPECT_EQ(post("/v1/track", "pub", whole.substr(0, whole.size() / 2)).status, 400);
}

TEST_F(DoorTest, EveryRefusalSaysWhatToChange) {
  struct Case {
    const char *path, *key, *body, *says;
    http::Headers headers = {};
  };
  for (const Case& c : std::initializer_list<Case>{
           {"/v1/track", "", "{}", "send it as the user of Basic authorization"},
           {"/v1/track", "nobody", "{}", "write key"},
           {"/v1/track", "old", "{}", "web"},
           {"/v1/track",
            "pub",
            "{}",
            "origins of the source",
            {{"Origin", "https://other.example"}}},
           {"/v1/consent", "pub", "{}", "server key only"},
           {"/v1/batch", "secret", "{}", "array \"batch\""},
           {"/v1/batch", "secret", "{", "send one JSON object"},
           {"/v1/track", "secret", "{\"event\":\"\xff\"}", "UTF-8"},
           {"/v1/none", "secret", "{}", "/v1/track"},
           {"/v1/track", "secret", R"({"event":"E"})", "userId, anonymousId or e-mail"},
       }) {
    const auto r = post(c.path, c.key, c.body, c.headers);
    EXPECT_NE(r.body.find(c.says), r.body.npos) << c.says << "\n" << r.status << " " << r.body;
  }
}

TEST_F(DoorTest, CorrectsAndClampsTimes) {
  // An hour behind: sent at 09:00 by its own clock, received at 10:00.
  post("/v1/track", "pub", yes(R"("anonymousId":"a","event":"E",
      "timestamp":"2026-11-24T08:50:00Z","sentAt":"2026-11-24T09:00:00Z")"));
  EXPECT_EQ(sink.event(0).event.happened, now - std::chrono::minutes(10));
  EXPECT_EQ(sink.event(0).event.original, *parse_instant("2026-11-24T08:50:00Z"));
  post("/v1/track", "secret", yes(R"("userId":"a","event":"E",
      "timestamp":"2026-11-25T00:00:00Z")"));
  EXPECT_EQ(sink.event(1).event.happened, now);
  EXPECT_TRUE(sink.event(1).event.flags & flag_clamped);
  EXPECT_FALSE(sink.event(0).event.flags & flag_clamped);
}

TEST(Skews, AreARunningMinimum) {
  Skews skews;
  const Hash128 device{1, 1};
  using std::chrono::seconds;
  EXPECT_EQ(skews.learn(device, now - seconds(100), now), seconds(100));
  EXPECT_EQ(skews.learn(device, now - seconds(60), now), seconds(60));
  EXPECT_EQ(skews.learn(device, now - seconds(300), now), seconds(60)) << "a slow network";
  EXPECT_EQ(skews.learn(device, now - seconds(2), now), seconds(0)) << "too little to correct";
}

TEST_F(DoorTest, NamesWhoItIs) {
  post("/v1/identify", "secret", R"({"userId":"ana","anonymousId":"a1","messageId":"i",
      "traits":{"email":"Ana@Example.org"},
      "context":{"consent":{"categoryPreferences":{"measure":true}}}})");
  ASSERT_EQ(sink.records.size(), 1u);
  const Event& e = sink.event(0).event;
  EXPECT_EQ(e.owner.kind, catalog::kind::user_id);
  EXPECT_EQ(e.anchor.kind, catalog::kind::anonymous_id);
  EXPECT_EQ(sink.records[0].anchor, e.anchor.id);
  ASSERT_EQ(e.others.size(), 2u);
  EXPECT_EQ(keys.reveal(e.others[0].id)->value, "ana@example.org");
  EXPECT_EQ(e.others[1].id, e.anchor.id);
  EXPECT_TRUE(e.mask & bit(*catalog.purposes.find("link"))) << "a login attested by a server";
}

/// A log that takes its time; counts how many appends it holds at once.
struct Slow : Sink {
  Status append(std::vector<Outgoing>, std::function<void(Status)> done) override {
    const std::lock_guard lock(mutex);
    held.push_back(std::move(done));
    most = std::max(most, held.size());
    came.notify_one();
    return {};
  }
  void finish_one() {
    std::unique_lock lock(mutex);
    came.wait(lock, [&] { return !held.empty(); });
    auto done = std::move(held.front());
    held.pop_front();
    lock.unlock();
    done({});
  }
  std::mutex mutex;
  std::condition_variable came;
  std::deque<std::function<void(Status)>> held;
  std::size_t most = 0;
};

TEST_F(DoorTest, LargeRequestsWaitForThoseBeforeThem) {
  Slow slow;
  Door narrow(
      {.group_bytes_max = 100, .under_way_bytes_max = 100},
      {catalog, sources, names, keys, permissions, slow, clock, heard, shapes}
  );
  std::vector<std::future<http::Response>> answers;
  for (int i = 0; i < 20; ++i) {
    auto once = std::make_shared<Once>();
    answers.push_back(once->answer.get_future());
    http::Request request{.method = "POST", .path = "/v1/track", .query = "writeKey=pub"};
    request.body =
        yes(R"("anonymousId":"a","event":"E","properties":{"long":")" + std::string(100, 'x') +
            "\"}");
    request.body.reserve(request.body.size() + http::body_padding);
    narrow.handle(std::move(request), http::Responder(once));
  }
  for (int i = 0; i < 20; ++i) slow.finish_one();
  for (auto& answer : answers) EXPECT_EQ(answer.get().status, 200);
  EXPECT_EQ(slow.most, 1U) << "each fills a group, and a group all the room there is";
}

TEST_F(DoorTest, SaysWhenToComeAgain) {
  const std::string event = yes(R"("anonymousId":"a","event":"E")");
  sink.refuse = Code::unavailable;
  auto r = post("/v1/track", "pub", event);
  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(r.headers.find("Retry-After"), "5");
  EXPECT_NE(r.body.find("unavailable"), r.body.npos);
  EXPECT_EQ(post("/v1/consent", "secret", said("given", "c")).status, 503);
  EXPECT_EQ(permissions.size(), 0u) << "never ahead of the ledger";
  sink.refuse = Code::over_limit;
  r = post("/v1/track", "pub", event);
  EXPECT_EQ(r.status, 429);
  EXPECT_EQ(r.headers.find("Retry-After"), "1");
  sink.refuse.reset();
  keys.refuse(true);
  EXPECT_EQ(post("/v1/track", "pub", event).status, 503);
  EXPECT_TRUE(heard.all.empty());
  door.close();
  EXPECT_EQ(post("/v1/track", "pub", event).status, 503);
}

}  // namespace
}  // namespace hospes::collect
