// The kernel: names, days and quiet hours over every change of clock, and what `ask` answers beside
// an evaluator that walks the rows and knows nothing of sums.
#include <gtest/gtest.h>

#include <iostream>

#include "base/dice.h"
#include "outbox/hours.h"
#include "outbox/sendable.h"

namespace hospes::outbox {
namespace {

static_assert(!std::is_copy_constructible_v<Permit> && !std::is_default_constructible_v<Permit>);
static_assert(!std::is_copy_constructible_v<Sendable>);

TEST(Outbox, the_same_passage_has_the_same_name_and_any_other_another) {
  const Passage p{"active", true, Instant{5}, {1, 2}};
  const Hash128 key = effect_key("welcome", 1, {3, 4}, p);
  EXPECT_EQ(key, effect_key("welcome", 1, {3, 4}, p));
  EXPECT_EQ(to_hex(key), "af1ca0d4bd49feb591f6e5b3f6709577");  // it must never change
  EXPECT_NE(key, effect_key("welcome", 2, {3, 4}, p));
  EXPECT_NE(key, effect_key("farewell", 1, {3, 4}, p));
  EXPECT_NE(key, effect_key("welcome", 1, {3, 5}, p));
  Passage other = p;
  other.entered = false;
  EXPECT_NE(key, effect_key("welcome", 1, {3, 4}, other));
  other = p;
  other.at = Instant{6};
  EXPECT_NE(key, effect_key("welcome", 1, {3, 4}, other));
  other = p;
  other.message = {1, 3};
  EXPECT_NE(key, effect_key("welcome", 1, {3, 4}, other));
  other = p;
  other.segment = "lost";
  EXPECT_NE(key, effect_key("welcome", 1, {3, 4}, other));
  Passage led = p;
  led.journey = "thanks";
  led.step = "mail";
  const Hash128 of_step = effect_key("welcome", 1, {3, 4}, led);
  EXPECT_NE(key, of_step);
  for (auto part : {&Passage::journey, &Passage::step}) {
    other = led;
    other.*part = "other";
    EXPECT_NE(of_step, effect_key("welcome", 1, {3, 4}, other));
  }
}

TEST(Outbox, an_effect_reads_back_as_it_was_written) {
  Effect e{.key = {1, 2}, .rule = "welcome", .purpose = "market", .destination = "crm"};
  e.passage = {"active", true, Instant{5}, {1, 2}};
  e.state = State::uncertain;
  e.reason = Reason::undeclared;
  e.source = "guest_page";
  e.read = {3, 9};
  e.attempts = 2;
  e.status = 503;
  std::vector<Effect> back;
  const std::string form = effects_form({e, Effect{}});
  ASSERT_TRUE(read_effects(form, back));
  EXPECT_EQ(back, (std::vector{e, Effect{}}));
  back.clear();
  EXPECT_FALSE(read_effects(form.substr(0, form.size() - 1), back));
}

/// The naive clock: minute by minute.
Instant walked(const Quiet& quiet, const zones::Zone& zone, Instant at) {
  const auto holds = [&](Instant t) {
    const std::int64_t us = zones::local(zone, t).us;
    return quiet.from_us < quiet.until_us ? us >= quiet.from_us && us < quiet.until_us
                                          : us >= quiet.from_us || us < quiet.until_us;
  };
  while (holds(at)) at = at + std::chrono::minutes(1);
  return at;
}

TEST(Outbox, quiet_hours_end_where_the_wall_says_so) {
  constexpr std::int64_t minute = 60'000'000;
  Dice dice(seed_of_run(20'261'127));
  // Half an hour, both ways, a day that was skipped, and no change at all.
  for (const char* name : {"Europe/Paris", "Australia/Lord_Howe", "America/Santiago",
                           "Pacific/Apia", "Pacific/Kiritimati", "Etc/GMT+12"}) {
    const zones::Zone* zone = zones::find(name);
    ASSERT_NE(zone, nullptr) << name;
    for (int i = 0; i < 500; ++i) {
      Instant at = parse_instant("2011-01-01T00:00:00Z").value() +
                   std::chrono::minutes(dice.below(16 * 525'600));
      if (dice.chance(70)) {  // near a change of clock
        const Instant change = zone->stretch(at).until;
        if (change != Instant::never())
          at = change + std::chrono::minutes(static_cast<int>(dice.below(2'880)) - 1'440);
      }
      Quiet quiet{static_cast<std::int64_t>(dice.below(1'440)) * minute, 0};
      quiet.until_us = (quiet.from_us + (1 + static_cast<std::int64_t>(dice.below(1'439))) * minute) %
                       (1'440 * minute);
      EXPECT_EQ(quiet_until(quiet, *zone, at), walked(quiet, *zone, at))
          << name << " " << to_string(at) << " " << quiet.from_us / minute << "-"
          << quiet.until_us / minute;
      Instant next = at;
      while (day_of(*zone, next) <= day_of(*zone, at)) next = next + std::chrono::minutes(1);
      EXPECT_EQ(next_day(*zone, at), next) << name << " " << to_string(at);
    }
  }
}

constexpr PurposeBit purpose = 5;

struct Desk {
  Rule rule{.name = "welcome", .segment = "active", .purpose = purpose};
  Effect effect{.key = {1, 2}, .rule = "welcome"};
  std::vector<const consent::Ledger*> person, firm;
  Question question(Instant now) {
    rule.zone = zones::find("Europe/Paris");
    return {.effect = effect, .rule = &rule, .anchor = {7, 7}, .person = person, .firm = firm,
            .now = now, .read = {}};
  }
};

/// What the rows say, walked one by one: a no in force of anybody, else a yes of somebody firm.
bool rows_allow(const Desk& desk, Instant now) {
  const auto last = [&](const consent::Ledger& l) {
    const consent::Row* found = nullptr;
    for (const consent::Row& r : l.rows())
      if (r.purpose == purpose) found = &r;
    return found;
  };
  for (const consent::Ledger* l : desk.person) {
    const consent::Row* before = nullptr;
    for (const consent::Row& r : l->rows()) {
      // At the instant where a no meets the yes that ends it, the no still counts.
      if (before != nullptr && is_against(before->state) && r.acted == now) return false;
      before = &r;
    }
    if (before != nullptr && is_against(before->state)) return false;
  }
  if (desk.rule.basis == Basis::interest) return true;
  for (const consent::Ledger* l : desk.firm) {
    const consent::Row* r = last(*l);
    if (r == nullptr || is_against(r->state)) continue;
    if (r->until > now && r->acted <= now) return true;
  }
  return false;
}

TEST(Outbox, ask_agrees_with_whoever_walks_the_rows) {
  Dice dice(seed_of_run(20'261'127));
  std::size_t yes = 0;
  for (int round = 0; round < 20'000; ++round) {
    Desk desk;
    desk.rule.basis = dice.chance(50) ? Basis::consent : Basis::interest;
    std::vector<consent::Ledger> ledgers;
    for (std::uint64_t a = 1 + dice.below(3); a > 0; --a) ledgers.emplace_back(AtomId{a, a});
    Instant last;
    for (consent::Ledger& ledger : ledgers) {
      Instant at{1};
      for (std::uint64_t n = dice.below(4); n > 0; --n) {
        at.us += 1 + static_cast<std::int64_t>(dice.below(3));
        const bool given = dice.chance(65);
        ledger.add({.atom = ledger.atom(),
                    .purpose = purpose,
                    .state = given ? consent::Answer::given : consent::Answer::withdrawn,
                    .since = at,
                    .until = given && dice.chance(30) ? at + Duration(1 + dice.below(4))
                                                      : Instant::never(),
                    .acted = at,
                    .source = "test"});
      }
      last = std::max(last, at);
      desk.person.push_back(&ledger);
      if (dice.chance(70)) desk.firm.push_back(&ledger);
    }
    // A renewal that ended early is the ledger's own matter (consent_test); here each yes stands
    // alone or follows a no or an ended yes.
    const Instant now = last + Duration(dice.below(3));
    desk.effect.passage.at = now;
    const Answer answer = ask(desk.question(now));
    const bool allowed = std::holds_alternative<Permit>(answer);
    EXPECT_EQ(allowed, rows_allow(desk, now)) << "round " << round;
    yes += allowed ? 1 : 0;
    if (const Deny* no = std::get_if<Deny>(&answer)) {
      EXPECT_NE(no->reason, Reason::none);
    }
  }
  EXPECT_GT(yes, 2'000u);
  EXPECT_LT(yes, 18'000u);
}

Reason reason_of(const Answer& answer) {
  if (const Deny* no = std::get_if<Deny>(&answer)) return no->reason;
  if (const Defer* later = std::get_if<Defer>(&answer)) return later->reason;
  return Reason::none;
}

TEST(Outbox, the_first_that_stands_in_the_way_is_named) {
  const Instant now = parse_instant("2026-03-01T21:30:00Z").value();  // 22:30 in Paris
  Desk desk;
  consent::Ledger ledger(AtomId{1, 1});
  ledger.add({.atom = {1, 1}, .purpose = purpose, .state = consent::Answer::given, .acted = {1}});
  desk.person = desk.firm = {&ledger};
  desk.effect.passage.at = now;
  EXPECT_EQ(reason_of(ask(desk.question(now))), Reason::none);

  desk.rule.quiet = Quiet{22 * 3'600'000'000, 8 * 3'600'000'000};
  Answer answer = ask(desk.question(now));
  EXPECT_EQ(reason_of(answer), Reason::quiet_hours);
  EXPECT_EQ(to_string(std::get<Defer>(answer).until), "2026-03-02T07:00:00Z");

  Question q = desk.question(now);
  q.today = 1;
  answer = ask(q);
  EXPECT_EQ(reason_of(answer), Reason::capped);
  EXPECT_EQ(to_string(std::get<Defer>(answer).until), "2026-03-01T23:00:00Z");

  q.joining = true;
  EXPECT_EQ(reason_of(ask(q)), Reason::joining);
  q.firmly = false;
  EXPECT_EQ(reason_of(ask(q)), Reason::asserted);
  q.as_rule_saw = false;
  EXPECT_EQ(reason_of(ask(q)), Reason::left);
  ledger.add({.atom = {1, 1},
              .purpose = purpose,
              .state = consent::Answer::withdrawn,
              .acted = Instant{9},
              .source = "guest_page"});
  answer = ask(q);
  EXPECT_EQ(reason_of(answer), Reason::withdrawn);
  EXPECT_EQ(std::get<Deny>(answer).source, "guest_page");
  EXPECT_EQ(std::get<Deny>(answer).since, Instant{9});
  desk.rule.holdout = 10'000;
  EXPECT_EQ(reason_of(ask(q)), Reason::holdout);
  q.somebody = false;
  EXPECT_EQ(reason_of(ask(q)), Reason::nobody);
  desk.effect.passage.at = now - desk.rule.valid_for;
  EXPECT_EQ(reason_of(ask(q)), Reason::stale);
  q.rule = nullptr;
  EXPECT_EQ(reason_of(ask(q)), Reason::retired);
}

TEST(Outbox, a_persons_own_level_is_above_the_houses_caps) {
  const Instant now = parse_instant("2026-03-01T12:00:00Z").value();
  Desk desk;
  desk.rule.basis = Basis::interest;
  desk.rule.valid_for = std::chrono::hours(24 * 30);
  consent::Ledger ledger(AtomId{1, 1});
  ledger.add({.atom = {1, 1}, .purpose = 9, .state = consent::Answer::given, .acted = {1}});
  desk.person = desk.firm = {&ledger};
  desk.effect.passage.at = now;
  const std::vector<std::int64_t> today = {day_of(*zones::find("Europe/Paris"), now)};
  const auto answered = [&](Level level, bool reaches) {
    Question q = desk.question(now);
    desk.rule.contact = reaches ? std::optional<PurposeBit>(9) : std::nullopt;
    q.caps = {.per_day = 1};
    q.contacts = today;
    q.chosen = {.level = level, .since = Instant{5}, .message = {}, .source = "guest_book"};
    return ask(q);
  };
  EXPECT_EQ(reason_of(answered(Level::unset, true)), Reason::house_capped);
  EXPECT_EQ(reason_of(answered(Level::usual, true)), Reason::house_capped);
  EXPECT_EQ(reason_of(answered(Level::all, true)), Reason::none);
  const Answer less = answered(Level::less, true);
  EXPECT_EQ(reason_of(less), Reason::level);
  EXPECT_EQ(to_string(std::get<Defer>(less).until), "2026-03-07T23:00:00Z");
  const Answer none = answered(Level::none, true);
  EXPECT_EQ(reason_of(none), Reason::level);
  EXPECT_EQ(std::get<Deny>(none).since, Instant{5});
  EXPECT_EQ(std::get<Deny>(none).source, "guest_book");
  EXPECT_EQ(reason_of(answered(Level::none, false)), Reason::none) << "what does not reach her";

  desk.rule.valid_for = std::chrono::hours(24 * 5);
  const Answer useless = answered(Level::less, true);
  ASSERT_TRUE(std::holds_alternative<Deny>(useless)) << "held until it is of no use any more";
  EXPECT_EQ(std::get<Deny>(useless).source, "guest_book");
}

/// The first day from today on with room, by looking at each.
std::int64_t first_with_room(
    const std::vector<std::int64_t>& days, std::int64_t today, std::uint32_t cap, std::int64_t window
) {
  for (std::int64_t day = today;; ++day) {
    const auto held = std::ranges::count_if(days, [&](std::int64_t d) {
      return d > day - window && d <= day;
    });
    if (static_cast<std::uint32_t>(held) < cap) return day;
  }
}

TEST(Outbox, caps_agree_with_whoever_counts_each_day) {
  Dice dice(seed_of_run(20'261'127));
  std::size_t full = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::int64_t today = 20'000;
    std::vector<std::int64_t> days;
    for (std::uint64_t n = dice.below(9); n > 0; --n)
      days.push_back(today - static_cast<std::int64_t>(dice.below(10)));
    std::ranges::sort(days);
    const auto cap = static_cast<std::uint32_t>(1 + dice.below(4));
    const std::int64_t window = dice.chance(50) ? 1 : 7;
    const std::int64_t told = frees_on(days, today, cap, window).value_or(today);
    EXPECT_EQ(told, first_with_room(days, today, cap, window)) << "round " << round;
    full += told > today ? 1 : 0;
  }
  EXPECT_GT(full, 2'000u);
}

TEST(Outbox, a_choice_reads_back_and_nothing_else_does) {
  const Choice said{.level = Level::less, .since = Instant{7}, .message = {1, 2}, .source = "guest_book"};
  Choice read;
  EXPECT_TRUE(read_choice(choice_form(said), read));
  EXPECT_EQ(read, said);
  std::string form = choice_form(said);
  form[0] = 9;
  EXPECT_FALSE(read_choice(form, read));
  EXPECT_FALSE(read_choice(choice_form(said).substr(0, 20), read));
  EXPECT_EQ(level_named("unset"), std::nullopt);
  EXPECT_EQ(level_named("none"), Level::none);
}

TEST(Outbox, a_holdout_is_a_share_of_people_and_the_same_each_time) {
  const Rule rule{.name = "welcome", .holdout = 1'000};
  Dice dice(seed_of_run(20'261'127));
  unsigned held = 0;
  for (int i = 0; i < 20'000; ++i) {
    const AtomId anchor{dice.next(), dice.next()};
    held += in_holdout(rule, anchor) ? 1 : 0;
    EXPECT_EQ(in_holdout(rule, anchor), in_holdout(rule, anchor));
  }
  EXPECT_NEAR(held, 2'000, 6 * 42);  // six deviations of a binomial
}

TEST(Outbox, a_permit_is_short_and_of_one_effect) {
  Desk desk;
  desk.rule.basis = Basis::interest;
  const Instant now{1'000'000};
  desk.effect.passage.at = now;
  Permit permit = std::get<Permit>(ask(desk.question(now)));
  EXPECT_TRUE(permit.good(now));
  EXPECT_FALSE(permit.good(now + permit_good_for));
  const Sendable sendable(Plan({1, 2}, "hello"), std::move(permit));
  EXPECT_EQ(sendable.content(), "hello");
  EXPECT_DEATH(
      Sendable(Plan({9, 9}, "other"), std::get<Permit>(ask(desk.question(now)))), "one effect"
  );
}

}  // namespace
}  // namespace hospes::outbox
