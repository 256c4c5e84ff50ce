// The algebra against an evaluator that walks every row and knows no sums, then the law's sentences
// one by one.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/dice.h"
#include "catalog/kinds.h"
#include "consent/lens.h"
#include "consent/stamp.h"

namespace hospes::consent {
namespace {

namespace kind = catalog::kind;

constexpr Instant at(std::int64_t t) { return Instant{t}; }

const catalog::Purposes purposes = catalog::Purposes::fr_eu();
const catalog::Events events = catalog::Events::usual(purposes);
PurposeBit named(std::string_view name) { return *purposes.find(name); }
const PurposeBit operate = named("operate"), market = named("market"), measure = named("measure"),
                 personalise = named("personalise"), email = named("contact:email");

const Atom marie{{1, 1}, at(0), kind::user_id};
const Atom visitor{{2, 2}, at(0), kind::anonymous_id};

Row row(const Atom& atom, PurposeBit p, Answer state, std::int64_t acted) {
  return {.atom = atom.id, .purpose = p, .state = state, .since = at(acted), .acted = at(acted)};
}

/// One event of one shop, as a test tells it.
struct Ask {
  std::vector<Atom> atoms = {marie};
  std::vector<const Ledger*> ledgers = {};
  Signal signal = {};
  std::string_view event = "Product Viewed";
  catalog::KeyUse key = catalog::KeyUse::public_key;
  std::int64_t start = 10, receipt = 10;
  bool attested_login = false;
  catalog::Source source = {.name = "web"};

  template <class F>
  auto with(F f) const {
    std::vector<Named> names;
    for (const Atom& a : atoms) {
      const auto l = std::ranges::find(ledgers, a.id, &Ledger::atom);
      names.push_back({a, l == ledgers.end() ? nullptr : *l});
    }
    return f(Question{
        names, signal, events.row(event), source, purposes, key, attested_login, at(start),
        at(receipt)});
  }
  Stamp stamped() const {
    return with([](const Question& q) { return stamp(q); });
  }
  Why why(PurposeBit p) const {
    return with([&](const Question& q) {
      for (const Missing& m : missing(q)) {
        if (m.purpose == p) return m.why;
      }
      ADD_FAILURE() << "nothing is missing";
      return Why::signal;
    });
  }
};

Ledger ledger(const Atom& atom, std::vector<Row> rows) {
  Ledger out(atom.id);
  for (Row& r : rows) out.add(std::move(r));
  return out;
}

bool sees(const Ask& ask, const Stamp& s, PurposeBit p, std::int64_t now) {
  const Lens lens(ask.ledgers, purposes.heedless());
  return (lens.visible(s.mask, std::min(at(ask.start), at(ask.receipt)), s.opened, at(now)) & bit(p)
         ) != 0;
}

// ---- the naive evaluator: rows of one atom and purpose, in log order

using Rows = std::vector<Row>;

Rows of(const Rows& all, AtomId atom, PurposeBit p, Instant now) {
  Rows out;
  for (const Row& r : all) {
    const bool counts = r.state != Answer::invalid;  // kept, and it changes nothing
    if (counts && r.atom == atom && r.purpose == p && r.acted <= now) out.push_back(r);
  }
  return out;
}

/// A no stands at t when some row against began by then and the yes after it, if any, comes at t or
/// later.
bool no_at(const Rows& rows, std::int64_t t) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!is_against(rows[i].state) || rows[i].acted > at(t)) continue;
    std::size_t j = i + 1;
    while (j < rows.size() && is_against(rows[j].state)) ++j;
    if (j == rows.size() || rows[j].acted >= at(t)) return true;
  }
  return false;
}

/// One unbroken yes over [from, to]: a run of yes rows, each recorded before the one before it
/// ended, of which the first reaches back to `from` but not behind the end of any answer before it.
bool yes_over(const Rows& rows, std::int64_t from, std::int64_t to) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (is_against(rows[i].state)) continue;
    Instant begin = std::min(rows[i].since, rows[i].acted);
    for (std::size_t k = 0; k < i; ++k) {
      const Instant replaced = rows[k + 1].acted;
      begin =
          std::max(begin, is_against(rows[k].state) ? replaced : std::min(rows[k].until, replaced));
    }
    for (std::size_t j = i; j < rows.size() && !is_against(rows[j].state); ++j) {
      if (j > i && rows[j].acted >= rows[j - 1].until) break;
      const Instant end =
          j + 1 < rows.size() ? std::min(rows[j].until, rows[j + 1].acted) : rows[j].until;
      if (begin <= at(from) && at(to) < end) return true;
    }
  }
  return false;
}

