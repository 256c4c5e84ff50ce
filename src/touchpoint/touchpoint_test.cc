#include <gtest/gtest.h>

#include "base/dice.h"
#include "catalog/kinds.h"
#include "flow/decisions.h"
#include "touchpoint/pending.h"
#include "touchpoint/question.h"
#include "touchpoint/token.h"

namespace hospes::touchpoint {
namespace {

const catalog::Purposes purposes = catalog::Purposes::fr_eu();

catalog::Source source(bool trusted) {
  catalog::Source out{.name = "web"};
  if (trusted) out.trusted = catalog::ConsentTool{"t", "n", "1", "en"};
  return out;
}

constexpr std::string_view asked =
    R"({"subject":{"userId":"ann","anonymousId":"a1"},"placements":[{"key":"hero"}],)"
    R"("context":{"locale":"fr","consent":{"categoryPreferences":{"personalise":true,"contact:email":true,"market":false}}}})";

TEST(Question, APageSpeaksOfItsDeviceAloneAndOpensWhatItsToolMay) {
  const auto trusted = source(true), plain = source(false);
  const Mask personalise = bit(*purposes.find("personalise")), market = bit(*purposes.find("market"));
  const auto page = read_question(asked, {.source = &trusted}, purposes);
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->subject.size(), 1u);
  EXPECT_EQ(page->subject[0].kind, catalog::kind::anonymous_id);
  EXPECT_EQ(page->yes, personalise) << "an address is never opened by a page";
  EXPECT_EQ(page->no & market, market);
  EXPECT_EQ(read_question(asked, {.source = &plain}, purposes)->yes, Mask{0});
  const auto server =
      read_question(asked, {.source = &plain, .use = catalog::KeyUse::server_key}, purposes);
  ASSERT_EQ(server->subject.size(), 2u);
  EXPECT_EQ(server->subject[0].value, "ann") << "the strongest first";
  EXPECT_EQ(server->yes & personalise, personalise);
  const auto refused = read_question(asked, {.source = &trusted, .gpc = true}, purposes);
  EXPECT_EQ(refused->no & purposes.gpc(), purposes.gpc());
}

TEST(Token, IsReadOnceByItsHouseForADayAndNeverElsewhere) {
  Dice dice(20'261'127);
  HashSecret mine, other;
  other.bytes[7] = 1;
  const Tokens here(mine), there(other);
  Ticket ticket{.atom = {{1, 2}, Instant{3}, 7}, .exposure = {.decision = {4, 5}, .decided = Instant{1'000'000}}};
  ticket.exposure.placement = "hero";
  ticket.exposure.items = {"one"};
  ticket.exposure.propensities = {decide::certain};
  const std::string token = here.make(ticket);
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), token.npos);
  EXPECT_EQ(here.read(token, Instant{2'000'000})->exposure, ticket.exposure);
  EXPECT_EQ(here.read(token, Instant{2'000'000})->atom, ticket.atom);
  EXPECT_FALSE(there.read(token, Instant{2'000'000}));
  EXPECT_FALSE(here.read(token, Instant{1'000'000} + token_good_for + Duration(1)));
  Ticket held = ticket;
  held.exposure.items = {};
  held.exposure.held = true;
  EXPECT_EQ(here.make(held).size(), token.size()) << "its length tells nothing";
  for (int i = 0; i < 300; ++i) {
    std::string bent = token;
    char& c = bent[dice.below(bent.size())];
    c = c == 'A' ? 'B' : 'A';
    const auto read = here.read(bent, Instant{2'000'000});
    // Only the spare bits of the last letter may differ.
    EXPECT_TRUE(!read || read->exposure == ticket.exposure);
  }
}

TEST(Token, OfAnOfferThatWasSentIsGoodForAMonthFromThenAndSaysThatItWasSeen) {
  const Tokens here{HashSecret{}};
  const Instant decided{1'000'000}, sent = decided + std::chrono::days(40);
  Ticket ticket{.atom = {{1, 2}, Instant{3}, 7}, .exposure = {.decision = {4, 5}, .decided = decided}};
  for (std::size_t length = 0; length < 200; ++length) {  // whatever is left of its last block
    ticket.exposure.placement.assign(length, 'p');
    const std::string token = here.make_sent(flow::ticket_form(ticket.atom, ticket.exposure), sent);
    const auto read = here.read(token, sent + sent_good_for);
    ASSERT_TRUE(read) << length;
    EXPECT_EQ(read->exposure, ticket.exposure);
    EXPECT_EQ(read->sent, sent);
    EXPECT_FALSE(here.read(token, sent + sent_good_for + Duration(1)));
    EXPECT_FALSE(here.read(here.make(ticket), decided)->sent) << length;
  }
}

TEST(Pendings, AnswerAtTheDeadlineAndAreBounded) {
  struct Kept final : http::Exchange {
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<int> statuses;
    void send(http::Response r) override {
      const std::lock_guard lock(mutex);
      statuses.push_back(r.status);
      wake.notify_all();
    }
    std::shared_ptr<http::Stream> open_stream(http::Response) override { return nullptr; }
  };
  const auto kept = std::make_shared<Kept>();
  Pendings pendings(2);
  http::Responder a(kept), b(kept), c(kept);
  const auto late = [] { return http::text(200, "late"); };
  auto first = pendings.open(a, std::chrono::milliseconds(1), late);
  auto second = pendings.open(b, std::chrono::hours(1), late);
  EXPECT_EQ(pendings.open(c, std::chrono::hours(1), late), nullptr);
  {
    std::unique_lock lock(kept->mutex);
    ASSERT_TRUE(kept->wake.wait_for(lock, std::chrono::seconds(10), [&] { return kept->statuses.size() == 1; }));
  }
  first->answer(http::text(201, "too late"));
  second->answer(http::text(202, "in time"));
  first.reset();
  second.reset();
  EXPECT_NE(pendings.open(c, std::chrono::milliseconds(1), late), nullptr);
  pendings.close();
  const std::lock_guard lock(kept->mutex);
  EXPECT_EQ(kept->statuses[0], 200);
  EXPECT_EQ(kept->statuses[1], 202);
}

}  // namespace
}  // namespace hospes::touchpoint
