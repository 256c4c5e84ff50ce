#include <gtest/gtest.h>

#include "disk/memory.h"
#include "mail/campaign_links.h"
#include "mail/lint.h"
#include "mail/messages.h"
#include "mail/suppressed.h"
#include "mail/token.h"

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
      Token::Kind::click, {1, 2}, {3, 4}, 5, static_cast<std::uint32_t>(noon.us / day)};
  const std::string text = key.seal(token);
  EXPECT_LE(text.size(), 76U);
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
  auto made = Messages::parse(
      "m.en.liquid",
      "---\nsubject: Hello\nkind: " + std::string(kind) + "\n---\n" + std::string(body), {}
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
      codes(lint(Rendered{.subject = "BUY THIS NOW!!", .html = "<img alt=x>", .text = ""})),
      (Codes{"loud_subject", "image_only"})
  );
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

}  // namespace
}  // namespace hospes::mail
