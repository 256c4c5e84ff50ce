#include "flow/waits.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <set>

#include "base/dice.h"

namespace hospes::flow {
namespace {

std::uint64_t seed() {
  const char* said = std::getenv("HOSPES_SEED");
  const std::uint64_t out = said != nullptr ? std::strtoull(said, nullptr, 10) : std::random_device{}();
  std::cout << "HOSPES_SEED=" << out << '\n';
  return out;
}

std::vector<Wait> all_of(const Waits& waits) {
  std::vector<Wait> out;
  waits.visit([&](const Wait& wait) { return out.push_back(wait), true; });
  return out;
}

void expect_same(const Waits& waits, const std::set<Wait>& plain) {
  ASSERT_EQ(waits.size(), plain.size());
  ASSERT_EQ(waits.empty(), plain.empty());
  ASSERT_EQ(all_of(waits), std::vector<Wait>(plain.begin(), plain.end()));
}

/// Of a small world, so that what is put in is there already now and then, and what is taken out is not.
Wait any(Dice& dice, std::uint64_t instants) {
  return {Instant{static_cast<std::int64_t>(dice.below(instants))}, {dice.below(3), dice.below(40)}};
}

TEST(Waits, AreAsAPlainOrderedSetOverRandomLives) {
  Dice dice(seed());
  for (int life = 0; life < 60; ++life) {
    Waits waits;
    std::set<Wait> plain;
    const std::uint64_t instants = 1 + dice.below(life % 2 == 0 ? 8 : 100'000);
    if (dice.chance(50)) {
      for (std::uint64_t i = dice.below(2'000); i > 0; --i) plain.insert(any(dice, instants));
      waits.fill({plain.begin(), plain.end()});
    }
    std::int64_t now = 0;
    for (int turn = 0; turn < 40; ++turn) {
      const auto kind = dice.below(5);
      for (std::uint64_t i = dice.below(400); i > 0; --i) {
        Wait wait = any(dice, instants);
        if (kind == 0) wait.due = Instant{++now + static_cast<std::int64_t>(instants)};  // as long as whoever came before
        if (kind <= 2) {
          waits.insert(wait);
          plain.insert(wait);
        } else if (kind == 3) {
          if (!plain.empty() && dice.chance(70)) wait = *plain.lower_bound(std::min(wait, *plain.rbegin()));
          waits.erase(wait);
          plain.erase(wait);
        } else if (!plain.empty()) {  // the first comes due
          ASSERT_EQ(waits.first(), *plain.begin());
          waits.erase(*plain.begin());
          plain.erase(plain.begin());
        }
      }
      expect_same(waits, plain);
    }
    while (!plain.empty()) {
      ASSERT_EQ(waits.first(), *plain.begin());
      waits.erase(*plain.begin());
      plain.erase(plain.begin());
    }
    EXPECT_TRUE(waits.empty());
    EXPECT_EQ(waits.memory_bytes(), 0U) << "who has gone leaves nothing";
  }
}

TEST(Waits, HoldLittleMoreThanWhatTheyAre) {
  Dice dice(seed());
  constexpr std::size_t many = 200'000;
  const auto each = [](const Waits& waits) { return static_cast<double>(waits.memory_bytes()) / static_cast<double>(waits.size()); };
  Waits one_behind_the_other;
  std::set<Wait> plain;
  for (std::size_t i = 0; i < many; ++i) {
    one_behind_the_other.insert({Instant{static_cast<std::int64_t>(i)}, {dice.next(), dice.next()}});
    plain.insert({Instant{static_cast<std::int64_t>(dice.below(1U << 30))}, {dice.next(), dice.next()}});
  }
  Waits mixed, filled;
  for (std::size_t i = 0; i < many; ++i)
    mixed.insert({Instant{static_cast<std::int64_t>(dice.below(1U << 30))}, {dice.next(), dice.next()}});
  filled.fill({plain.begin(), plain.end()});
  std::cout << "bytes each: " << each(one_behind_the_other) << " in order, " << each(mixed) << " in none, " << each(filled) << " filled\n";
  EXPECT_LT(each(one_behind_the_other), 25);
  EXPECT_LT(each(filled), 25);
  EXPECT_LT(each(mixed), 40);
  // Nine of ten go, at random: what they held goes with them.
  const std::vector<Wait> all = all_of(mixed);
  for (const Wait& wait : all)
    if (!dice.chance(10)) mixed.erase(wait);
  std::cout << each(mixed) << " after nine of ten went\n";
  EXPECT_LT(each(mixed), 24 * 5);
}

}  // namespace
}  // namespace hospes::flow
