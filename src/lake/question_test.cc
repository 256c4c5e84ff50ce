// Questions: what one may ask, and that a purpose sees exactly what consent::Lens lets it see.
#include "lake/question.h"

#include <gtest/gtest.h>

#include "base/dice.h"
#include "consent/lens.h"
#include "lake/number.h"
#include "lake/print.h"
#include "lake/test_house.h"

namespace hospes::lake {
namespace {

constexpr PurposeBit purpose = 2;

Result<Table> put(House& house, const Live& live, const std::string& sql, std::size_t rows_max = 100'000) {
  auto duck = Duck::open({.memory_mb_max = 256});
  EXPECT_TRUE(duck);
  if (const auto tables = tables_of(**duck, sql); !tables) return std::unexpected(tables.error());
  return ask(*house.lake, live, {sql, rows_max}, **duck, {});
}

std::string why_not(const std::string& sql) {
  const auto duck = Duck::open({});
  const auto tables = tables_of(**duck, sql);
  EXPECT_FALSE(tables) << sql;
  return tables ? "" : tables.error().message;
}

TEST(Question, NamesNothingButTheViews) {
  const auto duck = Duck::open({});
  ASSERT_TRUE(duck);
  for (const char* fine :
       {"SELECT 1", "FROM events", "WITH a AS (SELECT * FROM events) SELECT * FROM a JOIN people USING (person)",
        "SELECT * FROM range(3)", "DESCRIBE events", "SUMMARIZE events", "SELECT unnest([1, 2])",
        "SELECT event, count(*) FILTER (value > 3) FROM events WHERE person IN (SELECT person FROM memberships) GROUP BY ALL;"})
    EXPECT_TRUE(tables_of(**duck, fine)) << fine;
  for (const char* sly :
       {"SELECT * FROM read_parquet('/etc/passwd')", "FROM read_text('/etc/passwd')", "FROM '/etc/passwd'", "FROM 'a.parquet'",
        "FROM glob('*')", "FROM query('SELECT 1')", "FROM query_table('events')", "FROM internal.known", "FROM known",
        "FROM memory.internal.known", "FROM duckdb_settings()", "FROM information_schema.tables", "FROM sqlite_master",
        "SELECT (SELECT count(*) FROM read_csv('a'))", "WITH a AS (FROM read_json('a')) FROM a",
        "WITH \"/etc/passwd\" AS (SELECT 1) SELECT * FROM \"/etc/passwd\"", "SELECT 1; SELECT 2", "COPY events TO 'a'",
        "CREATE TABLE a AS FROM events", "DROP VIEW events", "SET memory_limit = '9GB'", "INSTALL httpfs", "ATTACH 'a.db'",
        "PRAGMA database_list", "CALL duckdb_settings()", "SUMMARIZE 'a.parquet'", "DESCRIBE 'a.parquet'", "EXPORT DATABASE 'a'", ""})
    EXPECT_FALSE(tables_of(**duck, sly)) << sly;
}

TEST(Question, SaysWhatToWriteInstead) {
  EXPECT_NE(why_not("FROM event").find("the nearest known is \"events\""), std::string::npos);
  EXPECT_NE(why_not("DELETE FROM events").find("only SELECT is answered"), std::string::npos);
  EXPECT_NE(why_not("SELECT 1\nFORM events WHERE").find("\n  FORM events WHERE\n  "), std::string::npos) << why_not("SELECT 1\nFORM events WHERE");
  House house;
  house.start();
  const auto told = put(house, {}, "SELECT valeu FROM events");
  ASSERT_FALSE(told);
  EXPECT_NE(told.error().message.find("\"value\""), std::string::npos) << told.error().message;
}

TEST(Question, ViewsHaveTheColumnsThatAreTold) {
  House house;
  house.start();
  for (int round = 0; round < 2; ++round) {  // without files, and with
    for (const View& view : views()) {
      const auto told = put(house, {}, "FROM " + std::string(view.name));
      ASSERT_TRUE(told) << told.error().message;
      EXPECT_EQ(told->columns, view.columns) << view.name;
    }
    house.send(house.event(1, "u1"));
    ASSERT_TRUE(house.lake->cut());
  }
}

/// A person of some atoms with random answers; their events in the log.
struct Somebody {
  std::vector<Atom> atoms;
  std::vector<consent::Ledger> ledgers;
};

consent::Ledger answers(Dice& dice, AtomId atom) {
  consent::Ledger out(atom);
  Instant at = noon;
  for (std::uint64_t i = dice.below(4); i > 0; --i) {
    at = at + std::chrono::minutes(1 + dice.below(60));
    consent::Row row{.atom = atom, .purpose = purpose, .acted = at};
    row.state = dice.chance(60) ? consent::Answer::given : consent::Answer::withdrawn;
    row.since = at - std::chrono::minutes(dice.below(30));
    if (row.state == consent::Answer::given && dice.chance(30)) row.until = at + std::chrono::minutes(dice.below(90));
    out.add(std::move(row));
  }
  return out;
}

/// A random house: its events in the log, what the lens says of each, and what the question and the sweep are told.
struct Town {
  House house;
  Live live;
  Standings standings;
  std::set<std::string> seen;  // person and instant of what the purpose sees
  std::set<std::string> left;  // message and purposes of what stays in the files

