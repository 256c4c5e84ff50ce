// The parts of a sender that need no destination: which addresses may be reached, signatures, and what
// a withdrawal waits for. The whole is tests/service/act_test.py and act_truth_test.py.
#include <gtest/gtest.h>

#include <future>

#include "activate/address.h"
#include "activate/flights.h"
#include "activate/offer.h"
#include "activate/signature.h"
#include "activate/ready_queue.h"

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