struct Told {
  Atom owner, other;
  std::int64_t start, receipt;
  Stamp stamp;
};

bool naive_visible(const Rows& all, const Told& e, PurposeBit p, std::int64_t now) {
  if ((e.stamp.mask & bit(p)) == 0) return false;
  for (std::int64_t t = e.start; t <= now; ++t) {
    for (const Atom& a : {marie, visitor}) {
      if (no_at(of(all, a.id, p, at(now)), t)) return false;
    }
  }
  for (const OpenedBy& o : e.stamp.opened) {
    if (o.purpose == p && !yes_over(of(all, o.atom, p, at(now)), e.start, now)) return false;
  }
  return true;
}

bool naive_door(const Rows& all, const Told& e, PurposeBit p) {
  bool opened = p == market;  // interest, listed by the source
  for (const Atom& a : {e.owner, e.other}) {
    const Rows rows = of(all, a.id, p, at(e.receipt));
    for (std::int64_t t = e.start; t <= e.receipt; ++t) {
      if (no_at(rows, t)) return false;
    }
    opened = opened || yes_over(rows, e.start, e.receipt);
  }
  return opened;
}

Row random_row(Dice& dice, std::int64_t now) {
  Row r =
      row(dice.chance(50) ? marie : visitor, dice.chance(50) ? market : measure,
          dice.chance(60) ? Answer::given : static_cast<Answer>(dice.below(3)), now);
  if (dice.chance(10)) r.state = Answer::invalid;
  if (dice.chance(50)) r.since = at(now - static_cast<std::int64_t>(dice.below(12)));
  if (dice.chance(50)) r.until = at(now - 3 + static_cast<std::int64_t>(dice.below(12)));
  return r;
}

