// The lake over a real folder: what lands in it, what may not, and that a failure anywhere leads to the same files.
#include "lake/lake.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/dice.h"
#include "digest/digest.h"
#include "lake/number.h"
#include "lake/test_house.h"
#include "lake/withhold.h"

namespace hospes::lake {
namespace {

/// Sends some random events, a third of them again; the messages that are new.
std::set<std::uint64_t> some(House& house, Dice& dice, std::uint64_t first, std::size_t n) {
  std::set<std::uint64_t> out;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t message = first + dice.below(n);
    const Event e = house.event(message, "u" + std::to_string(message % 7), message % 2 == 0 ? "Order Completed" : "Café/Crème 100%");
    house.send(e);
    if (dice.chance(30)) house.send(e, record::Origin{1, {1, 1}, 0});  // on its way to its owner
    out.insert(message);
  }
  return out;
}

std::set<std::string> messages(House& house) {
  std::set<std::string> out;
  const Table told = house.read("SELECT message");
  for (const auto& row : told.rows) EXPECT_TRUE(out.insert(*row[0]).second) << "twice: " << *row[0];
  return out;
}

TEST(Lake, EachEventLandsOnceByDayAndEvent) {
  House house;
  house.start();
  Event e = house.event(1, "user-00001");
  e.happened = noon - std::chrono::hours(24 * 300);
  e.opened = {{2, e.owner.id}};
  e.properties.add(house.names.intern("total").value(), ValueView{ValueKind::number, *parse_decimal("19.90"), {}, {}});
  house.add(e, "currency", "EUR");
  house.add(e, "coupon", "SUMMER");
  house.send(e);
  house.send(e);
  house.send(house.event(2, "user-00001", "Café/Crème 100%"));
  ASSERT_TRUE(house.lake->cut());
  EXPECT_EQ(house.files().size(), 2u);
  EXPECT_TRUE(house.files().begin()->starts_with("lake/house=house/events/day=2026-11-27/event=")) << *house.files().begin();
  const Table told = house.read(
      "SELECT event, day, identity, happened, value, currency, properties, purposes, opened, source, simulated, message"
  );
  ASSERT_EQ(told.rows.size(), 2u);
  const auto& order = told.rows[0][0] == "Order Completed" ? told.rows[0] : told.rows[1];
  const auto& other = told.rows[0][0] == "Order Completed" ? told.rows[1] : told.rows[0];
  EXPECT_EQ(other[0], "Café/Crème 100%");
  EXPECT_EQ(order[1], "2026-11-27");
  const auto number = number_of(e.owner.id, house.keys.house_secret());
  EXPECT_EQ(order[2], std::to_string(number));
  EXPECT_EQ(order[3], "2026-01-31 12:00:00+00");
  EXPECT_EQ(order[4], "19.900000");
  EXPECT_EQ(order[5], "EUR");
  EXPECT_EQ(order[6], R"({"total":19.9,"currency":"EUR","coupon":"SUMMER"})");
  EXPECT_EQ(order[8], "[{'purpose': 2, 'by': " + std::to_string(number) + "}]");
  EXPECT_EQ(other[8], std::nullopt);
}

TEST(Lake, ARestartKnowsWhatItHolds) {
  House house;
  house.start();
  Dice dice(seed_of_run(20'261'127));
  const auto sent = some(house, dice, 0, 60);
  ASSERT_TRUE(house.lake->cut());
  house.start();
  for (const std::uint64_t message : sent) house.send(house.event(message, "u" + std::to_string(message % 7)));
  ASSERT_TRUE(house.lake->cut());
  EXPECT_EQ(messages(house).size(), sent.size());
}

TEST(Lake, SmallFilesBecomeFew) {
  House house;
  house.merge = 3;
  house.start();
  Dice dice(seed_of_run(20'261'127));
  std::size_t sent = 0;
  for (std::uint64_t round = 0; round < 12; ++round) {
    sent += some(house, dice, round * 100, 6).size();
    ASSERT_TRUE(house.lake->cut());
  }
  EXPECT_EQ(messages(house).size(), sent);
  EXPECT_LE(house.lake->extent().files, 12u);
  EXPECT_EQ(house.files().size(), house.lake->extent().files) << "what was merged is gone";
  EXPECT_EQ(house.lake->extent().rows, sent);
}

TEST(Lake, OfADayThatIsOverOneFileStaysForEachEvent) {
  House house;
  house.start();
  for (std::uint64_t n = 0; n < 4; ++n) {
    house.send(house.event(n, "u1", n % 2 == 0 ? "Order Completed" : "Product Viewed"));
    ASSERT_TRUE(house.lake->cut());
  }
  EXPECT_EQ(house.files().size(), 4u);
  house.clock.advance(std::chrono::hours(14));
  ASSERT_TRUE(house.lake->cut());
  EXPECT_EQ(house.files().size(), 2u);
  EXPECT_EQ(messages(house).size(), 4u);
}

/// The same log, cut at the same places.
void fill(House& house, std::uint64_t seed, const std::function<void()>& cut) {
  Dice dice(seed);
  for (std::uint64_t round = 0; round < 3; ++round) {
    some(house, dice, round * 100, 4);
    cut();
  }
}

TEST(Lake, AFailureAnywhereLeadsToTheSameFiles) {
  const std::uint64_t seed = seed_of_run(20'261'127);
  House calm;
  calm.merge = 2;
  calm.start();
  fill(calm, seed, [&] { ASSERT_TRUE(calm.lake->cut()); });
  const auto files = calm.files();
  const auto rows = messages(calm);
  std::uint64_t met = 0;
  for (std::uint64_t n = 0; n == met; n += 1 + n / 6) {  // each of the first, then ever fewer
    House house;
    house.merge = 2;
    house.start();
    house.disk->left = n;
    bool failed = false;
    fill(house, seed, [&] {
      if (house.lake->cut()) return;
      failed = true;
      house.disk->left = std::numeric_limits<std::uint64_t>::max();
      house.start();  // as after kill -9: nothing of the old one is left but the folder
      ASSERT_TRUE(house.lake->cut());
    });
    EXPECT_EQ(house.files(), files) << "operation " << n << ", HOSPES_SEED=" << seed;
    EXPECT_EQ(messages(house), rows) << "operation " << n << ", HOSPES_SEED=" << seed;
    if (failed) met = n + 1 + n / 6;
  }
  EXPECT_GT(met, 40u) << "the sweep met few operations";
}

TEST(Lake, WhatTheLogLetGoIsAGap) {
  House house;
  Dice dice(1);
  some(house, dice, 0, 5);
  house.start();
  house.disk->left = 0;
  EXPECT_EQ(house.lake->kept_after(), Position{});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(house.lake->cut());
  EXPECT_GT(house.lake->kept_after().offset, 1u << 30) << "the log keeps nothing for it";
}

/// Everything that stands in the files, as text.
std::string all_text(House& house) {
  std::string out;
  const Table told = house.read("SELECT *");
  for (const auto& row : told.rows)
    for (const auto& value : row) out.append(value.value_or("")).append("\n");
  return out;
}

TEST(Lake, AnAddressStandsInNoFileInNoSpelling) {
  House house;
  house.start();
  const std::string mail = "Marie.Dupont@shop.example";
  std::string utf16;
  for (const char c : mail) utf16.append(1, c).append(1, '\0');
  const std::vector<std::string> forms = {
      mail, "marie.dupont@shop.example", "MARIE.DUPONT@SHOP.EXAMPLE", "marie.dupont%40shop.example",
      hex(mail), base64(mail), base64("say " + mail + " please"), base64(utf16), hex(utf16),
      hex(view_of(sha256(mail))), hex(view_of(sha256("marie.dupont@shop.example"))), "mailto:" + mail + "?x=1"};
  std::uint64_t message = 0;
  for (const std::string& form : forms) {
    for (const auto& [event, field] : std::initializer_list<std::pair<const char*, const char*>>{
             {"Order Completed", "coupon"}, {"Order Completed", "products"}, {"Product Reviewed", "review_body"},
             {"Products Searched", "query"}, {"Page Viewed", "url"}, {"Page Viewed", "title"}, {"Page Viewed", "referrer"}}) {
      Event e = house.event(++message, "user-00001", event);
      e.others = {house.atom(2, "marie.dupont@shop.example")};
      house.add(e, field, form.starts_with("mailto") ? "https://shop.example/a?mail=" + form : "x " + form + " y");
      house.send(e);
    }
    Event said = house.event(++message, "user-00001", "identify");
    said.type = EventType::identify;
    for (const char* field : {"email", "name", "firstName", "phone", "address.street", "note"}) house.add(said, field, form);
    house.add(said, "gender", "f");
    house.send(said);
    house.send(house.event(++message, "user-00001", "Clicked " + form.substr(0, 200)));
  }
  ASSERT_TRUE(house.lake->cut());
  std::string text = all_text(house);
  EXPECT_NE(text.find(R"("gender":"f")"), text.npos) << "something is left";
  std::string small = text;
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string& form : forms) {
    std::string sought = form;
    for (char& c : sought) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(small.find(sought), small.npos) << form;
  }
  for (const std::string& file : house.files()) EXPECT_EQ(file.find("arie"), file.npos) << file;
}

