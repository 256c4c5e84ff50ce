#include <gtest/gtest.h>

#include "disk/memory.h"
#include "mail/campaign_links.h"
#include "mail/complaints.h"
#include "mail/lint.h"
#include "mail/messages.h"
#include "mail/suppressed.h"
#include "mail/token.h"
#include "mail/tracking.h"

namespace hospes::mail {
namespace {

HashSecret secret(unsigned char fill) {
  HashSecret out;
  out.bytes.fill(fill);
  return out;
}

constexpr Instant noon{1'795'780'800'000'000};
constexpr std::int64_t day = 86'400'000'000;

TEST(Token, only_its_house_its_kind_and_its_time_open_it) {
  const TokenKey key(secret(1)), other(secret(2));
  const Token token{
      Token::Kind::click, {1, 2}, {3, 4}, 5, static_cast<std::uint32_t>(noon.us / day), "https://a.example/"};
  const std::string text = key.seal(token);
  EXPECT_LE(text.size(), 110U);
  EXPECT_EQ(key.read(text, Token::Kind::click)->leads_to, "https://a.example/");
  EXPECT_TRUE(is_over(token, {noon.us + day}));
  EXPECT_EQ(key.open(text, Token::Kind::click, noon), token);
  EXPECT_FALSE(key.open(text, Token::Kind::open, noon));
  EXPECT_FALSE(other.open(text, Token::Kind::click, noon));
  EXPECT_FALSE(key.open(text, Token::Kind::click, {noon.us + day}));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string bad = text;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(key.open(bad, Token::Kind::click, noon)) << i;
  }
  EXPECT_FALSE(key.open("", Token::Kind::click, noon));
  EXPECT_FALSE(key.open(text + "A", Token::Kind::click, noon));
}

TEST(Token, an_address_has_one_name_in_one_house) {
  const TokenKey key(secret(1)), other(secret(2));
  EXPECT_EQ(key.name_of("zoe@example.org").size(), 24U);
  EXPECT_EQ(key.name_of("zoe@example.org"), TokenKey(secret(1)).name_of("zoe@example.org"));
  EXPECT_NE(key.name_of("zoe@example.org"), other.name_of("zoe@example.org"));
  EXPECT_NE(key.name_of("zoe@example.org"), key.name_of("zoe@example.com"));
}

TEST(Suppressed, stays_over_a_restart_and_a_torn_line) {
  disk::MemoryDisk disk;
  const std::string gone(24, 'a'), unwanted(24, 'b'), full(24, 'c');
  {
    auto list = Suppressed::open(disk, "mail");
    ASSERT_TRUE(list);
    EXPECT_TRUE((*list)->add(gone, Suppressed::Reason::gone, noon));
    EXPECT_TRUE((*list)->add(unwanted, Suppressed::Reason::complaint, noon));
    EXPECT_FALSE((*list)->add("zoe@example.org", Suppressed::Reason::gone, noon));
  }
  auto file = disk.open("mail/suppressed", disk::Mode::write);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write(*(*file)->size(), std::string(24, 'd')));
  auto list = Suppressed::open(disk, "mail");
  ASSERT_TRUE(list);
  EXPECT_TRUE((*list)->stops(gone, false));
  EXPECT_TRUE((*list)->stops(unwanted, true));
  EXPECT_FALSE((*list)->stops(unwanted, false)) << "a service message still comes";
  EXPECT_FALSE((*list)->stops(std::string(24, 'd'), true));
  // Five soft bounces on five days, over at least fourteen.
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE((*list)->add(full, Suppressed::Reason::soft, {noon.us + i * day}));
  EXPECT_TRUE((*list)->add(full, Suppressed::Reason::soft, {noon.us + 3 * day}));
  EXPECT_FALSE((*list)->stops(full, true));
  EXPECT_TRUE((*list)->add(full, Suppressed::Reason::soft, {noon.us + 14 * day}));
  EXPECT_TRUE((*list)->stops(full, false));
  auto again = Suppressed::open(disk, "mail");
  ASSERT_TRUE(again);
  EXPECT_TRUE((*again)->stops(full, false));
  EXPECT_EQ((*again)->size(), 3U);
}

HouseMessage message(std::string_view kind, std::string_view body) {
  const liquid::Partials parts = [](std::string_view name) -> std::optional<std::string> {
    if (name == "foot") return "<p>\nSpecial offer</p>";
    if (name == "outer") return "{% render \"foot\" %}";
    return std::nullopt;
  };
  auto made = Messages::parse(
      "m.en.liquid",
      "---\nsubject: Hello\nkind: " + std::string(kind) + "\n---\n" + std::string(body), parts
  );
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return *made;
}

std::vector<std::string> codes(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& f : findings) out.push_back(f.code + (f.refused ? "!" : ""));
  return out;
}