TEST(Algebra, EqualsWalkingEveryRow) {
  const std::uint64_t seed = 20261124;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Dice dice(seed);
  std::size_t opened = 0;
  std::size_t closed_later = 0;
  for (int history = 0; history < 4'000; ++history) {
    Rows rows;
    std::vector<Told> told;
    Ledger of_marie(marie.id);
    Ledger of_visitor(visitor.id);
    for (std::int64_t now = 1; now < 25; ++now) {
      while (dice.chance(30)) {
        rows.push_back(random_row(dice, now));
        (rows.back().atom == marie.id ? of_marie : of_visitor).add(rows.back());
      }
      if (dice.chance(40)) {
        Ask ask{.event = "Order Completed", .receipt = now};
        ask.start = std::max<std::int64_t>(0, now - static_cast<std::int64_t>(dice.below(8)));
        ask.atoms = dice.chance(50) ? std::vector{marie, visitor} : std::vector{visitor};
        ask.ledgers = {&of_marie, &of_visitor};
        ask.source.without_answer = bit(market);
        told.push_back({ask.atoms.front(), ask.atoms.back(), ask.start, now, ask.stamped()});
        for (const PurposeBit p : {market, measure}) {
          const bool open = (told.back().stamp.mask & bit(p)) != 0;
          ASSERT_EQ(open, naive_door(rows, told.back(), p))
              << "history " << history << " at " << now;
          opened += open ? 1 : 0;
        }
      }
      const std::vector<const Ledger*> ledgers = {&of_marie, &of_visitor};
      const Lens lens(ledgers, purposes.heedless());
      for (Told& e : told) {
        const Mask seen = lens.visible(e.stamp.mask, at(e.start), e.stamp.opened, at(now));
        for (const PurposeBit p : {market, measure}) {
          ASSERT_EQ((seen & bit(p)) != 0, naive_visible(rows, e, p, now))
              << "history " << history << " event of " << e.start << " at " << now;
        }
        ASSERT_NE(seen & bit(operate), 0U);
        closed_later += seen != e.stamp.mask ? 1 : 0;
      }
    }
  }
  EXPECT_GT(opened, 20'000U);  // the histories are not all one colour
  EXPECT_GT(closed_later, 20'000U);
}

TEST(Algebra, TheSetOnlyShrinksAndChangesOnlyWhenItSays) {
  const std::uint64_t seed = 7;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Dice dice(seed);
  for (int history = 0; history < 2'000; ++history) {
    Ledger l(marie.id);
    for (std::int64_t now = 1; now < 10; ++now) {
      if (Row r = random_row(dice, now); r.atom == marie.id) l.add(std::move(r));
    }
    const Ask ask{.ledgers = {&l}, .start = 9, .receipt = 9};
    const Stamp s = ask.stamped();
    const Lens lens(ask.ledgers, purposes.heedless());
    Mask before = lens.visible(s.mask, at(9), s.opened, at(9));
    for (std::int64_t now = 10; now < 40; ++now) {
      const Mask seen = lens.visible(s.mask, at(9), s.opened, at(now));
      ASSERT_EQ(seen & ~before, 0U);
      if (seen != before) {
        ASSERT_LE(lens.next_change(at(now - 1)), at(now));
      }
      before = seen;
    }
  }
}

// ---- the law, sentence by sentence (design.md section 2)

TEST(Law, UnsetIsNoUnderConsentYesUnderInterestContractAndDuty) {
  const Ask ask{
      .event = "Order Completed", .source = {.name = "till", .without_answer = bit(market)}};
  EXPECT_EQ(
      purposes.names(ask.stamped().mask),
      (std::vector<std::string_view>{"operate", "legal", "market"})
  );
  EXPECT_EQ(ask.why(measure), Why::no_answer);
}

TEST(Law, ASourceThatStatesNothingServesOnlyContractAndDutyWithoutAnAnswer) {
  const Ask ask{.event = "Order Completed"};
  EXPECT_EQ(
      purposes.names(ask.stamped().mask), (std::vector<std::string_view>{"operate", "legal"})
  );
  EXPECT_EQ(ask.why(market), Why::source_silent);
  EXPECT_TRUE(ask.stamped().catalogued_fields_only);
}

TEST(Law, OperateIsNeverByDefault) {
  const Ask ask{.event = "Mood Changed"};
  EXPECT_EQ(ask.stamped().mask, 0U);
  EXPECT_EQ(ask.why(operate), Why::not_catalogued);
}

TEST(Law, AYesOpensWhatStartedUnderIt) {
  const Ledger l = ledger(marie, {row(marie, measure, Answer::given, 5)});
  Ask ask{.ledgers = {&l}};
  EXPECT_EQ(ask.stamped().opened, (std::vector{OpenedBy{measure, marie.id}}));
  ask.start = 4;
  EXPECT_EQ(ask.stamped().mask, 0U);
  EXPECT_EQ(ask.why(measure), Why::yes_too_late);
}

TEST(Law, NoLaterYesSetsOrRevivesABit) {
  const Ledger before = ledger(marie, {row(marie, measure, Answer::given, 5)});
  const Stamp s = Ask{.ledgers = {&before}}.stamped();
  Row again = row(marie, measure, Answer::given, 13);
  again.since = at(1);
  const Ledger after = ledger(
      marie,
      {row(marie, measure, Answer::given, 5), row(marie, measure, Answer::withdrawn, 12), again}
  );
  EXPECT_FALSE(sees({.ledgers = {&after}}, s, measure, 14));
  EXPECT_FALSE(sees({.ledgers = {&after}}, Stamp{}, measure, 14));
}

TEST(Law, AtTheVeryInstantWhereANoMeetsAYesItIsClosed) {
  const Ledger l = ledger(
      marie, {row(marie, measure, Answer::refused, 3), row(marie, measure, Answer::given, 10)}
  );
  Ask ask{.ledgers = {&l}};
  EXPECT_EQ(ask.stamped().mask, 0U);
  ask.start = ask.receipt = 11;
  EXPECT_NE(ask.stamped().mask, 0U);
}

TEST(Law, AnObjectionEndsMarketOnInterest) {
  Ask ask{.event = "Order Completed", .source = {.name = "till", .without_answer = bit(market)}};
  const Stamp s = ask.stamped();
  const Ledger l = ledger(marie, {row(marie, market, Answer::objected, 20)});
  ask.ledgers = {&l};
  EXPECT_FALSE(sees(ask, s, market, 21));
  EXPECT_TRUE(sees(ask, s, operate, 21));
  ask.start = ask.receipt = 22;
  EXPECT_EQ(ask.why(market), Why::against);
}

TEST(Law, ContractAndDutyHeedNoAnswer) {
  const Ledger l = ledger(marie, {row(marie, operate, Answer::objected, 1)});
  const Ask ask{.ledgers = {&l}, .event = "Order Completed"};
  EXPECT_NE(ask.stamped().mask & bit(operate), 0U);
  EXPECT_TRUE(sees(ask, ask.stamped(), operate, 99));
}

TEST(Law, ASinceEarlierThanItsRowIsALawfulImport) {
  Row import = row(marie, measure, Answer::given, 8);
  import.since = at(2);
  const Ledger l = ledger(marie, {import});
  const Ask ask{.ledgers = {&l}, .start = 3};  // happened at 3, logged at 10
  EXPECT_NE(ask.stamped().mask & bit(measure), 0U);
  const Ledger again = ledger(
      marie,
      {row(marie, measure, Answer::given, 1), row(marie, measure, Answer::withdrawn, 4), import}
  );
  EXPECT_EQ(
      (Ask{.ledgers = {&again}, .start = 3}.stamped().mask), 0U
  );  // a re-import revives nothing
  EXPECT_NE((Ask{.ledgers = {&again}, .start = 9}.stamped().mask), 0U);
}

TEST(Law, AYesThatEndsHidesUnlessRenewedBefore) {
  Row yes = row(marie, measure, Answer::given, 5);
  yes.until = at(20);
  const Ledger once = ledger(marie, {yes});
  const Ask ask{.ledgers = {&once}};
  const Stamp s = ask.stamped();
  EXPECT_TRUE(sees(ask, s, measure, 19));
  EXPECT_FALSE(sees(ask, s, measure, 20));
  EXPECT_EQ(Lens(ask.ledgers, 0).next_change(at(10)), at(20));
  const Ledger in_time = ledger(marie, {yes, row(marie, measure, Answer::given, 19)});
  EXPECT_TRUE(sees({.ledgers = {&in_time}}, s, measure, 30));
  const Ledger too_late = ledger(marie, {yes, row(marie, measure, Answer::given, 20)});
  EXPECT_FALSE(sees({.ledgers = {&too_late}}, s, measure, 30));
}

TEST(Law, TheUntilOfAnAnswerAgainstDoesNotMakeItAYes) {
  Row no = row(marie, market, Answer::refused, 3);
  no.until = at(5);
  const Ledger l = ledger(marie, {no});
  const Ask ask{
      .ledgers = {&l}, .event = "Order Completed", .source = {.without_answer = bit(market)}};
  EXPECT_EQ(ask.stamped().mask & bit(market), 0U);
}

TEST(Law, ANoOnAnyNamedAtomCloses) {
  const Ledger yes = ledger(marie, {row(marie, measure, Answer::given, 5)});
  const Ledger no = ledger(visitor, {row(visitor, measure, Answer::refused, 6)});
  EXPECT_EQ((Ask{.atoms = {marie, visitor}, .ledgers = {&yes, &no}}.stamped().mask), 0U);
}

TEST(Law, ANoOnAnyAtomOfThePersonHidesAndUndoingTheJoinRestores) {
  const Ledger yes = ledger(marie, {row(marie, measure, Answer::given, 5)});
  const Ledger no = ledger(visitor, {row(visitor, measure, Answer::refused, 12)});
  const Stamp s = Ask{.ledgers = {&yes}}.stamped();
  EXPECT_FALSE(sees({.ledgers = {&yes, &no}}, s, measure, 13));
  EXPECT_TRUE(sees({.ledgers = {&yes}}, s, measure, 13));
}

TEST(Law, APublicSignalSpeaksForAnAnonymousVisitorOfATrustedToolOnly) {
  Ask ask{.atoms = {visitor}, .signal = {.yes = bit(measure) | bit(personalise) | bit(email)}};
  EXPECT_EQ(ask.stamped().mask, 0U);  // no trusted tool
  ask.source.trusted = catalog::ConsentTool{"banner", "cookies", "3", "fr"};
  EXPECT_EQ(ask.stamped().mask, bit(measure) | bit(personalise));  // never contact:*
  EXPECT_TRUE(ask.stamped().opened.empty());
  ask.atoms = {marie, visitor};
  EXPECT_EQ(ask.stamped().mask, 0U);  // never for a user id
}

TEST(Law, AYesUnderANoticeThatTheLawDoesNotAcceptOpensNothing) {
  Ask ask{.atoms = {visitor}, .signal = {.yes = bit(measure) | bit(personalise)}};
  ask.source.trusted = catalog::ConsentTool{"banner", "cookies", "3", "fr"};
  ask.signal.voided = bit(measure);
  EXPECT_EQ(ask.stamped().mask, bit(personalise));
  EXPECT_EQ(ask.why(measure), Why::notice);
  // What stood before it stands after it: it is no answer, for or against.
  Ledger before = ledger(marie, {row(marie, measure, Answer::given, 2)});
  Ledger after = before;
  after.add(row(marie, measure, Answer::invalid, 5));
  EXPECT_EQ(after.standings()[0], before.standings()[0]);
  EXPECT_EQ(after.rows().size(), 2U);
}

TEST(Law, AServersSignalOpensForItsEvent) {
  Ask ask{.signal = {.yes = bit(measure) | bit(market)}, .key = catalog::KeyUse::server_key};
  EXPECT_EQ(ask.stamped().mask, bit(measure));  // a view is no purchase: market stays shut
  ask.event = "Order Completed";
  EXPECT_NE(ask.stamped().mask & bit(market), 0U);
}

TEST(Law, ASignalMayNarrowAnything) {
  const Ledger l = ledger(marie, {row(marie, measure, Answer::given, 5)});
  EXPECT_EQ((Ask{.ledgers = {&l}, .signal = {.no = bit(measure)}}.stamped().mask), 0U);
  EXPECT_EQ((Ask{.ledgers = {&l}, .signal = {.no = bit(measure)}}.why(measure)), Why::signal);
}

TEST(Law, AnAttestedLoginMayJoinOnContractUntilRefused) {
  const PurposeBit link = named("link");
  Ask ask{
      .atoms = {marie, visitor},
      .event = "identify",
      .key = catalog::KeyUse::server_key,
      .attested_login = true};
  EXPECT_NE(ask.stamped().mask & bit(link), 0U);
  const Ledger no = ledger(visitor, {row(visitor, link, Answer::refused, 1)});
  ask.ledgers = {&no};
  EXPECT_EQ(ask.stamped().mask & bit(link), 0U);
}

TEST(Signals, CategoriesMapAndANoWins) {
  catalog::Source source{.name = "web"};
  source.categories["analytics"] = bit(measure);
  source.categories["stats"] = bit(measure);
  const std::vector<Preference> mixed = {
      {"analytics", true}, {"stats", false}, {"personalise", true}, {"weather", true}};
  const Signal s = read_signal(source, purposes, mixed, false, false);
  EXPECT_EQ(s.yes, bit(personalise));
  EXPECT_EQ(s.no, bit(measure));
}

TEST(Signals, GpcClosesAdvertisingAndSharing) {
  catalog::Purposes shared = purposes;
  const PurposeBit acme = *shared.add("share:acme", "", "");
  const Signal s = read_signal({}, shared, std::vector{Preference{"advertise", true}}, true, false);
  EXPECT_EQ(s.no, bit(named("advertise")) | bit(acme));
  EXPECT_EQ(s.yes, 0U);
}

TEST(Signals, WhatCannotBeReadClosesAllThatHeedsAnswers) {
  const Signal s = read_signal({}, purposes, {}, false, true);
  EXPECT_EQ(s.no, purposes.all() & ~purposes.heedless());
}

TEST(Meet, TheMostRestrictiveAnswerShowsAndUnsetIsNeutral) {
  Row ends = row(marie, measure, Answer::given, 1);
  ends.until = at(5);
  const Ledger a = ledger(marie, {ends, row(marie, market, Answer::given, 1)});
  const Ledger b = ledger(visitor, {row(visitor, market, Answer::withdrawn, 2)});
  const Ledger none(AtomId{9, 9});
  EXPECT_EQ(meet(std::vector{&a, &b, &none}, market, at(9)), Answer::withdrawn);
  EXPECT_EQ(meet(std::vector{&a, &none}, market, at(9)), Answer::given);
  EXPECT_EQ(meet(std::vector{&a}, measure, at(4)), Answer::given);
  EXPECT_EQ(meet(std::vector{&a}, measure, at(5)), std::nullopt);
}

}  // namespace
}  // namespace hospes::consent