  std::int64_t number(const Atom& a) const { return number_of(a.id, house.keys.house_secret()); }

  void settle(Dice& dice, std::int64_t p, std::uint64_t& message) {
    Somebody who;
    const bool erased = dice.chance(15);
    for (std::uint64_t a = 0; a <= dice.below(3); ++a) {
      who.atoms.push_back(house.atom(0, "p" + std::to_string(p) + "-" + std::to_string(a)));
      who.ledgers.push_back(answers(dice, who.atoms.back().id));
    }
    std::vector<const consent::Ledger*> ledgers;
    for (const auto& ledger : who.ledgers) ledgers.push_back(&ledger);
    const consent::Lens lens(ledgers, standings.heedless);
    const auto closed = closed_through(ledgers, purpose);
    for (std::size_t a = 0; a < who.atoms.size() && !erased; ++a) {
      live.known.push_back({number(who.atoms[a]), number(who.atoms[0]), p, closed, noon, false});
      standings.living.emplace_back(number(who.atoms[a]), p);
      if (closed) standings.closed.push_back({number(who.atoms[a]), purpose, *closed});
      auto yes = yes_of(who.ledgers[a], purpose);
      if (!yes) continue;
      live.yeses.push_back({number(who.atoms[a]), p, yes->begin, yes->end});
      standings.yeses.push_back({number(who.atoms[a]), p, purpose, yes->begin, yes->end});
    }
    for (int e = 0; e < 8; ++e) {
      Event event = house.event(++message, "p" + std::to_string(p) + "-" + std::to_string(dice.below(who.atoms.size())));
      event.received = noon + std::chrono::minutes(dice.below(180));
      event.happened = event.received - std::chrono::minutes(dice.below(60));
      event.mask = (dice.chance(80) ? bit(purpose) : 0) | (dice.chance(30) ? bit(5) : 0);
      if (dice.chance(50)) event.opened = {{purpose, who.atoms[dice.below(who.atoms.size())].id}};
      house.send(event);
      if (erased) continue;
      const Mask visible = lens.visible(event.mask, event.start(), event.opened, live.now);
      if ((visible & bit(purpose)) != 0)
        seen.insert(std::to_string(number(who.atoms[0])) + " " + std::to_string(event.happened.us));
      if (visible != 0) left.insert(std::to_string(message) + " " + std::to_string(visible));
    }
  }
};

/// The oracle: each event through consent::Lens.
TEST(Question, APurposeSeesWhatTheLensLetsItSeeAndTheSweepKeepsNoMore) {
  const std::uint64_t seed = seed_of_run(20'261'127);
  Dice dice(seed);
  for (int round = 0; round < 3; ++round) {
    Town town;
    town.house.start();
    town.live = {.purpose = purpose, .heedless = round == 2, .now = noon + std::chrono::minutes(200), .known = {}, .yeses = {}, .members = {}};
    town.standings.now = town.live.now;
    town.standings.heedless = round == 2 ? bit(purpose) : 0;
    std::uint64_t message = 0;
    for (int p = 0; p < 30; ++p) town.settle(dice, p, message);
    ASSERT_TRUE(town.house.lake->cut());
    const auto ask_seen = [&] {
      const auto told = put(town.house, town.live, "SELECT person, epoch_us(happened) FROM events");
      EXPECT_TRUE(told) << (told ? "" : told.error().message);
      std::set<std::string> out;
      if (told)
        for (const auto& row : told->rows) out.insert(*row[0] + " " + *row[1]);
      return out;
    };
    EXPECT_EQ(ask_seen(), town.seen) << "round " << round << ", HOSPES_SEED=" << seed;
    EXPECT_GT(town.seen.size(), 20u);
    const auto people = put(town.house, town.live, "SELECT count(*) = (SELECT count(DISTINCT person) FROM events) FROM people");
    ASSERT_TRUE(people);
    EXPECT_EQ(people->rows[0][0], "true");

    town.standings.upto = town.house.lake->extent().written;
    const auto swept = town.house.lake->sweep(town.standings);
    ASSERT_TRUE(swept) << swept.error().message;
    EXPECT_EQ(swept->rows, message - town.left.size());
    std::set<std::string> left;
    const Table raw = town.house.read("SELECT message, purposes");
    for (const auto& row : raw.rows) left.insert(*row[0] + " " + *row[1]);
    EXPECT_EQ(left, town.left) << "round " << round << ", HOSPES_SEED=" << seed;
    EXPECT_EQ(ask_seen(), town.seen) << "the same is seen after it";
    EXPECT_EQ(town.house.files().size(), town.house.lake->extent().files) << "what was rewritten is gone";
    const auto again = town.house.lake->sweep(town.standings);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->files, 0u) << "nothing is left to do";
  }
}

TEST(Sweep, LeavesWhoCameMeanwhile) {
  House house;
  house.start();
  house.send(house.event(1, "u1"));
  ASSERT_TRUE(house.lake->cut());
  const Position before = house.lake->extent().written;
  house.send(house.event(2, "u2"));
  ASSERT_TRUE(house.lake->cut());
  const auto swept = house.lake->sweep({.now = noon, .upto = before, .living = {}, .closed = {}, .yeses = {}});
  ASSERT_TRUE(swept);
  EXPECT_EQ(swept->rows, 1u) << "u1 lives no more; u2 came after the look";
  EXPECT_EQ(house.lake->extent().rows, 1u);
  EXPECT_EQ(house.lake->extent().swept, noon);
}

/// Each bit of each row against the schedules, written a second time as an end for each purpose.
TEST(Sweep, TakesWhatTheSchedulesEndAndTheViewsShowNoMore) {
  const std::uint64_t seed = seed_of_run(20'261'128);
  Dice dice(seed);
  House house;
  house.catalog.retention = catalog::read_retention(
      "no_act = [\"Email Opened\"]\n"
      "[[class]]\nname = \"orders\"\nevents = [\"Order Completed\"]\nkeep = { market = \"60 days after last act\", measure = "
      "\"1 month\", other = \"90 days\" }\n"
      "[[class]]\nname = \"rest\"\nkeep = { market = \"20 days\", other = \"2 months\" }\n",
      house.catalog.purposes
  ).value();
  house.start();
  const PurposeBit market = *house.catalog.purposes.find("market"), measure = *house.catalog.purposes.find("measure");
  struct Sent {
    std::uint64_t message = 0;
    std::int64_t person = 0;
    std::string name;
    Instant happened;
    Mask mask = 0;
  };
  std::vector<Sent> sent;
  std::map<std::int64_t, Instant> acts;
  const Instant now = noon + std::chrono::hours(24 * 100);
  Standings standings{.now = now, .upto = {}, .living = {}, .closed = {}, .yeses = {}, .bearers = {}, .answered = {}};
  for (int p = 0; p < 40; ++p) {
    const std::string who = "q" + std::to_string(p);
    const std::int64_t person = number_of(house.atom(0, who).id, house.keys.house_secret());
    standings.living.emplace_back(person, p);
    standings.bearers.emplace_back(person, person);
    acts[person] = Instant::beginning();
    if (dice.chance(20)) {
      acts[person] = noon + std::chrono::hours(dice.below(24 * 90));
      standings.answered.emplace_back(person, acts[person]);
    }
    for (int e = 0; e < 6; ++e) {
      constexpr const char* names[] = {"Order Completed", "Page Viewed", "Email Opened"};
      const char* name = names[dice.below(3)];
      Event event = house.event(sent.size() + 1, who, name);
      event.happened = event.received = noon + std::chrono::hours(dice.below(24 * 99));
      event.mask = (dice.chance(70) ? bit(market) : 0) | (dice.chance(70) ? bit(measure) : 0) | bit(0);
      house.send(event);
      sent.push_back({event.message.hi, person, name, event.happened, event.mask});
      if (std::string_view(name) != "Email Opened") acts[person] = std::max(acts[person], event.happened);
    }
  }
  ASSERT_TRUE(house.lake->cut());
  const auto end = [&](const Sent& s, PurposeBit p) {
    const bool order = s.name == "Order Completed";
    const Instant from = order && p == market ? std::max(s.happened, acts[s.person]) : s.happened;
    const char* period = p == market ? (order ? "60 days" : "20 days") : !order ? "2 months" : p == measure ? "1 month" : "90 days";
    return catalog::parse_period(period)->end(from);
  };
  std::set<std::string> left, shown;
  for (const Sent& s : sent) {
    Mask mask = 0;
    for (PurposeBit p = 0; p < 64; ++p)
      if ((s.mask & bit(p)) != 0 && end(s, p) > now) mask |= bit(p);
    if (mask != 0) left.insert(std::to_string(s.message) + " " + std::to_string(mask));
    if ((mask & bit(measure)) != 0) shown.insert(std::to_string(s.happened.us));
  }
  Live live{.purpose = measure, .now = now, .known = {}, .yeses = {}, .members = {}, .retention = &house.catalog.retention};
  for (const auto& [identity, person] : standings.bearers) live.known.push_back({identity, person, person, {}, noon, false});
  const auto told = put(house, live, "SELECT epoch_us(happened) FROM events");
  ASSERT_TRUE(told) << told.error().message;
  std::set<std::string> seen;
  for (const auto& row : told->rows) seen.insert(*row[0]);
  EXPECT_EQ(seen, shown) << "before any file was written anew, HOSPES_SEED=" << seed;
  standings.upto = house.lake->extent().written;
  const auto swept = house.lake->sweep(standings);
  ASSERT_TRUE(swept) << swept.error().message;
  std::set<std::string> have;
  for (const auto& row : house.read("SELECT message, purposes").rows) have.insert(*row[0] + " " + *row[1]);
  EXPECT_EQ(have, left) << "HOSPES_SEED=" << seed;
  EXPECT_GT(left.size(), 50u);
  EXPECT_LT(left.size(), sent.size() - 50);
}

TEST(Print, WritesWhatOthersRead) {
  const Table table{
      {{"n", "BIGINT"}, {"d", "DECIMAL(19,6)"}, {"yes", "BOOLEAN"}, {"text", "VARCHAR"}},
      {{"12", "12.500000", "true", "=1+1"}, {"9007199254740993", std::nullopt, "false", "a;\"b\"\nc"}},
      false};
  EXPECT_EQ(
      json_members(table),
      "\"columns\":[{\"name\":\"n\",\"type\":\"BIGINT\"},{\"name\":\"d\",\"type\":\"DECIMAL(19,6)\"},{\"name\":\"yes\",\"type\":"
      "\"BOOLEAN\"},{\"name\":\"text\",\"type\":\"VARCHAR\"}],\"rows\":[[12,12.500000,true,\"=1+1\"],\n"
      "[\"9007199254740993\",null,false,\"a;\\\"b\\\"\\u000ac\"]]"
  );
  EXPECT_EQ(to_csv(table, {}), "n,d,yes,text\r\n12,12.500000,true,=1+1\r\n9007199254740993,,false,\"a;\"\"b\"\"\nc\"\r\n");
  EXPECT_EQ(
      to_csv(table, Csv::french()),
      "\xEF\xBB\xBFn;d;yes;text\r\n12;12,500000;true;'=1+1\r\n9007199254740993;;false;\"a;\"\"b\"\"\nc\"\r\n"
  );
  EXPECT_EQ(to_text({{{"n", "BIGINT"}, {"é", "VARCHAR"}}, {{"5", "àbc"}, {"12", std::nullopt}}, false}),
            "   n  é\n   5  àbc\n  12  ·\n");
}

}  // namespace
}  // namespace hospes::lake
