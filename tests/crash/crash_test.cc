// Faults at every operation, crashes at every operation, many lives: nothing acknowledged is lost
// or applied twice, no effect goes out twice, and the state is that of a twin to whom nothing
// happened.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <optional>

#include "crash/protocol.h"

namespace hospes::crash {
namespace {

using disk::MemoryDisk;
using Problem = std::optional<std::string>;

struct Plan {
  std::uint64_t seed = 1;
  std::size_t events = 10;
  Broken broken = Broken::nothing;
  int lives = 1;         // troubled ones, before the last
  std::uint64_t at = 0;  // operation at which each troubled life meets its fault; 0: drawn
  MemoryDisk::Fault fault = MemoryDisk::Fault::power_cut;
  bool machine = true;  // the machine stops; otherwise the process only
};

/// The twin to whom nothing happens.
std::string undisturbed(const std::vector<Input>& all, std::uint64_t seed, Outside& outside) {
  MemoryDisk disk;
  Dice dice(seed);
  Life life(disk, outside, Broken::nothing);
  EXPECT_TRUE(life.open());
  life.run(all, dice, false);
  life.drain();
  return life.digest();
}

Problem judge(
    const Life& life, const Outside& outside, const std::vector<Input>& all, const std::string& twin
) {
  if (!outside.problems.empty()) return outside.problems[0];
  for (const Input& input : all) {
    if (!life.states()[input.lane].applied.contains(input.id)) {
      return "event " + std::to_string(input.id) + " was acknowledged and is lost";
    }
  }
  for (const auto& [effect, times] : outside.performed) {
    if (times > 1) return "effect " + std::to_string(effect) + " went out twice";
  }
  if (life.digest() != twin) return "the state is not that of the undisturbed twin";
  return std::nullopt;
}

/// `met`: whether any fault was met.
Problem play(const Plan& plan, bool& met) {
  const auto all = inputs(plan.seed, plan.events);
  Outside calm;
  const std::string twin = undisturbed(all, plan.seed, calm);
  MemoryDisk disk;
  Dice dice(plan.seed);
  Dice chaos(plan.seed * 1'000'003 + plan.at);
  Outside outside;
  met = false;
  for (int n = 0; n < plan.lives; ++n) {
    disk.fail_at(plan.at != 0 ? plan.at : 1 + chaos.below(120), plan.fault);
    {
      Life life(disk, outside, plan.broken);
      if (life.open()) life.run(all, dice, chaos.chance(50));
      met = met || disk.fault_met();
      if (plan.machine) {
        disk.crash(chaos);
      } else {
        disk.heal();
        disk.fail_at(
            1, MemoryDisk::Fault::power_cut
        );  // killed: nothing more of it reaches the disk
      }
    }
    disk.heal();
  }
  Life last(disk, outside, plan.broken);
  if (const Status opened = last.open(); !opened) return "cannot open: " + opened.error().message;
  last.run(all, dice, false);
  last.drain();
  return judge(last, outside, all, twin);
}

/// n = 1, 2, 3 … until no fault is met.
Problem sweep(Plan plan) {
  bool met = true;
  for (plan.at = 1; met; ++plan.at) {
    if (const Problem p = play(plan, met)) {
      return *p + " (seed " + std::to_string(plan.seed) + ", operation " + std::to_string(plan.at) +
             ", fault " + std::to_string(static_cast<int>(plan.fault)) + ")";
    }
  }
  return std::nullopt;
}

Problem sweep_all(std::uint64_t seed, std::size_t events, Broken broken) {
  for (const auto fault :
       {MemoryDisk::Fault::power_cut, MemoryDisk::Fault::once, MemoryDisk::Fault::no_space}) {
    for (const bool machine : {true, false}) {
      const Plan plan{
          .seed = seed,
          .events = events,
          .broken = broken,
          .lives = 1,
          .at = 1,
          .fault = fault,
          .machine = machine};
      if (const Problem p = sweep(plan)) return p;
    }
  }
  return std::nullopt;
}

Problem many_lives(std::uint64_t seed, std::size_t events, Broken broken) {
  bool met = false;
  Plan plan{.seed = seed, .events = events, .broken = broken, .lives = 6};
  plan.fault = seed % 4 == 0 ? MemoryDisk::Fault::once : MemoryDisk::Fault::power_cut;
  plan.machine = seed % 3 != 0;
  if (const Problem p = play(plan, met)) return *p + " (seed " + std::to_string(seed) + ")";
  return std::nullopt;
}

TEST(Crash, without_trouble_each_effect_goes_out_exactly_once) {
  const auto all = inputs(3, 200);
  Outside outside;
  undisturbed(all, 3, outside);
  EXPECT_TRUE(outside.problems.empty());
  EXPECT_EQ(outside.acknowledged.size(), all.size());
  for (const Input& input : all) {
    EXPECT_EQ(outside.performed[input.id], input.value % 4 == 0 ? 1 : 0);
  }
}

TEST(Crash, at_each_operation) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const Problem p = sweep_all(seed, 10, Broken::nothing);
    ASSERT_FALSE(p) << *p;
  }
}

TEST(Crash, through_many_lives) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Problem p = many_lives(seed, 60, Broken::nothing);
    ASSERT_FALSE(p) << *p;
  }
}

/// The tests above would see each rule broken.
class BrokenRule : public testing::TestWithParam<Broken> {};

TEST_P(BrokenRule, is_seen) {
  Problem seen;
  for (std::uint64_t seed = 1; seed <= 40 && !seen; ++seed) {
    seen = many_lives(seed, 60, GetParam());
    if (!seen && seed <= 3) seen = sweep_all(seed, 10, GetParam());
  }
  ASSERT_TRUE(seen);
  std::cout << *seen << "\n";
}

INSTANTIATE_TEST_SUITE_P(
    , BrokenRule,
    testing::Values(
        Broken::keys_after_log, Broken::checkpoint_too_early, Broken::no_high_water,
        Broken::perform_before_claim, Broken::messages_overtake, Broken::acknowledge_too_early
    )
);

TEST(CrashLong, at_each_operation_and_through_many_lives) {
  const char* given = std::getenv("HOSPES_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1000;
  std::cout << "seeds from " << first << " (HOSPES_SEED)\n";
  for (std::uint64_t seed = first; seed < first + 20; ++seed) {
    const Problem p = sweep_all(seed, 25, Broken::nothing);
    ASSERT_FALSE(p) << *p;
  }
  for (std::uint64_t seed = first; seed < first + 2000; ++seed) {
    const Problem p = many_lives(seed, 80, Broken::nothing);
    ASSERT_FALSE(p) << *p;
  }
}

}  // namespace
}  // namespace hospes::crash
