#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "catalog/house_folder.h"

namespace hospes::catalog {
namespace {

constexpr Instant now{1'000'000};

std::string normal(KindId kind, std::string_view value) {
  const auto out = normalise(kind, value);
  return out ? *out : "refused";
}

TEST(Kinds, TwoSpellingsAreOneValue) {
  EXPECT_EQ(normal(kind::email, "  Marie.Curie@Example.ORG "), "marie.curie@example.org");
  EXPECT_EQ(normal(kind::phone, "+33 (1) 23-45.67/89"), "+33123456789");
  EXPECT_EQ(normal(kind::phone, "0033123456789"), "+33123456789");
  EXPECT_EQ(normal(kind::phone, "01 23 45 67 89"), "0123456789");
  EXPECT_EQ(normal(kind::card, "ab12-3456 7890"), "AB1234567890");
  EXPECT_EQ(normal(kind::user_id, " Marie "), "Marie");
}

TEST(Kinds, WhatMeansNobodyIsRefused) {
  for (const std::string_view nobody :
       {"", "  ", "null", "NULL", "undefined", "0", "0000", "00000000-0000-0000-0000-000000000000",
        "[object Object]", "NaN", "-1", "anonymous", "a\x01z", "\xff\xfe", "\xc0\x80",
        "\xed\xa0\x80"}) {
    EXPECT_EQ(normal(kind::user_id, nobody), "refused") << nobody;
    EXPECT_EQ(normal(kind::anonymous_id, nobody), "refused") << nobody;
  }
  EXPECT_EQ(normal(kind::user_id, std::string(513, 'x')), "refused");
  EXPECT_EQ(normal(kind::user_id, std::string(512, 'x')), std::string(512, 'x'));
  EXPECT_EQ(normal(kind::user_id, "00001"), "00001");
  EXPECT_EQ(normal(kind::user_id, "Zoé"), "Zoé");
}

TEST(Kinds, MisshapenAddressesAreRefused) {
  for (const std::string_view bad :
       {"marie", "@example.org", "marie@", "marie@example", "a@b@c.org", "a b@c.org", "a@.org",
        "a@b..org", "a@b.org."}) {
    EXPECT_EQ(normal(kind::email, bad), "refused") << bad;
  }
  EXPECT_EQ(normal(kind::phone, "12345"), "refused");
  EXPECT_EQ(normal(kind::phone, "1234567890123456"), "refused");
  EXPECT_EQ(normal(kind::phone, "call me"), "refused");
}

TEST(Kinds, TestAddressesAndHashesOfNothingJoinNobody) {
  for (const std::string_view bad : {"Test@Test.com", "noreply@shop.example", "NO-REPLY@a.org"})
    EXPECT_EQ(normal(kind::email, bad), "refused") << bad;
  const KindId hashed = kind_named("email_sha256").value();
  const std::string some(64, 'A');
  EXPECT_EQ(normal(hashed, some), std::string(64, 'a'));
  EXPECT_EQ(normal(hashed, std::string(63, 'a')), "refused");
  EXPECT_EQ(normal(hashed, std::string(64, 'g')), "refused");
  EXPECT_EQ(
      normal(hashed, "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"), "refused"
  );
  EXPECT_EQ(normal(kind::user_id, std::string(1 << 20, 'x')), "refused") << "a megabyte";
}

TEST(Kinds, RefusalsDoNotQuoteTheValue) {
  const auto refused = normalise(kind::email, "marie.secret");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
}

TEST(Kinds, NamesAsInUrls) {
  for (const Kind& k : kinds()) {
    EXPECT_EQ(*kind_named(k.name), k.id);
    EXPECT_EQ(&kinds()[k.id], find_kind(k.id));
  }
  EXPECT_EQ(
      kind_named("emial").error().message.substr(0, 64),
      "unknown kind of identifier \"emial\"; the nearest known is \"email\""
  );
  const auto id = parse_identifier("email:A@b.example");
  ASSERT_TRUE(id);
  EXPECT_EQ(*id, (Identifier{kind::email, "a@b.example"}));
  EXPECT_EQ(parse_identifier("user_id:a:b")->value, "a:b");
  EXPECT_FALSE(parse_identifier("42"));
}

TEST(Kinds, TheStrongestIsTheLoginAndTheWeakestTheVisitor) {
  for (const Kind& k : kinds()) {
    EXPECT_GE(priority_of(k.id), priority_of(kind::user_id));
    EXPECT_LE(priority_of(k.id), priority_of(kind::anonymous_id));
    EXPECT_EQ(k.is_device, k.per_person == no_limit) << k.name;
  }
}

TEST(Purposes, TheSixtyFifthIsRefused) {
  Purposes purposes = Purposes::fr_eu();
  while (purposes.rows().size() < 64) {
    ASSERT_TRUE(purposes.add("share:p" + std::to_string(purposes.rows().size()), "", ""));
  }
  EXPECT_EQ(purposes.all(), ~Mask{0});
  const auto one_more = purposes.add("share:late", "", "");
  ASSERT_FALSE(one_more);
  EXPECT_EQ(one_more.error().code, Code::over_limit);
}

TEST(Purposes, OnlyWhatTheLawLeavesOpenMayBeChosen) {
  Purposes purposes = Purposes::fr_eu();
  EXPECT_TRUE(purposes.choose("market", Basis::consent));
  EXPECT_TRUE(purposes.consent() & bit(*purposes.find("market")));
  EXPECT_FALSE(purposes.choose("measure", Basis::interest));
  EXPECT_FALSE(purposes.choose("market", Basis::contract));
  EXPECT_EQ(
      purposes.choose("makret", Basis::interest).error().message,
      "unknown purpose \"makret\"; the nearest known is \"market\""
  );
}

TEST(Purposes, ATableOnlyGrows) {
  const Purposes before = Purposes::fr_eu();
  Purposes after = before;
  ASSERT_TRUE(after.add("share:acme", "", ""));
  EXPECT_TRUE(may_follow(before, after));
  EXPECT_FALSE(may_follow(after, before));
  ASSERT_TRUE(after.choose("market", Basis::consent));
  EXPECT_FALSE(may_follow(before, after));
}

TEST(Events, OrdersServeTheContractAndViewsDoNot) {
  const Purposes purposes = Purposes::fr_eu();
  const Events events = Events::usual(purposes);
  const EventRow& order = events.row("Order Completed");
  EXPECT_EQ(
      purposes.names(order.serves),
      (std::vector<std::string_view>{"operate", "legal", "secure", "market"})
  );
  ASSERT_NE(order.property("order_id"), nullptr);
  EXPECT_TRUE(order.property("order_id")->reference);
  EXPECT_EQ(order.property("mood"), nullptr);
  EXPECT_EQ(events.row("Product Viewed").serves, 0U);
  EXPECT_FALSE(events.row("order completed").catalogued());
  EXPECT_EQ(
      events.named("Order Complete").error().message,
      "unknown event \"Order Complete\"; the nearest known is \"Order Completed\""
  );
}

/// A row of docs/vocabulary.md.
std::string told(const EventRow& row, const Purposes& purposes) {
  std::string serves, properties;
  for (const auto name : purposes.names(row.serves))
    serves.append(serves.empty() ? "" : ", ").append(name);
  for (const PropertyRow& p : row.properties) {
    const auto type = p.reference ? std::string_view("reference") : to_string(p.type);
    properties.append(properties.empty() ? "`" : ", `").append(p.name).append("` ").append(type);
  }
  return "| " + row.name + " | " + row.means_en + " | " + serves + " | " + properties + " |";
}

TEST(Events, TheVocabularyIsDocumented) {
  std::ifstream in(std::string(HOSPES_SOURCE) + "/docs/vocabulary.md");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  const Purposes purposes = Purposes::fr_eu();
  const Events events = Events::usual(purposes);
  for (const auto& [name, row] : events.rows())
    EXPECT_NE(page.find(told(row, purposes)), std::string::npos) << told(row, purposes);
}

TEST(Sources, AKeyBelongsToOneSource) {
  Sources sources;
  ASSERT_TRUE(
      sources.add({.name = "web", .keys = {{hash_key("wk_web"), KeyUse::public_key, "page"}}})
  );
  ASSERT_TRUE(
      sources.add({.name = "till", .keys = {{hash_key("wk_till"), KeyUse::server_key, "till"}}})
  );
  EXPECT_EQ(sources.by_key("wk_web", now)->source->name, "web");
  EXPECT_EQ(sources.by_key("wk_till", now)->use, KeyUse::server_key);
  EXPECT_EQ(sources.by_key("wk_nobody", now).error().code, Code::not_found);
  EXPECT_EQ(sources.by_key("", now).error().code, Code::not_found);
  EXPECT_EQ(
      sources.by_key("wk_till", "web", now).error().message,
      "this write key belongs to source \"till\", not to \"web\"; use a key of \"web\""
  );
  const Status twice = sources.add({.name = "app", .keys = {{hash_key("wk_web")}}});
  EXPECT_EQ(twice.error().code, Code::conflict);
  EXPECT_EQ(sources.find("app"), nullptr);
}

TEST(Sources, WhatIsSwitchedOffSaysSo) {
  Sources sources;
  ASSERT_TRUE(sources.add({.name = "old", .enabled = false, .keys = {{hash_key("a")}}}));
  ASSERT_TRUE(
      sources.add({.name = "web", .keys = {{hash_key("b"), KeyUse::public_key, "2024", false}}})
  );
  EXPECT_EQ(sources.by_key("a", now).error().message, "source \"old\" is switched off");
  EXPECT_EQ(
      sources.by_key("b", now).error().message,
      "this write key (\"2024\") of source \"web\" is switched off"
  );
}

TEST(Sources, HashesAreThoseOfSha256) {
  EXPECT_EQ(
      to_hex(hash_key("abc")),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  // FIPS 180-2, B.1
  );
  EXPECT_EQ(parse_key_hash(to_hex(hash_key("abc"))), hash_key("abc"));
  EXPECT_EQ(parse_key_hash("abc"), std::nullopt);
}

std::string refusal(std::vector<TextFile> files) {
  const auto house = read_house(files);
  return house ? "" : house.error().message;
}

TEST(HouseFolder, ReadsAWholeHouse) {
  const std::string hash = to_hex(hash_key("wk"));
  const std::vector<TextFile> files = {
      {"house.toml",
       "name = \"Disquaire\"\ntime_zone = \"Europe/Paris\"\ncurrency = \"USD\"\n"
       "languages = [\"fr\"]\nweek_start = \"sunday\"\npartitions = 8\n"},
      {"purposes.toml", "[basis]\nmarket = \"consent\"\n[[purpose]]\nname = \"share:acme\"\n"},
      {"events.toml",
       "[[event]]\nname = \"Order Completed\"\n[event.properties]\n"
       "original_date = \"text\"\norder_id = \"reference\"\n"},
      {"sources.toml",
       "[[source]]\nname = \"web\"\norigins = [\"https://a.example\"]\n"
       "without_answer = [\"secure\"]\n[[source.key]]\nsha256 = \"" +
           hash +
           "\"\nuse = \"public\"\n[source.categories]\nads = [\"advertise\", "
           "\"share:acme\"]\n[source.trusted]\ntool = \"banner\"\nnotice = \"n\"\n"
           "version = \"3\"\nlang = \"fr\"\n"}};
  const auto read = read_house(files);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->house.partitions, 8U);
  EXPECT_EQ(read->house.week_start, Weekday::sunday);
  const Source* web = read->sources.find("web");
  ASSERT_NE(web, nullptr);
  EXPECT_EQ(
      read->purposes.names(web->category("ads", read->purposes)),
      (std::vector<std::string_view>{"advertise", "share:acme"})
  );
  EXPECT_EQ(web->category("measure", read->purposes), bit(*read->purposes.find("measure")));
  EXPECT_EQ(web->category("weather", read->purposes), 0U);
  EXPECT_TRUE(web->admits("https://a.example"));
  EXPECT_FALSE(web->admits("https://b.example"));
  EXPECT_EQ(web->trusted->notice_version, "3");
  const EventRow& order = read->events.row("Order Completed");
  EXPECT_TRUE(order.property("original_date") != nullptr && order.property("total") != nullptr);
}

TEST(HouseFolder, ASlipNamesWhereAndWhatWasMeant) {
  const TextFile house{"house.toml", "name = \"x\"\n"};
  EXPECT_EQ(
      refusal({{"house.toml", "name = \"x\"\ntimezone = \"Europe/Paris\"\n"}}),
      "house.toml:2:12  unknown key \"timezone\" in house.toml; the nearest known is \"time_zone\" "
      "(known: name, time_zone, currency, languages, week_start, partitions)"
  );
  EXPECT_NE(
      refusal({{"house.toml", "time_zone = \"Europe/Pari\"\n"}}).find("\"Europe/Paris\""),
      std::string::npos
  );
  EXPECT_NE(refusal({{"house.toml", "partitions = 3\n"}}).find("divide 4096"), std::string::npos);
  EXPECT_NE(refusal({{"house.toml", "name = 3\n"}}).find("must be a text"), std::string::npos);
  EXPECT_NE(refusal({{"house.toml", "name = \n"}}).find("house.toml:1:"), std::string::npos);
  EXPECT_NE(refusal({}).find("no house.toml"), std::string::npos);
  EXPECT_NE(refusal({house, {"source.toml", ""}}).find("\"sources.toml\""), std::string::npos);
  EXPECT_NE(
      refusal(
          {house, {"sources.toml", "[[source]]\nname = \"a\"\nwithout_answer = [\"measure\"]\n"}}
      ).find("measure rests on consent"),
      std::string::npos
  );
  EXPECT_NE(
      refusal(
          {house, {"sources.toml", "[[source]]\nname = \"a\"\n[source.trusted]\ntool = \"t\"\n"}}
      ).find("needs tool, notice and version"),
      std::string::npos
  );
  const auto cookie = [&](std::string lines) {
    return refusal({house, {"sources.toml", "[[source]]\nname = \"a\"\n[source.id_cookie]\n" + lines}});
  };
  const std::string named = "name = \"ajs_anonymous_id\"\n", here = "domain = \"shop.example\"\n";
  EXPECT_NE(cookie(here).find("the cookie that the page's library reads"), std::string::npos);
  EXPECT_NE(cookie("name = \"a;b\"\n" + here).find("the cookie that"), std::string::npos);
  EXPECT_NE(cookie(named).find("the one that pages and this house share"), std::string::npos);
  EXPECT_NE(cookie(named + "domain = \".shop.example\"\n").find("such as example.com"), std::string::npos);
  EXPECT_NE(cookie(named + here + "purpose = \"market\"\n").find("by consent"), std::string::npos);
  EXPECT_NE(cookie(named + here + "days = 396\n").find("1 to 395"), std::string::npos);
  EXPECT_NE(
      refusal({house, {"events.toml", "[[event]]\nname = \"A\"\nserves = [\"personalise\"]\n"}}
      ).find("consent opens it"),
      std::string::npos
  );
  EXPECT_NE(
      refusal({house, {"events.toml", "[[event]]\nname = \"A\"\nserves = [\"oprate\"]\n"}}
      ).find("\"operate\""),
      std::string::npos
  );
}

TEST(Sources, AnIdCookieCoversItsDomainAndWhatStandsBelow) {
  const IdCookie cookie{"id", "shop.example", 0};
  for (const auto* host : {"shop.example", "www.shop.example", "a.b.shop.example:8080"})
    EXPECT_TRUE(cookie.covers(host)) << host;
  for (const auto* host : {"", "example", "myshop.example", "shop.example.org", "[::1]:80", "evil.org/shop.example.x"})
    EXPECT_FALSE(cookie.covers(host)) << host;
}

TEST(HouseFolder, TheDemoHouseIsWellFormed) {
  const auto house = read_house_folder(std::string(HOSPES_SOURCE) + "/house/disquaire");
  ASSERT_TRUE(house) << house.error().message;
  EXPECT_EQ(house->sources.by_key("wk_demo", now)->source->name, "hello");
  EXPECT_TRUE(house->sources.by_key("wk_demo_visitors", now)->source->simulated);
  EXPECT_FALSE(house->sources.by_key("wk_demo_shop", now)->source->simulated);
  EXPECT_NE(house->events.row("Order Completed").property("original_date"), nullptr);
}

TEST(House, KnowsZonesAndCurrencies) {
  for (const std::string_view zone : {"Africa/Porto-Novo", "Europe/Paris", "UTC", "Asia/Kolkata"}) {
    EXPECT_TRUE(is_time_zone(zone)) << zone;
  }
  EXPECT_FALSE(is_time_zone("Europe/paris"));
  EXPECT_TRUE(is_currency("USD"));
  EXPECT_FALSE(is_currency("usd"));
}

}  // namespace
}  // namespace hospes::catalog
