// The pack is law as data: what it says, that a house narrows it and never widens it, and that the
// linter of notices finds what it names.
#include "catalog/pack.h"

#include <gtest/gtest.h>

#include <bit>
#include <set>

#include "base/dice.h"
#include "catalog/house_folder.h"

namespace hospes::catalog {
namespace {

Result<Catalog> house(std::string file, std::string text) {
  const std::vector<TextFile> files = {{"house.toml", "name = \"Shop\"\n"}, {std::move(file), std::move(text)}};
  return read_house(files);
}

TEST(Pack, IsDatedAndEveryRuleHasItsSource) {
  const Pack& pack = fr_eu_pack();
  EXPECT_EQ(pack.pinned(), "fr-eu 2026-11-28");
  EXPECT_EQ(Purposes::fr_eu().pack(), pack.pinned());
  for (const PurposeRule& p : pack.purposes) EXPECT_FALSE(p.source.empty()) << p.purpose.name;
  for (const NoticeRule& n : pack.notice_rules) EXPECT_FALSE(n.source.empty() || n.fr.empty()) << n.code;
  EXPECT_EQ(pack.notice_rules.size(), notice_checks().size()) << "each check is law here";
}

TEST(Pack, BitsOfStoredEventsKeepTheirNames) {
  // In the order of the first pack; a row is only ever added behind them.
  const std::vector<std::string_view> first = {
      "operate", "legal", "secure", "market", "measure", "personalise", "advertise", "link", "train",
      "contact:email", "contact:sms", "contact:phone", "contact:push", "contact:post"};
  const Purposes now = Purposes::fr_eu();
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(now.at(static_cast<PurposeBit>(i)).name, first[i]);
}

TEST(Purposes, AddedRetiredAndSplitKeepEveryBit) {
  const std::string before = "[[purpose]]\nname = \"survey\"\nserves_en = \"questions\"\nserves_fr = \"questions\"\n";
  const auto first = house("purposes.toml", before);
  ASSERT_TRUE(first) << first.error().message;
  // Split in two: the old one is retired, and the new ones are bits that no stored event has.
  const auto second = house(
      "purposes.toml", "retired = [\"survey\"]\n" + before +
                           "[[purpose]]\nname = \"survey_shop\"\n[[purpose]]\nname = \"survey_site\"\n"
  );
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_TRUE(may_follow(first->purposes, second->purposes));
  const PurposeBit old = *second->purposes.find("survey");
  EXPECT_EQ(old, *first->purposes.find("survey"));
  EXPECT_EQ(second->purposes.retired(), bit(old));
  EXPECT_EQ(second->purposes.named("survey").error().message, "purpose \"survey\" is retired: nothing uses it any more");
  const Mask fresh = bit(*second->purposes.find("survey_shop")) | bit(*second->purposes.find("survey_site"));
  EXPECT_EQ(fresh & first->purposes.all(), 0U);
  EXPECT_FALSE(may_follow(second->purposes, first->purposes)) << "it does not come back";
  EXPECT_FALSE(house("purposes.toml", "retired = [\"legal\"]\n"));
  EXPECT_FALSE(house("purposes.toml", "retired = [\"link\"]\n"));
  std::string many;
  for (int i = 0; i < 51; ++i) many += "[[purpose]]\nname = \"p" + std::to_string(i) + "\"\n";
  EXPECT_NE(house("purposes.toml", many).error().message.find("would be the 65th"), std::string::npos);
}

TEST(Pack, WhatIsWrongInItIsSaid) {
  EXPECT_NE(read_pack("name = \"x\"").error().message.find("version is the day"), std::string::npos);
  const auto check = read_pack("name = \"x\"\nversion = \"2026-01-01\"\n[[notice_rule]]\ncode = \"presset\"\n");
  EXPECT_NE(check.error().message.find("no check enforces"), std::string::npos);
}

TEST(Pack, AHouseThatWidensIsToldTheRule) {
  const auto basis = house("purposes.toml", "[basis]\nmeasure = \"interest\"\n");
  EXPECT_EQ(
      basis.error().message,
      "purposes.toml:2:11  purpose \"measure\" rests on consent in the pack fr-eu 2026-11-28 (loi 78-17 art. 82; CNIL "
      "guidelines on trackers, 2020-09-17); it leaves open only market, train, as \"interest\" or \"consent\""
  );
}

/// The law's sentences once more, each walked purpose by purpose.
std::set<std::string> naive(const NoticeText& n, PurposeBit p) {
  std::set<std::string> out;
  const bool absent = n.refuse.prominence == Prominence::absent;
  if (absent || static_cast<int>(n.refuse.prominence) < static_cast<int>(n.accept.prominence) || n.refuse.clicks > n.accept.clicks)
    out.insert("refuse_hidden");
  if (n.withdraw.prominence == Prominence::absent || n.withdraw.clicks > n.accept.clicks) out.insert("withdraw_harder");
  if (n.pay_or_consent && !n.free_option) out.insert("wall");
  bool asked = false, alone = false;
  for (const Choice& c : n.choices) {
    if ((c.purposes >> p & 1) == 0) continue;
    asked = true;
    alone = alone || c.purposes == bit(p);
    if (c.preset) out.insert("preset");
    if (c.required) out.insert("required");
  }
  if (!alone) out.insert("bundled");
  return asked ? out : std::set<std::string>();
}

TEST(Notices, TheLinterFindsWhatTheSentencesOfTheLawSay) {
  constexpr std::uint64_t seed = 20261127;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Dice dice(seed);
  const auto act = [&] {
    return Act{static_cast<Prominence>(dice.below(4)), static_cast<unsigned>(dice.below(3) + 1)};
  };
  std::size_t clean = 0;
  for (int round = 0; round < 20'000; ++round) {
    NoticeText n{.id = "n", .version = "1", .accept = act(), .refuse = act(), .withdraw = act()};
    n.pay_or_consent = dice.chance(20);
    n.free_option = dice.chance(50);
    for (auto left = dice.below(4) + 1; left > 0; --left)
      n.choices.push_back({.purposes = dice.below(15) + 1, .preset = dice.chance(10), .required = dice.chance(10)});
    Notices notices;
    ASSERT_TRUE(notices.add(n, fr_eu_pack().notice_rules));
    for (PurposeBit p = 0; p < 5; ++p) {
      std::set<std::string> found;
      for (const Finding& f : notices.all()[0].findings)
        if ((f.purposes & bit(p)) != 0) found.insert(f.code);
      ASSERT_EQ(found, naive(n, p)) << "round " << round;
      ASSERT_EQ(notices.against("n", "1", p) == nullptr, found.empty());
      ASSERT_EQ((notices.voided("n", "1") & bit(p)) == 0, found.empty());
      clean += (n.asks() & bit(p)) != 0 && found.empty() ? 1 : 0;
    }
  }
  EXPECT_GT(clean, 100U) << "some notices are as they should be";
}

TEST(Notices, AreDeclaredInTheHouse) {
  constexpr std::string_view good = R"([[notice]]
id = "cookies"
version = "3"
accept = { as = "button", clicks = 1 }
refuse = { as = "button", clicks = 1 }
withdraw = { as = "link", clicks = 1 }
[[notice.choice]]
purposes = ["measure"]
[[notice.choice]]
purposes = ["personalise"]
)";
  const auto shop = house("notices.toml", std::string(good));
  ASSERT_TRUE(shop) << shop.error().message;
  EXPECT_TRUE(shop->notices.all()[0].findings.empty());
  EXPECT_EQ(shop->notices.find("cookies", "4"), nullptr);
  for (const auto& [bad, told] : std::vector<std::pair<std::string, std::string>>{
           {"[[notice]]\nid = \"a\"\n", "needs an id and a version"},
           {"[[notice]]\nid = \"a\"\nversion = \"1\"\n", "needs a [[notice.choice]]"},
           {"[[notice]]\nid = \"a\"\nversion = \"1\"\naccept = { as = \"buton\" }\n", "as is button, link, text or absent"},
           {"[[notice]]\nid = \"a\"\nversion = \"1\"\n[[notice.choice]]\npurposes = [\"operate\"]\n", "contract and duty ask nobody"},
           {"[[notice]]\nid = \"a\"\nversion = \"1\"\n[[notice.choice]]\npurposes = [\"measur\"]\n", "the nearest known is \"measure\""},
           {std::string(good) + std::string(good), "is declared twice"}}) {
    const auto no = house("notices.toml", bad);
    ASSERT_FALSE(no) << bad;
    EXPECT_NE(no.error().message.find(told), std::string::npos) << no.error().message;
  }
}

}  // namespace
}  // namespace hospes::catalog
