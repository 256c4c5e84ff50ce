// What of the pages needs no house: text, words, links and visits, the zip.
#include <gtest/gtest.h>

#include "guest/html.h"
#include "guest/mail_loads.h"
#include "guest/sessions.h"
#include "guest/takeaway.h"
#include "guest/words.h"

namespace hospes::guest {
namespace {

const Instant now = *parse_instant("2026-11-27T19:44:00Z");
const Atom marie{{1, 2}, now, 0};
const Atom paul{{3, 4}, now, 0};

http::Request bearing(const std::string& set_cookie) {
  http::Request out;
  out.headers.add("Cookie", "other=1; " + set_cookie.substr(0, set_cookie.find(';')));
  return out;
}

TEST(Html, TextIsNeverMarkup) {
  Html page;
  page.raw("<p title=\"").text("\"onload='x' <&>").raw("\">").line("b class=\"x\"", "<i>");
  EXPECT_EQ(
      page.done(),
      "<p title=\"&quot;onload=&#39;x&#39; &lt;&amp;&gt;\"><b class=\"x\">&lt;i&gt;</b>"
  );
}

TEST(Words, AreWrittenAsTheLanguageWritesThem) {
  const zones::Zone& paris = *zones::find("Europe/Paris");
  const Words fr("fr", paris), en("en", paris);
  EXPECT_EQ(fr.moment(now), "27 novembre 2026, 20\u00a0h\u00a044");
  EXPECT_EQ(en.moment(now), "27 November 2026, 20:44");
  EXPECT_EQ(fr.date(*parse_instant("2026-03-31T23:30:00Z")), "1er avril 2026");
  EXPECT_EQ(fr.money(Decimal{402'790'000}, "USD"), "402,79\u00a0$");
  EXPECT_EQ(en.money(Decimal{402'790'000}, "USD"), "$402.79");
  EXPECT_EQ(fr.number(Decimal::whole(-1'234'567)), "-1\u202f234\u202f567");
  EXPECT_EQ(fr.number(Decimal::whole(-123)), "-123");
  EXPECT_EQ(en.count(23'582), "23,582");
  EXPECT_EQ(en.money(Decimal::whole(5), "CHF"), "5.00\u00a0CHF");
}

TEST(Words, ThePreferredLanguageIsTheFirstThatWeSpeak) {
  EXPECT_EQ(preferred("de-DE,en;q=0.8,fr;q=0.5", "fr"), "en");
  EXPECT_EQ(preferred("fr-CA", "en"), "fr");
  EXPECT_EQ(preferred("de", "fr"), "fr");
  EXPECT_EQ(preferred("", "de"), "en");
}

TEST(Sessions, ALinkIsGoodOnceAndLookingAtItUsesNothingUp) {
  Sessions sessions(false);
  const std::string link = sessions.new_link(marie, "token", now);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(sessions.is_good(link, now));
  const auto cookie = sessions.redeem(link, now);
  ASSERT_TRUE(cookie);
  EXPECT_NE(cookie->find("HttpOnly; SameSite=Lax"), cookie->npos);
  EXPECT_FALSE(sessions.redeem(link, now));
  EXPECT_FALSE(sessions.is_good(link, now));
  const auto visit = sessions.of(bearing(*cookie), now);
  ASSERT_TRUE(visit);
  EXPECT_EQ(visit->login, marie);
  EXPECT_EQ(visit->via, "token");
  EXPECT_FALSE(sessions.of(bearing("hospes_guest=guess"), now));
  EXPECT_FALSE(sessions.of({}, now));
}

TEST(Sessions, LinksAndVisitsEnd) {
  Sessions sessions(true);
  const std::string old = sessions.new_link(marie, "token", now);
  EXPECT_FALSE(sessions.is_good(old, now + link_good_for));
  const std::string link = sessions.new_link(marie, "token", now);
  EXPECT_FALSE(sessions.is_good(old, now)) << "a newer link voids the older";
  const auto cookie = *sessions.redeem(link, now);
  EXPECT_TRUE(cookie.starts_with("__Host-hospes_guest="));
  EXPECT_TRUE(cookie.ends_with("; Secure"));
  const Duration most = session_good_for - Duration(1);
  EXPECT_TRUE(sessions.of(bearing(cookie), now + most));
  EXPECT_TRUE(sessions.of(bearing(cookie), now + most + most)) << "each request carries it on";
  EXPECT_FALSE(sessions.of(bearing(cookie), now + most + most + session_good_for));
}

TEST(Sessions, LeavingAndAnErasureEndThem) {
  Sessions sessions(false);
  const auto enter = [&](const Atom& who) {
    return *sessions.redeem(sessions.new_link(who, "token", now), now);
  };
  const auto first = enter(marie), second = enter(marie), other = enter(paul);
  sessions.leave(bearing(first));
  EXPECT_FALSE(sessions.of(bearing(first), now));
  EXPECT_TRUE(sessions.of(bearing(second), now));
  const std::string link = sessions.new_link(marie, "token", now);
  sessions.forget(marie.id);
  EXPECT_FALSE(sessions.of(bearing(second), now));
  EXPECT_FALSE(sessions.is_good(link, now));
  EXPECT_TRUE(sessions.of(bearing(other), now));
}

TEST(Sessions, TheOldestMakesRoom) {
  Sessions sessions(false);
  const std::string first = sessions.new_link({{0, 1}, now, 0}, "token", now);
  for (std::uint64_t i = 0; i < links_max; ++i)
    sessions.new_link({{7, i}, now, 0}, "token", now + Duration(1));
  EXPECT_FALSE(sessions.is_good(first, now));
}

TEST(MailLoads, TellAReaderFromAProgram) {
  const auto asked = [](const char* method, const char* agent, const char* header = "", const char* value = "") {
    http::Request out{.method = method};
    if (*agent != 0) out.headers.add("User-Agent", agent);
    if (*header != 0) out.headers.add(header, value);
    return is_machine(out);
  };
  const char* firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
  EXPECT_FALSE(asked("GET", firefox));
  EXPECT_FALSE(asked("GET", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"));
  EXPECT_TRUE(asked("HEAD", firefox));
  EXPECT_TRUE(asked("GET", firefox, "Sec-Purpose", "prefetch;prerender"));
  EXPECT_TRUE(asked("GET", firefox, "X-Moz", "prefetch"));
  for (const char* program :
       {"", "Mozilla/5.0", "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "YahooMailProxy", "Mozilla/5.0 (compatible; bingbot/2.0)", "curl/8.1", "python-requests/2.31",
        "Mozilla/5.0 (compatible; Barracuda Sentinel)"})
    EXPECT_TRUE(asked("GET", program)) << program;
}

}  // namespace
}  // namespace hospes::guest
