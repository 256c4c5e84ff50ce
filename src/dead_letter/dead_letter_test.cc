#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/dice.h"
#include "dead_letter/dig.h"
#include "dead_letter/letters.h"
#include "dead_letter/repair.h"
#include "disk/memory.h"
#include "seal/memory_keys.h"

namespace hospes::dead_letter {
namespace {

constexpr Instant monday{1'772'442'000'000'000};  // 2026-03-02T09:00:00Z
constexpr Duration day{86'400'000'000};
constexpr std::string_view canary = "canary-of-the-payload";

class Letterbox : public testing::Test {
 protected:
  std::unique_ptr<Letters> open(Instant now = monday, Options options = {}) {
    auto opened = Letters::open(disk, keys, options, now);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  AtomId atom(const std::string& who) {
    const Identifier identifier{1, who};
    return keys.resolve({&identifier, 1}, monday)->front().id;
  }
  Letter letter(
      const std::string& id, const std::string& who = "ada", Instant received = monday,
      std::size_t padding = 0
  ) {
    Letter out;
    out.head.message = hash128(id);
    out.head.received = received;
    out.head.happened = received - Duration(5'000'000);
    out.head.atoms = {atom(who)};
    out.head.mask = 5;
    out.head.opened = {{2, out.head.atoms.front()}};
    out.head.call = Head::no_call;
    out.head.timed = true;
    out.head.source = "till";
    out.head.rule = "property_type";
    out.head.event = "Order Completed";
    out.content = {
        "properties.total", id, "", "{\"event\":\"" + std::string(canary) + std::string(padding, 'x') + "\"}"};
    return out;
  }
  std::string file(const std::string& name) const { return disk.peek("letters/" + name); }
  static std::vector<Listed> all(const Letters& letters, const Wanted& wanted = {}) {
    bool more = false;
    return letters.list(wanted, std::nullopt, 1'000'000, more);
  }

  disk::MemoryDisk disk;
  seal::MemoryKeys keys;
};

TEST_F(Letterbox, WhatIsKeptIsReadAgainByWhoHoldsTheKeyAlsoAfterARestart) {
  const Letter one = letter("m1");
  {
    auto letters = open();
    letters->keep({&one, 1});
    EXPECT_EQ(*letters->read(one.head.message), one);
  }
  const auto letters = open();
  EXPECT_EQ(*letters->read(one.head.message), one);
  ASSERT_EQ(all(*letters).size(), 1u);
  EXPECT_EQ(all(*letters).front().head, one.head);
  EXPECT_EQ(file("20260302").find(canary), std::string::npos) << "the payload lies there in the clear";
}

TEST_F(Letterbox, WhoDigsFindsAlsoWhatEndedAndWhatLiesBehindATear) {
  const std::vector<Letter> kept = {letter("m1"), letter("m2", "bob"), letter("m3")};
  {
    auto letters = open();
    letters->keep(kept);
    ASSERT_TRUE(letters->sync());
    const Hash128 ended[] = {kept[0].head.message};
    ASSERT_TRUE(letters->end(ended, End::resent));
  }
  const auto dug = [&] {
    std::map<std::string, std::size_t> out;  // message id, "gone" without a key
    EXPECT_TRUE(dig(disk, keys, "letters", [&](const Head&, const Content* content) {
      ++out[content == nullptr ? "gone" : content->message_id];
    }));
    return out;
  };
  EXPECT_EQ(dug(), (std::map<std::string, std::size_t>{{"m1", 1}, {"m2", 1}, {"m3", 1}}));
  // A byte of the first frame is turned: the two behind it are read all the same.
  const std::string before = file("20260302");
  auto torn = *disk.open("letters/20260302", disk::Mode::write);
  ASSERT_TRUE(torn->write(20, std::string(1, static_cast<char>(before[20] ^ 1))));
  EXPECT_EQ(dug(), (std::map<std::string, std::size_t>{{"m2", 1}, {"m3", 1}}));
  ASSERT_TRUE(keys.destroy(atom("bob")));
  EXPECT_EQ(dug(), (std::map<std::string, std::size_t>{{"gone", 1}, {"m3", 1}}));
}

TEST_F(Letterbox, AMessageIsOneLetterAndStaysEndedWhenItComesAgain) {
  const Letter one = letter("m1");
  auto letters = open();
  for (int i = 0; i < 3; ++i) letters->keep({&one, 1});
  ASSERT_EQ(all(*letters).size(), 1u);
  EXPECT_EQ(all(*letters).front().times, 3u);
  for (const End how : {End::resent, End::discarded, End::withheld}) {
    const Letter other = letter("of " + std::to_string(static_cast<int>(how)));
    letters->keep({&other, 1});
    EXPECT_EQ(*letters->end({&other.head.message, 1}, how), 1u);
    EXPECT_EQ(*letters->end({&other.head.message, 1}, how), 0u);
    letters->keep({&other, 1});
    EXPECT_EQ(letters->read(other.head.message).error().code, Code::not_found);
    letters = open();
    letters->keep({&other, 1});
    EXPECT_EQ(letters->read(other.head.message).error().code, Code::not_found);
    ASSERT_EQ(all(*letters).size(), 1u);
    EXPECT_TRUE(letters->read(one.head.message));
  }
}

TEST_F(Letterbox, WhatIsDiscardedOrWithheldLeavesTheDisk) {
  auto letters = open();
  const std::vector<Letter> some{letter("m1"), letter("m2", "bob"), letter("m3")};
  letters->keep(some);
  const std::string before = file("20260302");
  const std::string sealed = before.substr(before.size() - 40);  // of m3
  EXPECT_EQ(*letters->end({&some[2].head.message, 1}, End::discarded), 1u);
  EXPECT_EQ(file("20260302").find(sealed), std::string::npos);
  EXPECT_EQ(*letters->read(some[0].head.message), some[0]);
  EXPECT_EQ(*letters->read(some[1].head.message), some[1]);
}

TEST_F(Letterbox, AnErasedAtomIsInNoLetterAndTheOthersAreAsBefore) {
  auto letters = open();
  Letter both = letter("m3", "ada");
  both.head.atoms.push_back(atom("bob"));
  const std::vector<Letter> some{letter("m1", "ada"), letter("m2", "bob"), both};
  letters->keep(some);
  ASSERT_TRUE(letters->forget(atom("bob")));
  ASSERT_EQ(all(*letters).size(), 1u);
  EXPECT_EQ(*letters->read(some[0].head.message), some[0]);
  // Before the house could tell: the key is gone when it starts again.
  ASSERT_TRUE(keys.destroy(atom("ada")));
  EXPECT_EQ(letters->read(some[0].head.message).error().code, Code::not_found);
  letters = open();
  EXPECT_TRUE(all(*letters).empty());
  EXPECT_LT(file("20260302").size(), 200u) << "only that three have ended";
}

TEST_F(Letterbox, AFileGoesWhenItsDaysAreOver) {
  auto letters = open(monday, {.days = 7});
  const Letter first = letter("m1"), second = letter("m2", "ada", monday + 3 * day);
  letters->keep({&first, 1});
  letters->keep({&second, 1});
  ASSERT_TRUE(letters->sweep(monday + 7 * day));
  EXPECT_EQ(all(*letters).size(), 2u);
  ASSERT_TRUE(letters->sweep(monday + 8 * day));
  ASSERT_EQ(all(*letters).size(), 1u);
  EXPECT_EQ(disk.list("letters")->size(), 1u);
  EXPECT_EQ(letters->totals().bytes, file("20260305").size());
  letters = open(monday + 30 * day);
  EXPECT_TRUE(all(*letters).empty());
  EXPECT_TRUE(disk.list("letters")->empty());
  EXPECT_EQ(letters->totals().bytes, 0u);
}

TEST_F(Letterbox, OneSourceLeavesRoomForTheOthersAndWhatDoesNotFitIsCounted) {
  auto letters = open(monday, {.bytes_max = 100'000});
  for (int i = 0; i < 200; ++i) {
    Letter loud = letter("loud" + std::to_string(i), "ada", monday, 1'000);
    letters->keep({&loud, 1});
  }
  Letter quiet = letter("quiet");
  quiet.head.source = "web";
  letters->keep({&quiet, 1});
  EXPECT_TRUE(letters->read(quiet.head.message));
  const Totals totals = letters->totals();
  EXPECT_LE(totals.bytes, 60'000u);
  EXPECT_EQ(totals.letters + totals.full, 201u);
  EXPECT_GT(totals.full, 100u);
  disk.set_free_bytes(1);
  const Letter last = letter("last");
  letters->keep({&last, 1});
  EXPECT_EQ(letters->totals().full, totals.full + 1);
}

TEST_F(Letterbox, PagesGoFromTheNewestAndGroupsCount) {
  auto letters = open();
  std::vector<Letter> some;
  for (int i = 0; i < 25; ++i) {
    some.push_back(letter("m" + std::to_string(i), "ada", monday + (i / 10) * day));
    if (i % 5 == 0) some.back().head.rule = "bad_time";
  }
  letters->keep(some);
  std::vector<Hash128> seen;
  bool more = true;
  for (std::optional<Hash128> after; more;) {
    const auto page = letters->list({}, after, 7, more);
    for (const Listed& l : page) seen.push_back(l.head.message);
    after = seen.back();
  }
  ASSERT_EQ(seen.size(), 25u);
  for (std::size_t i = 0; i < 25; ++i) EXPECT_EQ(seen[i], some[24 - i].head.message);
  const auto groups = letters->groups();
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].letters, 20u);
  EXPECT_EQ(groups[1].rule, "bad_time");
  EXPECT_EQ(groups[1].first, monday);
  EXPECT_EQ(groups[1].newest, some[20].head.message);
  EXPECT_EQ(all(*letters, {.rule = "bad_time"}).size(), 5u);
  EXPECT_TRUE(all(*letters, {.source = "other"}).empty());
}

TEST_F(Letterbox, ADamagedEndIsCutAndWhatStandsBeforeIsRead) {
  auto letters = open();
  const std::vector<Letter> some{letter("m1"), letter("m2"), letter("m3")};
  letters->keep(some);
  const std::size_t third = file("20260302").size() * 2 / 3;
  disk.poke("letters/20260302", third + 20, "?");
  letters = open();
  EXPECT_EQ(letters->totals().damaged, 1u);
  EXPECT_EQ(all(*letters).size(), 2u);
  EXPECT_EQ(*letters->read(some[1].head.message), some[1]);
  letters->keep({&some[2], 1});
  letters = open();
  EXPECT_EQ(letters->totals().damaged, 0u);
  EXPECT_EQ(all(*letters).size(), 3u);
}

/// Random letters, ends, erasures and days, power cuts among them. What was synced and not ended is
/// there after each start, what ended or was erased never again, and nothing else.
TEST_F(Letterbox, RandomLivesWithPowerCuts) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    disk::MemoryDisk own;
    seal::MemoryKeys own_keys;
    const auto make = [&](unsigned n, Instant now) {
      Letter out = letter("m" + std::to_string(n), "x", now);
      const Identifier who{1, "p" + std::to_string(dice.below(4))};
      out.head.atoms = {own_keys.resolve({&who, 1}, now)->front().id};
      return out;
    };
    std::map<Hash128, Letter> synced, unsynced;
    std::set<Hash128> gone;   // durably
    std::set<Hash128> maybe;  // its end met the power cut
    Instant now = monday;
    unsigned made = 0;
    for (int life = 0; life < 4; ++life) {
      auto opened = Letters::open(own, own_keys, {.days = 3}, now);
      ASSERT_TRUE(opened) << opened.error().message;
      Letters& letters = **opened;
      for (const auto& [message, kept] : synced)
        ASSERT_EQ(letters.read(message).has_value(), !gone.contains(message));
      for (const Hash128 message : gone) ASSERT_FALSE(letters.read(message));
      for (const Listed& l : all(letters)) {
        const Hash128 message = l.head.message;
        ASSERT_TRUE(synced.contains(message) || unsynced.contains(message) || maybe.contains(message));
      }
      for (auto& [message, kept] : unsynced)
        if (letters.read(message)) synced.emplace(message, kept);
      unsynced.clear();
      own.fail_at(20 + dice.below(60), disk::MemoryDisk::Fault::power_cut);
      while (!own.fault_met()) {
        const auto what = dice.below(10);
        if (what < 6) {
          const Letter one = make(made++, now);
          letters.keep({&one, 1});
          unsynced.emplace(one.head.message, one);
        } else if (what == 6) {
          if (letters.sync()) synced.merge(unsynced);
        } else if (what == 7 && made > 0) {
          const Hash128 message = hash128("m" + std::to_string(dice.below(made)));
          if (const auto ended = letters.end({&message, 1}, dice.below(2) == 0 ? End::resent : End::discarded);
              ended && *ended == 1)
            gone.insert(message);
          else if (!ended)
            maybe.insert(message), synced.erase(message), unsynced.erase(message);
        } else if (what == 8 && dice.below(4) == 0) {
          const Identifier who{1, "p" + std::to_string(dice.below(4))};
          const auto found = *own_keys.find(who);
          if (!found) continue;
          ASSERT_TRUE(own_keys.destroy(found->id));
          for (const auto* some : {&synced, &unsynced})
            for (const auto& [message, kept] : *some)
              if (kept.head.atoms.front() == found->id) gone.insert(message);
          (void)letters.forget(found->id).has_value();
        } else if (what == 9) {
          now = now + day / 4;
          (void)letters.sweep(now).has_value();
          for (const auto* some : {&synced, &unsynced})
            for (const auto& [message, kept] : *some)
              if (now.us / day.count() - kept.head.received.us / day.count() > 3) gone.insert(message);
        }
      }
      own.crash(dice);
    }
  }
}

TEST(HeadOfALetter, BytesThatAreNoneAreRefused) {
  Dice dice(7);
  Head head{.message = hash128("m"), .received = monday, .atoms = {{1, 2}, {3, 4}}};
  head.opened = {{3, {1, 2}}};
  head.source = "till";
  const std::string good = encode(head);
  std::string_view whole = good;
  ASSERT_EQ(*decode_head(whole), head);
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    std::string_view part = std::string_view(good).substr(0, cut);
    EXPECT_FALSE(decode_head(part)) << cut;
  }
  for (int i = 0; i < 10'000; ++i) {
    std::string bad = good;
    bad[dice.below(bad.size())] = static_cast<char>(dice.below(256));
    std::string_view rest = bad;
    (void)decode_head(rest).has_value();
    (void)decode_content(bad).has_value();
  }
}

std::string repaired(std::string_view patch, std::string_view item) {
  const auto repair = Repair::parse(patch);
  if (!repair) return "patch: " + repair.error().message;
  auto out = repair->apply(item);
  return out ? *out : "item: " + out.error().message;
}

TEST(Repairs, AreWhatRfc6902Says) {
  // Appendix A of the RFC: A.1, A.3, A.5, A.6, A.9, A.12, A.14.
  EXPECT_EQ(repaired(R"([{"op":"add","path":"/baz","value":"qux"}])", R"({"foo":"bar"})"), R"({"foo":"bar","baz":"qux"})");
  EXPECT_EQ(repaired(R"([{"op":"remove","path":"/baz"}])", R"({"baz":"qux","foo":"bar"})"), R"({"foo":"bar"})");
  EXPECT_EQ(repaired(R"([{"op":"replace","path":"/baz","value":"boo"}])", R"({"baz":"qux","foo":"bar"})"), R"({"baz":"boo","foo":"bar"})");
  EXPECT_EQ(
      repaired(
          R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])",
          R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})"
      ),
      R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})"
  );
  EXPECT_TRUE(repaired(R"([{"op":"test","path":"/baz","value":"bar"}])", R"({"baz":"qux"})").starts_with("item: operation 1"));
  EXPECT_TRUE(repaired(R"([{"op":"add","path":"/baz/bat","value":"qux"}])", R"({"foo":"bar"})").starts_with("item: operation 1"));
  EXPECT_EQ(repaired(R"([{"op":"test","path":"/~01","value":10}])", R"({"/":9,"~1":10})"), R"({"/":9,"~1":10})");
}