TEST(Lint, says_what_providers_object_to) {
  using Codes = std::vector<std::string>;
  EXPECT_EQ(
      codes(lint(message("marketing", "<a href=\"{{ unsubscribe_url }}\">out</a>"))), Codes{}
  );
  EXPECT_EQ(codes(lint(message("marketing", "<p>Hello</p>"))), Codes{"no_unsubscribe!"});
  EXPECT_EQ(codes(lint(message("service", "<p>Your order: -5.00</p>"))), Codes{});
  EXPECT_EQ(
      codes(lint(message("service", "<p>Vous aimerez aussi</p>"))), Codes{"service_promotion!"}
  );
  EXPECT_EQ(
      codes(lint(message("service", "<p>Jusqu'\u00e0 -20\u00a0% !</p>"))),
      Codes{"service_promotion!"}
  );
  EXPECT_EQ(
      codes(lint(message("service", "{{ unsubscribe_url }}"))), Codes{"service_unsubscribe!"}
  );
  EXPECT_EQ(
      codes(lint(message("service", "<script>x</script><img src=x><a href=\"http://a.example\">"))),
      (Codes{"forbidden_markup!", "plain_link", "no_alt"})
  );
  const auto trait =
      lint(message("service", "{{ person.firstname }}{{ persn.x }}"), {"firstName", "email"});
  ASSERT_EQ(trait.size(), 2U);
  EXPECT_EQ(
      trait[1].said, "no event says \"firstname\" of a person; the nearest known is \"firstName\""
  );
  EXPECT_EQ(trait[0].said, "nothing is called \"persn.x\" here; the nearest known is \"person\"");
  EXPECT_EQ(
      codes(lint(Rendered{.subject = "BUY THIS NOW!!", .html = "<img alt=x>", .text = ""}, Kind::marketing)),
      (Codes{"loud_subject", "image_only"})
  );
}

TEST(Lint, no_promotion_hides_in_a_service_message) {
  using Codes = std::vector<std::string>;
  const HouseMessage by_part = message("service", "<p>Thank you</p>{% render \"outer\" %}");
  const auto found = lint(by_part);
  EXPECT_EQ(codes(found), Codes{"service_promotion!"});
  EXPECT_TRUE(found[0].said.starts_with("messages/parts/foot.liquid:2  ")) << found[0].said;
  EXPECT_EQ(codes(lint(message("service", "{{ offer.payload.text }}"))), Codes{"service_promotion!"});
  const std::string some(100, 'x');
  EXPECT_EQ(codes(lint(Rendered{.subject = "Your parcel", .html = some + "Soldes", .text = ""}, Kind::service)), Codes{"service_promotion!"});
  EXPECT_EQ(codes(lint(Rendered{.subject = "-20 %", .html = some, .text = ""}, Kind::marketing)), Codes{});
}

TEST(Messages, what_was_written_of_a_message_includes_its_parts) {
  const HouseMessage m = message("marketing", "{% render \"outer\" %}{% render \"outer\" %}");
  ASSERT_EQ(m.parts.size(), 2U);
  EXPECT_TRUE(m.written().starts_with(m.source));
  EXPECT_NE(m.written().find("Special offer"), std::string::npos);
}

TEST(CampaignLinks, a_link_names_its_campaign_and_nothing_else_changes) {
  const CampaignLinks links{.source = "disquaire", .campaign = "winter", .except = "https://h.example/u/"};
  const std::string more = "utm_source=disquaire&amp;utm_medium=email&amp;utm_campaign=winter";
  const auto named = [&](const std::string& link) {
    const std::string html = with_campaign("<p><a class=x HREF = '" + link + "'>x</a></p>", links);
    return html.substr(22, html.size() - 22 - std::string_view("'>x</a></p>").size());
  };
  EXPECT_EQ(named("https://a.example/"), "https://a.example/?" + more);
  EXPECT_EQ(named("http://a.example/?b=1"), "http://a.example/?b=1&amp;" + more);
  EXPECT_EQ(named("https://a.example/?#top"), "https://a.example/?" + more + "#top");
  EXPECT_EQ(named("https://a.example/x#a?b"), "https://a.example/x?" + more + "#a?b");
  for (const char* kept : {"https://h.example/u/TOKEN", "mailto:a@b.example", "https://a.example/?utm_source=other", "#top", ""})
    EXPECT_EQ(named(kept), kept);
  for (const char* html : {"<abbr href=\"https://a.example\">", "<a>x</a>", "<a href=https://a.example>", "<a href=\"https://a.example", "<", "<a", ""})
    EXPECT_EQ(with_campaign(html, links), html);
  EXPECT_EQ(link_name("Disquaire & Fils"), "disquaire-fils");
  EXPECT_EQ(link_name("Ω"), "house");
}

