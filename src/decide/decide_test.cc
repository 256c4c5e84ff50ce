#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/dice.h"
#include "decide/choose.h"
#include "decide/draw.h"
#include "decide/flag.h"

namespace hospes::decide {
namespace {

constexpr std::uint64_t seed = 20'261'127;

constexpr std::string_view shop = R"(
[holdout]
share = "10%"
salt = "q4"
[[placement]]
name = "hero"
items = 2
[[experiment]]
name = "tone"
purpose = "personalise"
holdout = "20%"
variants = { calm = 7500, loud = 2500 }
[[offer]]
name = "calm_one"
placements = ["hero"]
purpose = "personalise"
experiment = "tone"
variant = "calm"
priority = 9
cap_total = 2
payload.fr = { title = "Calme" }
payload.en = { title = "Calm" }
[[offer]]
name = "loud_one"
placements = ["hero"]
purpose = "personalise"
experiment = "tone"
variant = "loud"
priority = 9
payload.en = { title = "Loud" }
[[offer]]
name = "mine"
placements = ["hero"]
purpose = "personalise"
priority = 5
payload.en = { title = "Mine" }
[[offer]]
name = "all"
placements = ["hero"]
stock = 1
from = "2026-11-01"
until = "2026-11-30"
payload.en = { title = "All" }
[[flag]]
name = "checkout"
values = { calm = 1, loud = 2.5 }
default = "calm"
purpose = "personalise"
rules = [{ experiment = "tone" }]
)";
constexpr Instant noon{1'795'780'800'000'000};  // 2026-11-27T12:00:00Z

Definitions bound(std::string_view text) {
  catalog::Catalog catalog;
  const auto read = catalog::read_decisions(text, catalog.purposes);
  EXPECT_TRUE(read) << read.error().message;
  return *bind(*read, segment::Definitions(), catalog);
}

Subject somebody(const Definitions& definitions, AtomId unit) {
  Subject out;
  out.known = true;
  out.unit = unit;
  out.permission.resize(definitions.uses.size());
  return out;
}

AtomId any(Dice& dice) { return {dice.next(), dice.next()}; }
const Taken nothing_taken = [](const Offer&) { return std::uint64_t{0}; };

TEST(Draw, WeightedSharesAreKept) {
  RecordProperty("seed", std::to_string(seed));
  Dice dice(seed);
  const Definitions d = bound(shop);
  constexpr int people = 60'000;
  std::map<std::string, double> seen;
  for (int i = 0; i < people; ++i) {
    const Part part = part_of(d, 0, somebody(d, any(dice)));
    ++seen[part.held ? "held" : d.trials[0].variants[part.variant].name];
  }
  double chi = 0;
  for (const auto& [name, share] : std::map<std::string, double>{{"held", .2}, {"calm", .6}, {"loud", .2}}) {
    const double expected = share * people;
    chi += (seen[name] - expected) * (seen[name] - expected) / expected;
  }
  EXPECT_LT(chi, 13.8) << "two degrees of freedom, p = 0.001, seed " << seed;
}

TEST(Choose, PropensitiesAreTheFrequencies) {
  Dice dice(seed);
  const Definitions d = bound(shop);
  constexpr int people = 30'000;
  std::map<std::string, double> shown;
  std::map<std::string, std::uint64_t> told;
  for (int i = 0; i < people; ++i) {
    const Choice c = choose(d, d.placements[0], 2, somebody(d, any(dice)), nothing_taken, noon, false);
    for (std::size_t k = 0; k < c.items.size(); ++k) {
      ++shown[c.items[k]->name];
      const auto [at, first] = told.try_emplace(c.items[k]->name, c.propensities[k]);
      EXPECT_EQ(at->second, c.propensities[k]) << "the same for whom it was drawn";
    }
  }
  // 10 % are held back; of the others 20 % are held out of the experiment.
  EXPECT_EQ(probability_text(told["calm_one"]), "0.54");
  EXPECT_EQ(probability_text(told["loud_one"]), "0.18");
  EXPECT_EQ(probability_text(told["mine"]), "0.9");
  EXPECT_EQ(probability_text(told["all"]), "0.28");
  for (const auto& [name, count] : shown) {
    const double p = static_cast<double>(told[name]) / static_cast<double>(certain);
    EXPECT_NEAR(count / people, p, 4 * std::sqrt(p * (1 - p) / people)) << name << ", seed " << seed;
  }
}

TEST(Choose, TheFirstThatStandsInTheWayIsTold) {
  Dice dice(seed);
  const Definitions d = bound(shop);
  Subject nobody;
  const auto reasons_of = [&](const Subject& who, const Taken& taken, Instant now) {
    std::map<std::string, Reason> out;
    for (const Candidate& c : choose(d, d.placements[0], 2, who, taken, now, true).why)
      out[c.offer->name] = c.reason;
    return out;
  };
  auto why = reasons_of(nobody, nothing_taken, noon);
  EXPECT_EQ(why["mine"], Reason::no_consent);
  EXPECT_EQ(why["all"], Reason::shown);
  why = reasons_of(nobody, [](const Offer&) { return std::uint64_t{1}; }, noon);
  EXPECT_EQ(why["all"], Reason::sold_out);
  why = reasons_of(nobody, nothing_taken, Instant{noon.us + 30 * 86'400'000'000});
  EXPECT_EQ(why["all"], Reason::not_current);

  Memory memory;
  Exposure e{.decision = {1, 1}, .placement = "hero", .items = {"calm_one"}, .trial = "tone", .variant = "calm"};
  memory.add(e, noon, 20'000);
  e.decision = {1, 2};
  memory.add(e, noon, 20'000);
  Subject capped = somebody(d, any(dice));
  capped.memories = {&memory};
  Memory free;
  free.add({.decision = {1, 3}, .holdout = "q4", .drawn = true}, noon, 20'000);
  capped.memories.push_back(&free);
  why = reasons_of(capped, nothing_taken, noon);
  EXPECT_EQ(why["calm_one"], Reason::capped);
  EXPECT_EQ(why["loud_one"], Reason::other_variant);
  EXPECT_EQ(why["mine"], Reason::shown);

  Memory held;
  held.add({.decision = {1, 4}, .holdout = "q4", .drawn = true, .held = true}, Instant{1}, 20'000);
  capped.memories = {&held};
  const Choice left_alone = choose(d, d.placements[0], 1, capped, [](const Offer&) { return std::uint64_t{1}; }, noon, true);
  EXPECT_EQ(left_alone.reason, Reason::holdout);
  EXPECT_TRUE(left_alone.held);
}

TEST(Memory, TheEarliestExposureWinsAndTwoVariantsCross) {
  Memory phone, laptop;
  phone.add({.decision = {2, 0}, .trial = "tone", .variant = "loud"}, Instant{20}, 0);
  laptop.add({.decision = {1, 0}, .trial = "tone", .variant = "calm"}, Instant{10}, 0);
  const std::vector<const Memory*> both = {&phone, &laptop}, one = {&phone};
  EXPECT_EQ(sticky_of(both, "tone", 1).first->variant, "calm");
  EXPECT_TRUE(sticky_of(both, "tone", 1).crossed);
  EXPECT_FALSE(sticky_of(one, "tone", 1).crossed);
  EXPECT_EQ(sticky_of(one, "tone", 2).first, nullptr) << "another version starts anew";
}

TEST(Memory, CountsByOfferAndDay) {
  Memory memory;
  memory.add({.decision = {1, 0}, .items = {"a", "b"}}, Instant{1}, 7);
  memory.add({.decision = {2, 0}, .items = {"a"}}, Instant{2}, 8);
  memory.add({.decision = {3, 0}, .items = {"a"}, .drawn = true, .held = true}, Instant{3}, 8);
  const std::vector<const Memory*> it = {&memory};
  EXPECT_EQ(count_of(it, "a", 8).total, 3u) << "what the holdout leaves is seen";
  EXPECT_EQ(count_of(it, "a", 8).today, 2u);
  EXPECT_EQ(count_of(it, "b", 8).today, 0u);
}

TEST(Forms, ReadBackAsTheyWereAndNeverPastTheirEnd) {
  RecordProperty("seed", std::to_string(seed));
  Dice dice(seed);
  for (int i = 0; i < 300; ++i) {
    Memory memory;
    for (std::uint64_t n = dice.below(40); n > 0; --n) {
      Exposure e{.decision = {dice.next(), n}, .decided = {static_cast<std::int64_t>(dice.below(1ULL << 50))}};
      e.definitions = dice.next();
      e.placement = "p" + std::to_string(dice.below(5));
      e.is_flag = dice.chance(20);
      e.by_page = dice.chance(50);
      for (std::uint64_t k = dice.below(4); k > 0; --k) {
        e.items.push_back("o" + std::to_string(dice.below(9)));
        e.propensities.push_back(dice.below(certain));
      }
      if (dice.chance(50)) e.trial = "t" + std::to_string(dice.below(3));
      e.variant = dice.chance(50) ? "a" : "";
      e.drawn = dice.chance(30);
      e.held = e.drawn && dice.chance(50);
      memory.add(e, Instant{static_cast<std::int64_t>(n)}, static_cast<std::int64_t>(dice.below(3)));
      if (dice.chance(30)) memory.add(Feedback{e.decision, Outcome::taken, Decimal{-3}});
    }
    const std::string form = memory_form(memory);
    Memory back;
    ASSERT_TRUE(read_memory(form, back)) << "seed " << seed;
    EXPECT_EQ(back, memory);
    for (int cut = 0; cut < 10 && !form.empty(); ++cut) {
      Memory half;
      EXPECT_FALSE(read_memory(std::string_view(form).substr(0, dice.below(form.size())), half));
      std::string bent = form;
      bent[dice.below(bent.size())] = static_cast<char>(dice.below(256));
      Memory any_memory;
      (void)read_memory(bent, any_memory);  // refused or not: never out of bounds
    }
  }
}

TEST(Flag, AVariantIsAValueAndItsHoldoutHasTheDefault) {
  Dice dice(seed);
  const Definitions d = bound(shop);
  std::map<std::string, int> values;
  for (int i = 0; i < 1'000; ++i) {
    const FlagAnswer a = evaluate(d, d.flags[0], somebody(d, any(dice)));
    ++values[a.value->name + (a.part.held ? "/held" : "")];
    EXPECT_EQ(a.reason, a.part.held ? Reason::holdout : Reason::split);
  }
  EXPECT_EQ(values.size(), 3u);
  EXPECT_EQ(values.count("loud/held"), 0u);
  EXPECT_EQ(evaluate(d, d.flags[0], {}).reason, Reason::no_consent);
  EXPECT_EQ(evaluate(d, d.flags[0], {}).value->json, "1");
}

TEST(Payload, IsInTheLanguageAskedForElseInTheHouses) {
  const Definitions d = bound(shop);
  const Offer& offer = *d.offer("calm_one");
  EXPECT_EQ(payload_in(offer, "en-GB", d.languages), R"({"title":"Calm"})");
  EXPECT_EQ(payload_in(offer, "de", d.languages), R"({"title":"Calme"})");
  EXPECT_EQ(payload_in(*d.offer("all"), "fr", d.languages), R"({"title":"All"})");
}

TEST(Reading, AMistakeSaysLineAndWhatWouldDo) {
  const struct {
    std::string_view text, part;
  } bad[] = {
      {"[[placment]]\nname = \"a\"", "placement"},
      {"[[placement]]\nname = \"A\"", "a-z"},
      {"[[placement]]\nname = \"a\"\n[[placement]]\nname = \"a\"", "two placements"},
      {"[[placement]]\nname = \"hero\"\n[[offer]]\nname = \"o\"\nplacements = [\"heros\"]\npayload.en = {}", "\"hero\""},
      {"[[placement]]\nname = \"a\"\n[[offer]]\nname = \"o\"\nplacements = [\"a\"]\nsegment = \"s\"\npayload.en = {}", "purpose"},
      {"[[placement]]\nname = \"a\"\n[[offer]]\nname = \"o\"\nplacements = [\"a\"]\nprice = \"12\"\npayload.en = {}", "12.90 EUR"},
      {"[[placement]]\nname = \"a\"\n[[offer]]\nname = \"o\"\nplacements = [\"a\"]\nfrom = \"soon\"\npayload.en = {}", "2026-11-01"},
      {"[[placement]]\nname = \"a\"\n[[offer]]\nname = \"o\"\nplacements = [\"a\"]", "payload"},
      {"[[experiment]]\nname = \"t\"\npurpose = \"personalise\"\nvariants = { a = 5000, b = 4000 }", "these make 9000"},
      {"[[experiment]]\nname = \"t\"\npurpose = \"personnalise\"\nvariants = { a = 5000, b = 5000 }", "personalise"},
      {"[[flag]]\nname = \"f\"\nvalues = { on = true, off = 1 }\ndefault = \"on\"", "one type"},
      {"[[flag]]\nname = \"f\"\nvalues = { on = true }\ndefault = \"of\"", "\"on\""},
      {"[holdout]\nshare = \"60%\"", "at most 50%"},
  };
  for (const auto& [text, part] : bad) {
    const auto read = catalog::read_decisions(text, catalog::Purposes::fr_eu());
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().message.find("decisions.toml:"), 0u) << read.error().message;
    EXPECT_NE(read.error().message.find(part), std::string::npos) << read.error().message;
  }
}

}  // namespace
}  // namespace hospes::decide
