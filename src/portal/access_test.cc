#include "portal/access.h"

#include <gtest/gtest.h>

#include "disk/memory.h"
#include "portal/attempts.h"
#include "portal/secrets.h"

namespace hospes::portal {
namespace {

constexpr Instant noon{1'772'366'400'000'000};

http::Request request(http::Headers headers) {
  return {"GET", "/v1/status", "", std::move(headers), "", "127.0.0.1"};
}

std::string cookie_in(const std::string& set_cookie) {
  return set_cookie.substr(0, set_cookie.find(';'));
}

class AccessTest : public testing::Test {
 protected:
  std::unique_ptr<Access> open(Instant now = noon) {
    auto opened = Access::open(disk_, "console", {{"tower.example"}, tls_}, now);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  bool tls_ = false;
  disk::MemoryDisk disk_;
};

TEST_F(AccessTest, TheOwnerLinkWorksOnceAndOpensASession) {
  auto access = open();
  const std::string code = access->new_owner_code(noon);
  const auto cookie = access->redeem(code, noon + std::chrono::minutes(14)).value();
  ASSERT_TRUE(cookie);
  EXPECT_NE(cookie->find("; HttpOnly; SameSite=Strict"), std::string::npos);
  EXPECT_FALSE(access->redeem(code, noon + std::chrono::minutes(14)).value()) << "a second use";
  const auto bearing = request({{"Host", "localhost"}, {"Cookie", "a=b; " + cookie_in(*cookie)}});
  EXPECT_FALSE(access->check_person(bearing, noon + std::chrono::hours(1)));
  EXPECT_EQ(
      access->check_person(bearing, noon + session_good_for + std::chrono::hours(1))->status, 401
  );
  ASSERT_TRUE(access->leave(bearing));
  EXPECT_TRUE(access->check_person(bearing, noon));
}

TEST_F(AccessTest, ASessionThatNobodyUsesEnds) {
  using std::chrono::minutes;
  auto access = open();
  ASSERT_TRUE(access->accounts().add({.name = "lea", .called = {}, .role = staff::Role::support, .since = {}}, noon));
  const std::string cookie = cookie_in(access->begin_session("lea", noon).value());
  const auto used = request({{"Host", "localhost"}, {"Cookie", cookie}});
  const auto by_itself = request({{"Host", "localhost"}, {"Cookie", cookie}, {"X-Hospes-Idle", "1"}});
  for (int i = 1; i <= 4; ++i) EXPECT_FALSE(access->check_person(used, noon + minutes(29 * i))) << "each use counts";
  const Instant last = noon + minutes(29 * 4);
  EXPECT_FALSE(access->check_person(by_itself, last + minutes(20))) << "what a page asks by itself is answered";
  const auto no = access->check_person(used, last + staff_idle_max);
  ASSERT_TRUE(no) << "and is no use";
  EXPECT_EQ(std::pair(no->status, no->code), std::pair(401, std::string("session_needed")));
  EXPECT_NE(no->message.find("Nobody used this session"), std::string::npos);
  EXPECT_TRUE(access->check_person(used, last + minutes(1))) << "not even by a clock that jumps back" << no->message;
  const auto owner = request({{"Host", "localhost"}, {"Cookie", cookie_in(*access->redeem(access->new_owner_code(noon), noon).value())}});
  EXPECT_FALSE(access->check_person(owner, noon + owner_idle_max - minutes(1)));
  EXPECT_TRUE(access->check_person(owner, noon + 2 * owner_idle_max));
}

TEST_F(AccessTest, AnOldAWrongAndAReplacedLinkOpenNothing) {
  auto access = open();
  const std::string code = access->new_owner_code(noon);
  EXPECT_FALSE(access->redeem("", noon).value());
  EXPECT_FALSE(access->redeem("7Q2K", noon).value());
  EXPECT_FALSE(access->redeem(code, noon + owner_link_good_for).value());
  const std::string newer = access->new_owner_code(noon);
  EXPECT_FALSE(access->redeem(code, noon).value());
  EXPECT_TRUE(access->redeem(newer, noon).value());
}

TEST_F(AccessTest, SessionsAndTheTokenOutliveARestartAndTheDiskHoldsNoSession) {
  std::string cookie, token;
  {
    auto access = open();
    cookie = cookie_in(*access->redeem(access->new_owner_code(noon), noon).value());
    token = access->staff_token();
  }
  auto access = open(noon + std::chrono::hours(1));
  EXPECT_EQ(access->staff_token(), token);
  EXPECT_FALSE(access->check_person(request({{"Cookie", cookie}}), noon + std::chrono::hours(1)));
  const std::string stored = disk::read_all(disk_, "console/sessions", 10'000).value();
  EXPECT_EQ(stored.find(cookie.substr(cookie.find('=') + 1)), std::string::npos);
  EXPECT_EQ(stored.size(), 64u + 1u + 20u + 1u + 20u + 1u + owner_name.size() + 1u) << stored;
}

TEST_F(AccessTest, TheStaffTokenOpensAndAnotherDoesNot) {
  auto access = open();
  EXPECT_FALSE(
      access->check_person(request({{"Authorization", "Bearer " + access->staff_token()}}), noon)
  );
  EXPECT_EQ(
      access->check_person(request({{"Authorization", "Bearer hs_staff_0"}}), noon)->code,
      "token_unknown"
  );
  EXPECT_EQ(access->check_person(request({}), noon)->code, "session_needed");
}

TEST_F(AccessTest, BehindTlsTheCookieIsSecureAndBoundToTheHost) {
  tls_ = true;
  auto access = open();
  const std::string cookie = *access->redeem(access->new_owner_code(noon), noon).value();
  EXPECT_TRUE(cookie.starts_with("__Host-hospes_session="));
  EXPECT_NE(cookie.find("; Path=/;"), std::string::npos);
  EXPECT_TRUE(cookie.ends_with("; Secure"));
  const std::string bare = cookie_in(cookie);
  EXPECT_FALSE(access->check_person(request({{"Cookie", bare}}), noon));
  // A page of a sibling domain can plant the plain name, not the bound one.
  const std::string planted = "hospes_session" + bare.substr(bare.find('='));
  EXPECT_EQ(access->check_person(request({{"Cookie", planted}}), noon)->code, "session_needed");
}

TEST_F(AccessTest, WhatChangesMustComeFromAPageOfOurs) {
  auto access = open();
  const std::string cookie =
      cookie_in(*access->redeem(access->new_owner_code(noon), noon).value());
  const auto session = access->session(request({{"Cookie", cookie}}));
  EXPECT_EQ(session.since, noon);
  EXPECT_EQ(session.until, noon + session_good_for);
  EXPECT_EQ(cookie.find(session.page), std::string::npos) << "the word tells nothing of the cookie";
  const auto sent = [&](std::string_view site, std::string_view origin, std::string_view page) {
    http::Headers headers{{"Cookie", cookie}};
    if (!site.empty()) headers.add("Sec-Fetch-Site", site);
    if (!origin.empty()) headers.add("Origin", origin);
    if (!page.empty()) headers.add(page_header, page);
    return !access->check_page(request(std::move(headers)));
  };
  EXPECT_TRUE(sent("same-origin", "", session.page));
  EXPECT_TRUE(sent("", "http://localhost", session.page)) << "an older browser";
  EXPECT_FALSE(sent("same-origin", "", "")) << "no word";
  EXPECT_FALSE(sent("same-origin", "", "0123456789abcdef0123456789abcdef")) << "another's word";
  EXPECT_FALSE(sent("same-site", "http://localhost", session.page)) << "another port's page";
  EXPECT_FALSE(sent("cross-site", "", session.page));
  EXPECT_FALSE(sent("none", "", session.page)) << "typed by hand";
  EXPECT_FALSE(sent("", "", session.page)) << "nobody says where it comes from";
  EXPECT_FALSE(
      access->check_page(request({{"Authorization", "Bearer " + access->staff_token()}}))
  ) << "a program proves itself";
}

TEST_F(AccessTest, LeavingTakesTheCookieAway) {
  auto access = open();
  const std::string cookie =
      cookie_in(*access->redeem(access->new_owner_code(noon), noon).value());
  const std::string gone = access->leave(request({{"Cookie", cookie}})).value();
  EXPECT_TRUE(gone.starts_with("hospes_session=;"));
  EXPECT_NE(gone.find("Max-Age=0"), std::string::npos);
  EXPECT_TRUE(access->check_person(request({{"Cookie", cookie}}), noon));
  EXPECT_TRUE(access->session(request({{"Cookie", cookie}})).page.empty());
}

TEST_F(AccessTest, OnlyKnownHostsAndOwnPagesComeIn) {
  auto access = open();
  const auto place = [&](std::string_view host, std::string_view origin) {
    http::Headers headers{{"Host", host}};
    if (!origin.empty()) headers.add("Origin", origin);
    const auto refused = access->check_place(request(std::move(headers)));
    return refused ? refused->code : "in";
  };
  EXPECT_EQ(place("127.0.0.1:8081", ""), "in");
  EXPECT_EQ(place("LOCALHOST:8081", "http://localhost:8081"), "in");
  EXPECT_EQ(place("[::1]:8081", ""), "in");
  EXPECT_EQ(place("tower.example", "https://tower.example"), "in");
  EXPECT_EQ(place("evil.example", ""), "host_unknown") << "DNS rebinding";
  EXPECT_EQ(place("127.0.0.1.evil.example", ""), "host_unknown");
  EXPECT_EQ(place("", ""), "host_unknown");
  EXPECT_EQ(place("localhost:8081", "http://evil.example"), "origin_foreign");
  EXPECT_EQ(place("localhost:8081", "http://localhost:9999"), "origin_foreign");
  EXPECT_EQ(place("localhost:8081", "null"), "origin_foreign");
}

TEST_F(AccessTest, AnAccountsSessionHasItsRoleOfTheMomentAndEndsWithIt) {
  std::string cookie;
  {
    auto access = open();
    ASSERT_TRUE(access->accounts().add({.name = "lea", .called = {}, .role = staff::Role::support, .since = {}}, noon));
    cookie = cookie_in(access->begin_session("lea", noon).value());
  }
  auto access = open();
  const auto bearing = request({{"Host", "localhost"}, {"Cookie", cookie}});
  EXPECT_FALSE(access->check_person(bearing, noon));
  EXPECT_TRUE(access->check_person(bearing, noon + staff_session_good_for));
  EXPECT_EQ(access->session(bearing).account, "lea");
  EXPECT_FALSE(Access::check_right(access->session(bearing), staff::Right::person));
  const auto no = Access::check_right(access->session(bearing), staff::Right::define);
  ASSERT_TRUE(no);
  EXPECT_EQ(std::pair(no->status, no->code), std::pair(403, std::string("role_needed")));
  EXPECT_NE(no->message.find("owner or marketer, and lea has the role support"), std::string::npos) << no->message;
  ASSERT_TRUE(access->accounts().change("lea", {.role = staff::Role::marketer, .on = {}, .called = {}}));
  EXPECT_FALSE(Access::check_right(access->session(bearing), staff::Right::define)) << "from the next click on";
  ASSERT_TRUE(access->accounts().change("lea", {.role = {}, .on = false, .called = {}}));
  EXPECT_EQ(access->check_person(bearing, noon)->status, 401);
  EXPECT_TRUE(Access::check_right(access->session(bearing), staff::Right::counts)) << "who is switched off may nothing";
}

TEST_F(AccessTest, AnotherPasswordEndsTheSessionsElsewhere) {
  auto access = open();
  ASSERT_TRUE(access->accounts().add({.name = "lea", .called = {}, .since = {}}, noon));
  const auto here = request({{"Host", "localhost"}, {"Cookie", cookie_in(access->begin_session("lea", noon).value())}});
  const auto there = request({{"Host", "localhost"}, {"Cookie", cookie_in(access->begin_session("lea", noon).value())}});
  ASSERT_TRUE(access->end_sessions("lea", &here));
  EXPECT_FALSE(access->check_person(here, noon));
  EXPECT_TRUE(access->check_person(there, noon));
}

TEST_F(AccessTest, ASessionWrittenBeforeThereWereAccountsIsTheOwners) {
  ASSERT_TRUE(disk_.make_folder("console"));
  const std::string line = hash_of("OLD") + " " + to_string(noon + std::chrono::hours(1)) + "\n";
  ASSERT_TRUE(disk::replace(disk_, "console", "sessions", line));
  auto access = open();
  const auto bearing = request({{"Host", "localhost"}, {"Cookie", "hospes_session=OLD"}});
  EXPECT_FALSE(access->check_person(bearing, noon));
  EXPECT_EQ(access->session(bearing).account, owner_name);
  EXPECT_FALSE(Access::check_right(access->session(bearing), staff::Right::staff));
  EXPECT_TRUE(Access::check_right(access->session(bearing), staff::Right::machine)) << "the token alone";
}

TEST(AttemptsTest, SoManyAMinuteFromOneAndFromAll) {
  Attempts attempts;
  for (unsigned i = 0; i < Attempts::from_one_max; ++i) EXPECT_TRUE(attempts.take("10.0.0.1", noon));
  EXPECT_FALSE(attempts.take("10.0.0.1", noon));
  EXPECT_TRUE(attempts.take("10.0.0.2", noon));
  EXPECT_TRUE(attempts.take("10.0.0.1", noon + std::chrono::minutes(1)));
  for (unsigned i = 0; i < Attempts::from_all_max; ++i) attempts.take("", noon + std::chrono::minutes(2));
  EXPECT_FALSE(attempts.take("", noon + std::chrono::minutes(2)));
  EXPECT_FALSE(attempts.take("10.0.0.9", noon + std::chrono::minutes(2)));
}

}  // namespace
}  // namespace hospes::portal
