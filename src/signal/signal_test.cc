// Vectors with known offsets, and strings of chance; the IAB's own library judges in tests/signal.
#include <gtest/gtest.h>

#include <iostream>
#include <random>

#include "base/dice.h"
#include "signal/bits.h"
#include "signal/gpp.h"
#include "signal/tc_string.h"

namespace hospes::signal {
namespace {

constexpr std::string_view vector_core = "CQuIxQAQuIxQANwABBENBjFgAMIAAAAAAAqIAEEEAAAAAAAA";
const std::string vector_all = std::string(vector_core) + ".IBBQA4ABAAGAAgAQQAAA.YAAAAAAAAAAA";
const Instant then = *parse_instant("2026-11-27T12:00:00Z");

Vendors some(Dice& dice, unsigned last, unsigned percent) {
  Vendors out;
  for (unsigned id = 1; id <= last; ++id)
    if (dice.chance(percent)) out.push_back(static_cast<std::uint16_t>(id));
  return out;
}

std::string letters(Dice& dice) {
  return {static_cast<char>('A' + dice.below(26)), static_cast<char>('A' + dice.below(26))};
}

TcString random_tc(Dice& dice) {
  TcString tc;
  const auto n = [&](unsigned bits) { return static_cast<unsigned>(dice.below(1u << bits)); };
  tc.created = Instant{static_cast<std::int64_t>(dice.below(1ull << 36)) * 100'000};
  tc.updated = Instant{static_cast<std::int64_t>(dice.below(1ull << 36)) * 100'000};
  tc.cmp = n(12), tc.cmp_version = n(12), tc.screen = n(6), tc.vendor_list = n(12), tc.policy = n(6);
  tc.language = letters(dice), tc.country = letters(dice);
  tc.service_specific = dice.chance(50), tc.other_texts = dice.chance(50);
  tc.one_treatment = dice.chance(50);
  tc.special_features = n(12), tc.consent = n(24), tc.interest = n(24);
  constexpr std::array<unsigned, 5> lasts = {0, 1, 30, 900, 65'535};
  const auto list = [&](unsigned last) { return some(dice, last, dice.chance(50) ? 50 : 3); };
  tc.vendor_consent = list(lasts[dice.below(5)]);
  tc.vendor_interest = list(lasts[dice.below(4)]);
  for (auto i = dice.below(4); i > 0; --i)
    tc.restrictions.push_back(
        {.purpose = 1 + n(5), .kind = static_cast<Restriction::Kind>(dice.below(3)), .vendors = list(40)}
    );
  if (dice.chance(50)) tc.disclosed = list(300);
  if (dice.chance(20)) tc.allowed = list(30);
  if (dice.chance(50)) {
    PublisherSegment p{.consent = n(24), .interest = n(24), .custom = n(6)};
    p.custom_consent = dice.next() & ((PurposeSet{1} << p.custom) - 1);
    p.custom_interest = dice.next() & ((PurposeSet{1} << p.custom) - 1);
    tc.publisher = p;
  }
  return tc;
}

TEST(TcString, reads_the_known_vector) {
  const auto tc = parse_tc(vector_all);
  ASSERT_TRUE(tc) << tc.error().message;
  EXPECT_EQ(to_string(tc->created).substr(0, 10), "2026-11-23");
  EXPECT_EQ(tc->cmp, 880u);
  EXPECT_EQ(tc->cmp_version, 1u);
  EXPECT_EQ(tc->screen, 1u);
  EXPECT_EQ(tc->language, "EN");
  EXPECT_EQ(tc->vendor_list, 99u);
  EXPECT_EQ(tc->policy, 5u);
  EXPECT_EQ(tc->consent, 0b100'0011u);  // 1, 2, 7
  EXPECT_TRUE(tc->consents_to(7) && !tc->consents_to(3) && !tc->consents_to(0));
  EXPECT_EQ(tc->vendor_consent, (Vendors{2, 8}));
  EXPECT_EQ(tc->country, "FR");
  EXPECT_EQ(tc->disclosed, (Vendors{2, 3, 8, 130}));
  EXPECT_TRUE(check_tc(*tc, then));
}

TEST(TcString, what_is_written_reads_back) {
  const auto seed = std::random_device()();
  std::cerr << "seed " << seed << "\n";
  Dice dice(seed);
  for (int i = 0; i < 200; ++i) {
    const TcString tc = random_tc(dice);
    const std::string text = write_tc(tc);
    if (text.size() > tc_bytes_max) continue;
    const auto read = parse_tc(text);
    ASSERT_TRUE(read) << read.error().message << " " << text;
    EXPECT_EQ(*read, tc) << text;
  }
}

TEST(TcString, has_dates) {
  TcString tc = *parse_tc(vector_all);
  EXPECT_EQ(to_string(tc_ends(tc)).substr(0, 10), "2027-12-24");
  EXPECT_FALSE(check_tc(tc, tc_ends(tc)));
  EXPECT_TRUE(check_tc(tc, tc_ends(tc) - Duration(1)));
  EXPECT_FALSE(check_tc(tc, *parse_instant("2026-11-20T00:00:00Z"))) << "from the future";
  const auto without = parse_tc(vector_core);
  ASSERT_TRUE(without);
  EXPECT_NE(check_tc(*without, then).error().message.find("TCF 2.3"), std::string::npos);
  tc.disclosed.reset();
  tc.created = tc.updated = *parse_instant("2026-02-27T00:00:00Z");
  EXPECT_TRUE(check_tc(tc, then)) << "older ones need none";
  EXPECT_FALSE(check_tc(tc, *parse_instant("2027-04-01T00:00:00Z"))) << "and all are dead by then";
  tc.interest = 0b100;
  EXPECT_FALSE(check_tc(tc, then)) << "interest for purpose 3";
  tc.interest = 0;
  tc.service_specific = false;
  EXPECT_FALSE(check_tc(tc, then));
}

TEST(TcString, what_is_none_is_told) {
  const auto why = [](std::string_view text) { return parse_tc(text).error().message; };
  EXPECT_EQ(why(""), "this is no TC string: it is empty");
  EXPECT_EQ(why("hello world"), "this is no TC string: it has a letter beyond A-Z a-z 0-9 - _");
  EXPECT_EQ(why("BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA"), "this is no TC string: its version is 1, not 2");
  EXPECT_EQ(why(vector_core.substr(0, 30)), "this is no TC string: its core is cut short");
  EXPECT_EQ(
      why(vector_all + ".IBBQA4ABAAGAAgAQQAAA"), "this is no TC string: a segment stands twice"
  );
  EXPECT_EQ(
      why(std::string(vector_core) + ".gAAA"),
      "this is no TC string: it has a segment of kind 4; 1, 2 and 3 are known"
  );
  EXPECT_EQ(
      why(std::string(vector_core) + "AAAAAAAA"),
      "this is no TC string: something stands behind its core"
  );
  EXPECT_EQ(why(std::string(40'000, 'C')), "this is no TC string: it is longer than 32 kB");
}

TEST(TcString, chance_is_no_consent) {
  const auto seed = std::random_device()();
  std::cerr << "seed " << seed << "\n";
  Dice dice(seed);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  for (int i = 0; i < 20'000; ++i) {
    std::string text = "C";
    for (auto n = dice.below(80); n > 0; --n) text += alphabet[dice.below(alphabet.size())];
    const auto tc = parse_tc(text);
    if (!tc) continue;
    EXPECT_EQ(parse_tc(write_tc(*tc)).value_or(TcString{}), *tc) << text;
    EXPECT_FALSE(check_tc(*tc, then)) << text;
  }
}

TEST(Gpp, reads_and_writes_headers) {
  EXPECT_EQ(write_gpp({{2, "C"}}), "DBABM~C");
  const auto read = parse_gpp("DBACMMA~CA~1YNN");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, (std::vector<GppSection>{{2, "CA"}, {7, "1YNN"}}));
  const auto seed = std::random_device()();
  std::cerr << "seed " << seed << "\n";
  Dice dice(seed);
  for (int i = 0; i < 500; ++i) {
    std::vector<GppSection> sections;
    for (unsigned id = 1 + static_cast<unsigned>(dice.below(30)); id < 4'000 && sections.size() < 30;
         id += 1 + static_cast<unsigned>(dice.below(dice.chance(20) ? 900 : 2)))
      sections.push_back({id, "x"});
    const std::string text = write_gpp(sections);
    const auto again = parse_gpp(text);
    ASSERT_TRUE(again) << again.error().message << " " << text;
    EXPECT_EQ(*again, sections);
    EXPECT_TRUE(looks_like_gpp(text));
  }
}

TEST(Gpp, what_is_none_is_told) {
  for (const std::string_view bad :
       {"", "DB", "DBABM", "DBABM~a~b", "DBACMMA~CA", "CBABM~a", "DBABMAAAAAA~a", "D!ABM~a", "DBAB_~a"}) {
    const auto read = parse_gpp(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_TRUE(read.error().message.starts_with("this is no GPP string: ")) << bad;
  }
}

}  // namespace
}  // namespace hospes::signal