TEST(Complaints, too_many_stop_a_destination_until_somebody_reopens_it) {
  disk::MemoryDisk disk;
  const auto open = [&](Instant at) { return std::move(*Complaints::open(disk, "mail", at)); };
  auto c = open(noon);
  for (int i = 0; i < 1'999; ++i) c->sent("relay", noon);
  for (std::uint64_t i = 0; i < Complaints::least; ++i) EXPECT_FALSE(*c->complained("relay", noon));  // 2.5 of a thousand
  EXPECT_FALSE(*c->complained("other", noon));
  EXPECT_EQ(c->reopen("relay", "ann", noon).error().code, Code::conflict);
  c = open(noon);
  EXPECT_EQ(c->of("relay", noon).sent, 1'999U);
  EXPECT_TRUE(*c->complained("relay", noon));  // 6 of 1,999: three of a thousand
  EXPECT_FALSE(*c->complained("relay", noon)) << "it is stopped already";
  for (int i = 0; i < 2; ++i, c = open({noon.us + i * day})) {
    EXPECT_TRUE(c->stopped("relay")) << "also after a restart, " << i;
    EXPECT_FALSE(c->stopped("other"));
    EXPECT_EQ(c->of("relay", noon).since, noon);
  }
  EXPECT_EQ(c->of("relay", {noon.us + Complaints::days * day}).complaints, 0U) << "the window";
  EXPECT_TRUE(c->stopped("relay")) << "nobody reopened it";
  ASSERT_TRUE(c->reopen("relay", "Ann Smith\nowner", {noon.us + 1}));
  for (int i = 0; i < 2; ++i, c = open(noon)) {
    EXPECT_FALSE(c->stopped("relay"));
    const auto standing = c->of("relay", noon);
    EXPECT_EQ(standing.complaints, 0U);
    EXPECT_EQ(standing.reopened_by, "Ann Smith owner");
    EXPECT_EQ(standing.reopened.us, noon.us + 1);
  }
  for (std::uint64_t i = 1; i < Complaints::least; ++i) EXPECT_FALSE(*c->complained("relay", noon)) << "few say nothing";
  EXPECT_TRUE(*c->complained("relay", noon));
}

TEST(Complaints, the_window_moves_by_the_clock_and_a_stop_ends_by_a_person_alone) {
  disk::MemoryDisk disk;
  auto c = std::move(*Complaints::open(disk, "mail", noon));
  // Four on four days, and the fifth when the first has left the window: no five in seven days.
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(*c->complained("relay", {noon.us + i * day}));
  EXPECT_FALSE(*c->complained("relay", {noon.us + 7 * day}));
  EXPECT_EQ(c->of("relay", {noon.us + 7 * day}).complaints, 4U);
  EXPECT_FALSE(*c->complained("relay", {noon.us + 8 * day})) << "the second has left, too";
  // The fifth within the window: sent to so many that it is just below three of a thousand, then not.
  const Instant eighth{noon.us + 8 * day};
  for (int i = 0; i < 1'667; ++i) c->sent("relay", eighth);
  EXPECT_FALSE(*c->complained("relay", eighth)) << "5 of 1,667 is 2.999 of a thousand";
  EXPECT_TRUE(*c->complained("relay", eighth));
  for (int i = 0; i < 60; ++i) c->sent("relay", {eighth.us + i * day});
  EXPECT_TRUE(c->stopped("relay")) << "neither time nor service mail reopens it";
  EXPECT_TRUE(c->reopen("relay", "Ann", {eighth.us + 60 * day}));
  EXPECT_FALSE(c->stopped("relay"));
  // A clock that steps back counts on its own day and stops nobody sooner.
  EXPECT_FALSE(*c->complained("relay", {eighth.us + 59 * day}));
  EXPECT_EQ(c->of("relay", {eighth.us + 60 * day}).complaints, 1U);
}

TEST(Complaints, a_kill_at_any_step_keeps_what_was_answered) {
  std::uint64_t steps = 0;
  for (std::uint64_t at = 1; at < 60; ++at) {
    disk::MemoryDisk disk;
    std::uint64_t answered = 0;
    bool stopped = false, asked_to_stop = false;
    disk.fail_at(at, disk::MemoryDisk::Fault::power_cut);
    if (auto c = Complaints::open(disk, "mail", noon)) {
      for (int i = 0; i < 7; ++i) {
        (*c)->sent("relay", noon);
        const auto said = (*c)->complained("relay", noon);
        if (!said) break;
        ++answered;
        stopped |= *said;
      }
      if (stopped && (*c)->reopen("relay", "Ann", noon)) asked_to_stop = true;
    }
    if (!disk.fault_met()) break;
    ++steps;
    Dice dice(at);
    disk.crash(dice);
    const auto c = Complaints::open(disk, "mail", noon);
    ASSERT_TRUE(c) << "step " << at << ": " << c.error().message;
    const auto standing = (*c)->of("relay", noon);
    if (asked_to_stop) {
      EXPECT_EQ(standing.reopened_by, "Ann") << "step " << at;
      continue;
    }
    const bool reopened = !standing.reopened_by.empty();  // durable, and not answered for
    EXPECT_TRUE(reopened || standing.complaints >= answered) << "step " << at;
    EXPECT_TRUE(!stopped || standing.stopped || reopened) << "step " << at;
  }
  EXPECT_GT(steps, 20U);
}

TEST(Complaints, a_lost_file_is_counted_anew_once) {
  disk::MemoryDisk disk;
  {
    auto c = std::move(*Complaints::open(disk, "mail", noon));
    EXPECT_TRUE(c->fresh());
    const std::int64_t today = noon.us / day;
    EXPECT_TRUE(c->restore({{"relay", today, 900, 4}, {"relay", today - 1, 100, 1}, {"other", today, 10'000, 7}}, noon));
    EXPECT_TRUE(c->stopped("relay"));
    EXPECT_FALSE(c->stopped("other"));
  }
  auto c = std::move(*Complaints::open(disk, "mail", noon));
  EXPECT_FALSE(c->fresh()) << "it stands in its own lines from now on";
  EXPECT_EQ(c->of("relay", noon).sent, 1'000U);
  EXPECT_TRUE(c->stopped("relay"));
  EXPECT_TRUE(c->reopen("relay", "Ann", noon));
  c = std::move(*Complaints::open(disk, "mail", noon));
  EXPECT_FALSE(c->fresh());
  EXPECT_FALSE(c->stopped("relay"));
}

constexpr TrackedMessage to_marie{{1, 2}, {3, 4}, "https://h.example", noon};

TEST(Tracking, a_counted_link_leads_where_it_did_and_nowhere_else) {
  const TokenKey key(secret(1));
  const auto counted = [&](const std::string& link) {
    const std::string html = with_tracking("<p><a href=\"" + link + "\">x</a></p>", {.clicks = true}, to_marie, key);
    return html.substr(12, html.size() - 12 - std::string_view("\">x</a></p>").size());
  };
  for (const auto& [written, leads_to] : std::vector<std::pair<std::string, std::string>>{
           {"https://shop.example/", "https://shop.example/"},
           {"http://shop.example/a?b=1&amp;c=2#d", "http://shop.example/a?b=1&c=2#d"},
           {"https://shop.example/?b=1&c=%20&d", "https://shop.example/?b=1&c=%20&d"}}) {
    const std::string link = counted(written);
    ASSERT_TRUE(link.starts_with("https://h.example/c/")) << link;
    EXPECT_FALSE(link.contains("shop")) << "it names neither shop nor person";
    const auto token = key.read(link.substr(20), Token::Kind::click);
    ASSERT_TRUE(token);
    EXPECT_EQ(token->leads_to, leads_to);
    EXPECT_EQ(token->effect, to_marie.effect);
    EXPECT_FALSE(is_over(*token, {noon.us + tracked_days * day}));
    EXPECT_TRUE(is_over(*token, {noon.us + (tracked_days + 1) * day}));
  }
  for (const std::string& kept : std::vector<std::string>{
           "https://h.example/u/TOKEN", "mailto:a@b.example", "tel:+33102030405", "#top", "javascript:alert(1)",
           "https://shop.example/é", "https://shop.example/?a&copy;", "https://shop.example/a b",
           "https://shop.example/" + std::string(leads_to_max, 'x'), ""})
    EXPECT_EQ(counted(kept), kept);
}

TEST(Tracking, only_what_the_person_permits_is_put_in) {
  const TokenKey key(secret(1));
  const std::string html = "<html><body><a href='https://a.example/1'>1</a> <a href='https://a.example/2'>2</a></body></html>";
  EXPECT_EQ(with_tracking(html, {}, to_marie, key), html);
  const std::string opens = with_tracking(html, {.opens = true}, to_marie, key);
  EXPECT_TRUE(opens.contains("'https://a.example/1'"));
  EXPECT_TRUE(opens.contains("<img src=\"https://h.example/o/"));
  EXPECT_TRUE(opens.ends_with(".gif\" width=\"1\" height=\"1\" alt=\"\"></body></html>"));
  const std::string clicks = with_tracking(html, {.clicks = true}, to_marie, key);
  EXPECT_FALSE(clicks.contains("<img"));
  EXPECT_FALSE(clicks.contains("a.example"));
  EXPECT_TRUE(with_tracking("<p>x", {.opens = true}, to_marie, key).starts_with("<p>x<img"));
}

}  // namespace
}  // namespace hospes::mail