TEST(Repairs, TurnATextIntoTheNumberItWasMeantToBe) {
  const auto total = [](std::string_view more, std::string_view value) {
    return repaired(
        R"([{"op":"convert","path":"/properties/total","to":"number")" + std::string(more) + "}]",
        R"({"properties":{"total":)" + std::string(value) + "}}"
    );
  };
  EXPECT_EQ(total("", R"("12,50 €")"), R"({"properties":{"total":12.5}})");
  EXPECT_EQ(total("", R"("1.234,56")"), R"({"properties":{"total":1234.56}})");
  EXPECT_EQ(total("", "7"), R"({"properties":{"total":7}})");
  EXPECT_NE(total("", R"("1.234")").find("can be two numbers"), std::string::npos);
  EXPECT_EQ(total(R"(,"decimal":",")", R"("1.234")"), R"({"properties":{"total":1234}})");
  EXPECT_EQ(total(R"(,"decimal":".")", R"("1.234")"), R"({"properties":{"total":1.234}})");
  EXPECT_NE(total("", R"("free")").find("is no number"), std::string::npos);
  EXPECT_EQ(
      repaired(R"([{"op":"convert","path":"/order","to":"text"}])", R"({"order":10025})"), R"({"order":"10025"})"
  );
  EXPECT_NE(repaired(R"([{"op":"convert","path":"/x","to":"number"}])", "{}").find("nothing stands at /x"), std::string::npos);
}

TEST(Repairs, SayWhatIsWrongWithThem) {
  EXPECT_NE(repaired("{}", "{}").find("patch: a patch is a list"), std::string::npos);
  EXPECT_NE(repaired(R"([{"op":"mve","path":"/a"}])", "{}").find("\"move\""), std::string::npos);
  EXPECT_NE(repaired(R"([{"op":"move","path":"/a"}])", "{}").find("needs from"), std::string::npos);
  EXPECT_NE(repaired(R"([{"op":"remove","path":"a"}])", "{}").find("RFC 6901"), std::string::npos);
  EXPECT_NE(repaired(R"([{"op":"remove","path":""}])", "{}").find("RFC 6901"), std::string::npos);
  EXPECT_TRUE(Repair::parse(R"([{"op":"replace","path":"/timestamp","value":"x"}])")->retimes());
  EXPECT_FALSE(Repair::parse(R"([{"op":"remove","path":"/properties/timestamp"}])")->retimes());
}

}  // namespace
}  // namespace hospes::dead_letter