TEST(Withhold, TellsNumbersOfPeopleFromNumbersOfThings) {
  EXPECT_TRUE(hides_identifier("call +33 6 12 34 56 78", false));
  EXPECT_TRUE(hides_identifier("06.12.34.56.78", false));
  EXPECT_TRUE(hides_identifier("4111 1111 1111 1111", true));
  EXPECT_FALSE(hides_identifier("3760123456789", true)) << "an EAN";
  EXPECT_FALSE(hides_identifier("Blue shoes, size 42, 2026", false));
  EXPECT_FALSE(hides_identifier("meet @ noon", false));
  EXPECT_TRUE(hides_identifier("bWFyaWVAc2hvcC5leGFtcGxl", true)) << "base64 of an address";
}

TEST(Manifest, ReadsBackAndKnowsWhenItIsTorn) {
  Manifest m;
  m.written = {1, 900};
  m.planned = Position{1, 1000};
  m.gaps = {{{1, 3}, {1, 40}}};
  m.swept = Instant{5};
  m.files = {{"events", "2026-11-27", "Café, 100 %", {1, 40}, {1, 900}, 2, 1, 7, 4096}};
  const std::string text = to_text(m);
  const auto back = read_manifest(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, m);
  for (std::size_t n = 0; n + 1 < text.size(); ++n) EXPECT_FALSE(read_manifest(text.substr(0, n))) << n;
  EXPECT_EQ(m.files[0].path(), "events/day=2026-11-27/event=Caf%C3%A9%2C%20100%20%25/1-40-900.r1.parquet");
  EXPECT_LT(folder_text(std::string(256, '%')).size(), 40u);
}

}  // namespace
}  // namespace hospes::lake
