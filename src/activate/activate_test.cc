// The parts of a sender that need no destination: which addresses may be reached, signatures, and what
// a withdrawal waits for. The whole is tests/service/act_test.py and act_truth_test.py.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>

#include "activate/address.h"
#include "activate/breaker.h"
#include "activate/flights.h"
#include "activate/offer.h"
#include "activate/signature.h"
#include "activate/ready_queue.h"
#include "activate/wire.h"
#include "digest/digest.h"

namespace hospes::activate {
namespace {

Address at(std::string_view text) { return parse_address(text).value(); }

TEST(Address, only_the_public_internet_may_be_reached) {
  for (const char* special :
       {"0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.168.1.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "fc00::1", "fd12::1",
        "fe80::1", "ff02::1", "2001:db8::1", "2002:7f00:1::", "100::1", "fec0::1"})
    EXPECT_TRUE(is_special(at(special))) << special;
  for (const char* open : {"1.1.1.1", "172.32.0.1", "100.128.0.1", "193.0.0.1", "2606:4700::1111",
                           "2a00:1450::1", "::ffff:1.1.1.1"})
    EXPECT_FALSE(is_special(at(open))) << open;
  EXPECT_EQ(at("::ffff:127.0.0.1"), at("127.0.0.1"));
  EXPECT_EQ(to_string(at("127.0.0.1")), "127.0.0.1");
  EXPECT_FALSE(parse_address("0x7f.1"));
  EXPECT_FALSE(parse_address("2130706433"));
}

TEST(Address, what_the_operator_lists_may_be_reached_and_no_more) {
  const std::vector<std::string> list = {"127.0.0.0/8", "10.1.2.3", "fd00:1::/32"};
  const Allowed allowed = Allowed::parse(list).value();
  EXPECT_TRUE(allowed.may_reach(at("127.9.9.9")));
  EXPECT_TRUE(allowed.may_reach(at("10.1.2.3")));
  EXPECT_FALSE(allowed.may_reach(at("10.1.2.4")));
  EXPECT_TRUE(allowed.may_reach(at("fd00:1::9")));
  EXPECT_FALSE(allowed.may_reach(at("fd00:2::9")));
  EXPECT_FALSE(allowed.may_reach(at("::1")));
  EXPECT_TRUE(allowed.may_reach(at("1.1.1.1")));
  EXPECT_FALSE(allowed.lists(at("1.1.1.1")));
  for (const char* wrong : {"localhost", "10.0.0.0/33", "10.0.0.0/", "::/129", ""})
    EXPECT_FALSE(Allowed::parse(std::vector<std::string>{wrong})) << wrong;
}

/// Takes connections at a port of its own and says nothing; the kernel accepts.
class Listener {
 public:
  Listener() {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&where), size), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&where), &size), 0);
    port_ = ntohs(where.sin_port);
  }
  ~Listener() { close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  std::string port() const { return std::to_string(port_); }
  /// Whether somebody has connected since the last call; waits that long.
  bool called(int within_ms) {
    timeval most{.tv_sec = within_ms / 1'000, .tv_usec = within_ms % 1'000 * 1'000};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    const int peer = accept(socket_, nullptr, nullptr);
    if (peer >= 0) close(peer);
    return peer >= 0;
  }

 private:
  int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  std::uint16_t port_ = 0;
};

/// A destination under a name that no resolver but this one knows, and what it leads to from one question
/// to the next.
struct Rebinding {
  explicit Rebinding(std::vector<std::vector<Address>> answers)
      : answers_(std::move(answers)),
        wire(Wire::open(
                 {.url = "http://rebinding.hospes.invalid:" + listener.port() + "/hook",
                  .timeout = std::chrono::milliseconds(3'000),
                  .connect_timeout = std::chrono::milliseconds(500),
                  .resolver = [this](const std::string& host) -> Result<std::vector<Address>> {
                    EXPECT_EQ(host, "rebinding.hospes.invalid");
                    return answers_.at(std::min(asked++, answers_.size() - 1));
                  }},
                 allowed
        ).value()) {}

  /// Until it is connected and waits for content (true), or has ended.
  bool connects(Wire::Number number) {
    wire->open_request(number, {.headers = {"Content-Type: application/json"}, .content_bytes = 2});
    for (;;) {
      for (Wire::Done& done : wire->run()) {
        ended = std::move(done.reply);
        return false;
      }
      if (!wire->asking().empty()) return true;
      wire->wait(std::chrono::milliseconds(20));
    }
  }

  Listener listener;
  Allowed allowed = Allowed::parse(std::vector<std::string>{"127.0.0.1"}).value();
  std::size_t asked = 0;
  Reply ended;

 private:
  std::vector<std::vector<Address>> answers_;

 public:
  std::unique_ptr<Wire> wire;
};

TEST(Wire, a_name_that_leads_elsewhere_after_it_was_checked_is_not_followed) {
  // The second answer is the attack: the name was checked as ours, and leads into the house's network.
  Rebinding r({{at("127.0.0.1")}, {at("10.0.0.1")}});
  const auto now = std::chrono::steady_clock::now();
  ASSERT_TRUE(r.wire->aim(now));
  EXPECT_TRUE(r.connects(1)) << r.ended.error;  // only what was pinned can have led there: no DNS knows the name
  EXPECT_TRUE(r.listener.called(2'000));
  EXPECT_EQ(r.asked, 1U) << "the connection asked nobody again";
  ASSERT_TRUE(r.wire->aim(now + std::chrono::seconds(29)));
  EXPECT_EQ(r.asked, 1U) << "what was checked holds for half a minute";
  const Status no = r.wire->aim(now + std::chrono::seconds(31));
  ASSERT_FALSE(no);
  EXPECT_EQ(no.error().code, Code::invalid_input);
  EXPECT_NE(no.error().message.find("leads to 10.0.0.1"), std::string::npos) << no.error().message;
  EXPECT_FALSE(r.wire->aim(now + std::chrono::seconds(32))) << "and nothing that was pinned is left";
}

TEST(Wire, one_private_address_among_several_closes_the_name) {
  Rebinding r({{at("127.0.0.1"), at("169.254.169.254")}, {at("127.0.0.1")}});
  const auto now = std::chrono::steady_clock::now();
  EXPECT_FALSE(r.wire->aim(now));
  EXPECT_TRUE(r.wire->aim(now));
  EXPECT_EQ(r.asked, 2U);
}

TEST(Wire, what_was_pinned_anew_is_where_the_next_connection_goes) {
  Rebinding r({{at("127.0.0.1")}, {at("127.0.0.2")}});
  r.allowed = Allowed::parse(std::vector<std::string>{"127.0.0.0/8"}).value();
  const auto now = std::chrono::steady_clock::now();
  ASSERT_TRUE(r.wire->aim(now));
  EXPECT_TRUE(r.connects(1));
  EXPECT_TRUE(r.listener.called(2'000));
  ASSERT_TRUE(r.wire->aim(now + std::chrono::seconds(31)));
  EXPECT_FALSE(r.connects(2)) << "nobody listens at 127.0.0.2";
  EXPECT_FALSE(r.listener.called(50));
  EXPECT_FALSE(r.ended.began);
}

TEST(Wire, who_is_connected_to_is_looked_at_before_the_first_byte) {
  Rebinding r({{at("127.0.0.1")}});
  ASSERT_TRUE(r.wire->aim(std::chrono::steady_clock::now()));
  r.allowed = Allowed::parse(std::vector<std::string>{}).value();  // as if the connection had led elsewhere
  EXPECT_FALSE(r.connects(1));
  EXPECT_EQ(r.ended.error, "the connection led to an address that may not be reached");
  EXPECT_FALSE(r.ended.began);
}

TEST(Breaker, opens_after_failures_in_a_row_twice_as_long_each_time_and_one_attempt_closes_it) {
  using std::chrono::milliseconds;
  const BreakerOptions options;
  Breaker::Time now{};
  now += std::chrono::hours(1);
  Breaker b(options);
  for (unsigned i = 1; i < options.failures_max; ++i) b.tried(false, now);
  EXPECT_FALSE(b.pauses(now));
  EXPECT_FALSE(b.on_trial());
  b.tried(true, now);  // not in a row
  for (unsigned i = 1; i < options.failures_max; ++i) b.tried(false, now);
  EXPECT_EQ(b.standing(now), "open");
  b.tried(false, now);
  EXPECT_EQ(b.standing(now), "broken");
  EXPECT_EQ(b.until(), now + options.open_least);
  b.tried(false, now);  // of one that was under way
  EXPECT_EQ(b.until(), now + options.open_least) << "it opens once for all of them";
  // An hour in which every attempt fails: a second, two, four … five minutes; each ends in one attempt.
  const auto end = now + std::chrono::hours(1);
  milliseconds longest{0};
  unsigned attempts = 0;
  while (now < end) {
    EXPECT_TRUE(b.pauses(b.until() - milliseconds(1)));
    const milliseconds waited = std::chrono::duration_cast<milliseconds>(b.until() - now);
    EXPECT_EQ(waited, std::min(options.open_most, options.open_least * (1 << std::min(attempts, 20U))));
    longest = std::max(longest, waited);
    now = b.until();
    EXPECT_FALSE(b.pauses(now));
    EXPECT_TRUE(b.on_trial()) << "half open";
    EXPECT_EQ(b.standing(now), "open");
    b.tried(false, now);
    ++attempts;
  }
  EXPECT_EQ(longest, options.open_most);
  EXPECT_EQ(attempts, 20U);  // nine until five minutes are reached, and eleven of these
  now = b.until();
  b.tried(true, now);
  EXPECT_FALSE(b.on_trial());
  for (unsigned i = 0; i < options.failures_max; ++i) b.tried(false, now);
  EXPECT_EQ(b.until(), now + options.open_least) << "from the shortest again";
}

TEST(Breaker, waits_as_the_destination_says_and_opens_at_once_when_it_may_not_be_reached) {
  const BreakerOptions options;
  const Breaker::Time now{std::chrono::hours(1)};
  Breaker told(options);
  told.wait_until(now + std::chrono::seconds(30));
  told.wait_until(now + std::chrono::seconds(10));
  EXPECT_EQ(told.standing(now), "waiting");
  EXPECT_EQ(told.until(), now + std::chrono::seconds(30)) << "the longer one";
  EXPECT_EQ(told.standing(now + std::chrono::seconds(30)), "open");
  EXPECT_FALSE(told.on_trial()) << "it is alive: all may go";
  Breaker closed(options);
  closed.broke(now);
  EXPECT_EQ(closed.standing(now), "broken");
  EXPECT_EQ(closed.until(), now + options.open_least);
}

TEST(Signature, is_that_of_the_documented_vector) {
  const auto secrets = parse_secrets("# new\nwhsec_aG9zcGVzLXRlc3Qtc2VjcmV0LTI0Ynl0ZXMh\n").value();
  EXPECT_EQ(secrets, std::vector<std::string>{"hospes-test-secret-24bytes!"});
  EXPECT_EQ(
      signature_of(secrets, "msg_hospes_1", "1795392000", R"({"type":"consent.withdrawn"})"),
      "v1,kq2/UKzAvyVSCnHXuSe2Ytkj3w5Csd1iYlMHS2nHqJY="
  );
  for (const char* wrong : {"", "secret", "whsec_", "whsec_AAAA", "whsec_###", "whsec_aG9zc"})
    EXPECT_FALSE(parse_secrets(wrong)) << wrong;
}

constexpr PurposeBit purpose = 4;

consent::Row no(std::uint64_t message) {
  return {.atom = {1, 1}, .purpose = purpose, .state = consent::Answer::withdrawn,
          .message = {0, message}};
}

struct Waiting {
  std::promise<void> promise;
  std::future<void> done = promise.get_future();
  bool over(std::chrono::milliseconds within) {
    return done.wait_for(within) == std::future_status::ready;
  }
};

using std::chrono::milliseconds;

TEST(Flights, a_no_stops_what_has_not_begun_and_waits_for_what_has) {
  Flights flights;
  const auto begun = flights.enter(bit(purpose), {{1, 1}, {2, 2}});
  const auto waiting = flights.enter(bit(purpose), {{1, 1}});
  const auto other = flights.enter(bit(purpose), {{9, 9}});
  const auto elsewhere = flights.enter(bit(purpose + 1), {{1, 1}});
  EXPECT_TRUE(begun->begin());
  const std::uint64_t ticket = flights.expect({{0, 7}});
  flights.applied(std::vector{no(7)});
  EXPECT_FALSE(waiting->begin());
  EXPECT_TRUE(begun->begin()) << "its later bytes";
  EXPECT_TRUE(other->begin());
  EXPECT_TRUE(elsewhere->begin());
  Waiting w;
  flights.when_drained(ticket, [&] { w.promise.set_value(); });
  flights.leave(waiting);
  EXPECT_FALSE(w.over(milliseconds(50)));
  flights.leave(begun);
  EXPECT_TRUE(w.over(milliseconds(1'000)));
  EXPECT_EQ(flights.in_flight({0, 7}), 0u);
  flights.leave(other);
  flights.leave(elsewhere);
  EXPECT_EQ(flights.size(), 0u);
}

TEST(Flights, what_does_not_end_is_counted_after_two_seconds) {
  Flights flights;
  const auto begun = flights.enter(bit(purpose), {{1, 1}});
  EXPECT_TRUE(begun->begin());
  const std::uint64_t ticket = flights.expect({{0, 7}});
  flights.applied(std::vector{no(7)});
  Waiting w;
  flights.when_drained(ticket, [&] { w.promise.set_value(); });
  EXPECT_TRUE(w.over(milliseconds(4'000)));
  EXPECT_EQ(flights.in_flight({0, 7}), 1u);
  EXPECT_EQ(flights.in_flight({0, 7}), 0u) << "told once";
  flights.leave(begun);
}

TEST(Flights, nothing_in_flight_is_answered_once_it_is_applied) {
  Flights flights;
  const std::uint64_t ticket = flights.expect({{0, 7}, {0, 8}});
  Waiting w;
  flights.when_drained(ticket, [&] { w.promise.set_value(); });
  flights.applied(std::vector{no(7)});
  EXPECT_FALSE(w.over(milliseconds(20)));
  flights.known({0, 8});  // said before
  EXPECT_TRUE(w.over(milliseconds(1'000)));
}

TEST(Offer, is_shown_in_the_language_of_the_reader) {
  const std::string_view json =
      R"({"name":"vinyl","payload":{"en":{"title":"Vinyl week","price":12.9,"tags":["a",2]},"fr":{"title":"Semaine"}}})";
  const auto shown = [&](std::string_view language) {
    return offer_of(json, language).member("payload")->member("title")->printed();
  };
  EXPECT_EQ(shown("fr-FR"), "Semaine");
  EXPECT_EQ(shown("en"), "Vinyl week");
  EXPECT_EQ(shown("de"), "Vinyl week");
  EXPECT_EQ(shown(""), "Vinyl week");
  EXPECT_EQ(offer_of(json, "en").member("payload")->member("price")->printed(), "12.9");
  EXPECT_EQ(offer_of(json, "en").member("name")->printed(), "vinyl");
  for (const char* none : {"", "{", "[]", R"({"name":1})"}) EXPECT_TRUE(offer_of(none, "en").is_nil()) << none;
}

TEST(Offer, bears_a_token_in_place_of_what_its_decision_left) {
  std::string asked;
  const OfferToken token = [&](std::string_view ticket, Instant sent) {
    asked = std::string(ticket) + "/" + std::to_string(sent.us);
    return std::string("T-1");
  };
  const std::string json = R"({"name":"a","payload":{"en":{"ticket":"YWI="}},"ticket":")" + base64("a") + R"("})";
  const std::string sent = sent_offer(json, token, Instant{7});
  EXPECT_EQ(sent, R"({"name":"a","payload":{"en":{"ticket":"YWI="}},"token":"T-1"})");
  EXPECT_EQ(asked, "a/7");
  EXPECT_EQ(offer_of(sent, "en").member("token")->printed(), "T-1");
  EXPECT_EQ(sent_offer(json, {}, Instant{7}), R"({"name":"a","payload":{"en":{"ticket":"YWI="}}})");
  // One that was decided before there were tickets, whatever its payload says.
  const std::string older = R"({"name":"a","payload":{"en":{"x":1,"ticket":"YWI="}}})";
  EXPECT_EQ(sent_offer(older, token, Instant{7}), older);
  EXPECT_EQ(offer_of(older, "en").member("token"), nullptr);
  EXPECT_EQ(sent_offer("", token, Instant{7}), "");
}

TEST(ReadyQueue, service_leaves_before_what_was_triggered_and_a_campaign_last) {
  const auto effect = [](std::uint64_t n, std::string journey) {
    flow::Effected e;
    e.effect.key = {n, n};
    e.effect.passage.journey = std::move(journey);
    return e;
  };
  ReadyQueue waiting;
  for (const auto& [n, journey, service] :
       {std::tuple(1, "campaign_sale", false), std::tuple(2, "", false), std::tuple(3, "campaign_sale", false),
        std::tuple(4, "left_basket", false), std::tuple(5, "campaign_sale", true)}) {
    flow::Effected e = effect(static_cast<std::uint64_t>(n), journey);
    waiting.push(urgency_of(e.effect, service), e);
  }
  std::vector<std::uint64_t> order;
  for (std::size_t i = 0; i < waiting.size(); ++i) order.push_back(waiting[i].effect.key.hi);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{5, 2, 4, 1, 3}));
  waiting.drop(4);
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(waiting[0].effect.key.hi, 3u);
  waiting.drop(1);
  EXPECT_TRUE(waiting.empty());
  EXPECT_LT(share_of(100, Urgency::bulk), share_of(100, Urgency::triggered));
  EXPECT_EQ(share_of(100, Urgency::service), 100u);
}

}  // namespace
}  // namespace hospes::activate
