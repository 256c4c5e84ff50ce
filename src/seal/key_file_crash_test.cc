// The key store on a disk that fails and crashes, through many lives: what was
// acknowledged is there, what was destroyed is not.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <map>
#include <set>
#include <thread>

#include "base/dice.h"
#include "disk/memory.h"
#include "seal/key_file.h"

namespace hospes::seal {
namespace {

using disk::MemoryDisk;
constexpr std::int64_t crash_day_us = 86'400'000'000;

struct World {
  explicit World(std::uint64_t seed) : dice(seed) {}

  MemoryDisk disk;
  Dice dice;
  KeyFileOptions options{.epoch_atoms_max = 12, .epoch_atoms_min = 5, .grow_bytes = 2000};
  std::map<Identifier, Atom> owed;          // acknowledged by a sync
  std::map<AtomId, std::string> key_bytes;  // of all that were ever owed
  std::set<AtomId> destroyed;
  std::set<Identifier> in_doubt;  // the answer to destroy was an error

  Identifier someone() { return {1, "person-" + std::to_string(dice.below(60))}; }
  std::string text(const Key& key) const { return {key.bytes.begin(), key.bytes.end()}; }

  void owe(KeyStore& keys, const std::map<Identifier, Atom>& made) {
    for (const auto& [identifier, atom] : made) {
      owed[identifier] = atom;
      const auto key = keys.key(atom.id);
      ASSERT_TRUE(key);
      key_bytes[atom.id] = text(*key);
    }
  }

  bool destroy_one(KeyStore& keys) {
    auto at = owed.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(dice.below(owed.size())));
    const auto [identifier, atom] = *at;
    const Status done = keys.destroy(atom.id);
    if (done) {
      destroyed.insert(atom.id);
      owed.erase(identifier);
      EXPECT_EQ(keys.find(identifier).value(), std::nullopt);
    } else {
      in_doubt.insert(identifier);
    }
    return done.has_value();
  }

  void live(KeyStore& keys, int steps) {
    std::map<Identifier, Atom> made;
    for (int i = 0; i < steps; ++i) {
      const std::vector<Identifier> some{someone(), someone(), someone()};
      const Instant now{static_cast<std::int64_t>(dice.below(20)) * crash_day_us};
      const auto atoms = keys.resolve(some, now);
      if (!atoms) return;
      for (std::size_t n = 0; n < some.size(); ++n) made[some[n]] = (*atoms)[n];
      if (dice.chance(50)) {
        if (!keys.sync()) return;
        owe(keys, made);
        made.clear();
      }
      if (dice.chance(15) && !owed.empty() && made.empty() && !destroy_one(keys)) return;
    }
  }

  void prove(KeyStore& keys) {
    for (const auto& [identifier, atom] : owed) {
      const auto found = keys.find(identifier);
      ASSERT_TRUE(found);
      if (!*found && in_doubt.contains(identifier)) continue;
      ASSERT_EQ(*found, atom) << identifier.value;
      EXPECT_EQ(keys.reveal(atom.id).value(), identifier);
      EXPECT_EQ(text(keys.key(atom.id).value()), key_bytes[atom.id]);
    }
    for (const auto& identifier : in_doubt) {
      if (!keys.find(identifier).value()) owed.erase(identifier);
    }
    in_doubt.clear();
    for (const AtomId gone : destroyed) {
      EXPECT_EQ(keys.key(gone).error().code, Code::not_found);
      EXPECT_EQ(keys.reveal(gone).error().code, Code::not_found);
    }
    // What stands unacknowledged may count from now on: it must then stay what
    // it is.
    for (int i = 0; i < 60; ++i) {
      const Identifier identifier{1, "person-" + std::to_string(i)};
      if (const auto found = keys.find(identifier).value()) owe(keys, {{identifier, *found}});
    }
    const auto names = disk.list("keys").value();
    for (const std::string& name : names) {
      EXPECT_EQ(disk.peek("keys/" + name).find("person-"), std::string::npos) << name;
    }
  }
};

TEST(KeyFileCrash, fails_at_each_operation_and_loses_nothing) {
  for (const auto fault :
       {MemoryDisk::Fault::once, MemoryDisk::Fault::no_space, MemoryDisk::Fault::power_cut}) {
    bool met = true;
    for (std::uint64_t n = 1; met; ++n) {
      SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + " at " + std::to_string(n));
      World world(7);  // the same life each time, cut elsewhere
      world.disk.fail_at(n, fault);
      if (auto keys = open_key_file(world.disk, world.options)) world.live(**keys, 25);
      met = world.disk.fault_met();
      if (n % 3 == 0) {
        world.disk.heal();  // only the process died
      } else {
        world.disk.crash(world.dice);
      }
      auto keys = open_key_file(world.disk, world.options);
      ASSERT_TRUE(keys) << keys.error().message;
      world.prove(**keys);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(KeyFileCrash, many_lives) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    for (int life = 0; life < 8; ++life) {
      world.disk.fail_at(
          1 + world.dice.below(150),
          world.dice.chance(70) ? MemoryDisk::Fault::power_cut : MemoryDisk::Fault::once
      );
      if (auto keys = open_key_file(world.disk, world.options)) world.live(**keys, 40);
      if (world.dice.chance(80)) {
        world.disk.crash(world.dice);
      } else {
        world.disk.heal();
      }
      auto keys = open_key_file(world.disk, world.options);
      ASSERT_TRUE(keys) << keys.error().message;
      world.prove(**keys);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(KeyFileCrash, a_destroyed_keys_epoch_key_is_overwritten_and_gone) {
  MemoryDisk disk;
  const auto keys = open_key_file(disk, {}).value();
  const std::vector<Identifier> two{{1, "a"}, {1, "b"}};
  const auto atoms = keys->resolve(two, Instant{1}).value();
  ASSERT_TRUE(keys->sync());
  const std::string path = "keys/epoch-00000001.key";
  const auto held = disk.open(path, disk::Mode::read).value();
  const std::string before = disk.peek(path);
  ASSERT_FALSE(before.empty());
  ASSERT_TRUE(keys->destroy(atoms[0].id));
  EXPECT_EQ(disk.peek(path), "");
  EXPECT_EQ(held->read(0, 4096).value(), std::string(before.size(), '\0')) << "not only unlinked";
  EXPECT_EQ(keys->reveal(atoms[1].id).value().value, "b");
}

TEST(KeyFileCrash, damage_in_the_middle_and_missing_files_are_corrupt) {
  const auto filled = [](MemoryDisk& disk) {
    const auto keys = open_key_file(disk, {.epoch_atoms_max = 10}).value();
    for (int i = 0; i < 25; ++i) {
      const std::vector<Identifier> one{{1, std::to_string(i)}};
      ASSERT_TRUE(keys->resolve(one, Instant{1}));
      ASSERT_TRUE(keys->sync());
    }
  };
  for (const std::string name :
       {"atoms-00000001", "atoms-00000003", "epoch-00000002.key", "master.key", "house.secret"}) {
    MemoryDisk disk;
    filled(disk);
    disk.poke("keys/" + name, 60, "#");
    const auto opened = open_key_file(disk, {});
    ASSERT_FALSE(opened) << name;
    EXPECT_EQ(opened.error().code, Code::corrupt) << name;
    EXPECT_NE(opened.error().message.find(name), std::string::npos) << opened.error().message;
  }
  for (const std::string name : {"epoch-00000002.key", "master.key", "house.secret"}) {
    MemoryDisk disk;
    filled(disk);
    ASSERT_TRUE(disk.remove("keys/" + name));
    const auto opened = open_key_file(disk, {});
    ASSERT_FALSE(opened) << name;
    EXPECT_EQ(opened.error().code, Code::corrupt) << name;
  }
}

TEST(KeyFileCrash, concurrent_makers_and_destroyers_agree) {
  MemoryDisk disk;
  auto keys = open_key_file(disk, {.epoch_atoms_max = 300}).value();
  constexpr int threads = 4;
  constexpr int each = 400;
  {
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) {
      all.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) {
          const std::vector<Identifier> two{
              {1, "shared-" + std::to_string(i)}, {2, std::to_string(t) + "," + std::to_string(i)}};
          const auto atoms = keys->resolve(two, Instant{i * crash_day_us / 100});
          ASSERT_TRUE(atoms);
          if (i % 3 == 0) {
            ASSERT_TRUE(keys->sync());
          }
          ASSERT_EQ(keys->reveal((*atoms)[1].id).value(), two[1]);
          if (i % 40 == 0) {
            ASSERT_TRUE(keys->destroy((*atoms)[1].id));
          }
        }
      });
    }
    for (auto& thread : all) thread.join();
  }
  ASSERT_TRUE(keys->sync());
  const std::size_t living = each + threads * (each - each / 40);
  EXPECT_EQ(keys->size(), living);
  keys = open_key_file(disk, {}).value();
  EXPECT_EQ(keys->size(), living);
  EXPECT_EQ(keys->reveal(keys->find({2, "3,7"}).value()->id).value().value, "3,7");
  EXPECT_EQ(keys->find({2, "3,40"}).value(), std::nullopt);
}

/// Every operation of a change cut, and after it at the next open again: what was sealed is read, by one
/// key of the two, and at its end the old one is in no file.
TEST(KeyFileCrash, a_change_of_master_is_finished_wherever_it_was_cut) {
  const std::string path = "keys/master.key";
  for (const auto fault :
       {MemoryDisk::Fault::once, MemoryDisk::Fault::no_space, MemoryDisk::Fault::power_cut}) {
    bool met = true;
    for (std::uint64_t n = 1; met; ++n) {
      SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + " at " + std::to_string(n));
      World world(11);
      {
        auto keys = open_key_file(world.disk, world.options);
        ASSERT_TRUE(keys);
        world.live(**keys, 60);
      }
      const auto held = world.disk.open(path, disk::Mode::read).value();
      const std::string old = world.disk.peek(path);
      world.disk.fail_at(n, fault);
      const Status changed = change_master_key(world.disk, world.options);
      met = world.disk.fault_met();
      const bool again = met && n % 2 == 0;  // cut once more, while it is finished
      if (n % 3 == 0) {
        world.disk.heal();
      } else {
        world.disk.crash(world.dice);
      }
      if (again) {
        world.disk.fail_at(1 + world.dice.below(12), MemoryDisk::Fault::power_cut);
        (void)open_key_file(world.disk, world.options);
        world.disk.crash(world.dice);
      }
      auto keys = open_key_file(world.disk, world.options);
      ASSERT_TRUE(keys) << keys.error().message;
      world.prove(**keys);
      const std::string now = world.disk.peek(path);
      EXPECT_TRUE(!changed || now != old);
      if (now != old && n % 3 == 0 && !again) {  // a handle does not outlive a crash
        EXPECT_EQ(held->read(0, 4096).value(), now) << "overwritten in its place";
      }
      const auto names = world.disk.list("keys").value();
      for (const std::string& name : names) EXPECT_EQ(name.find(".next"), std::string::npos) << name;
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(KeyFileCrash, a_backup_of_before_opens_with_the_old_master_only) {
  MemoryDisk disk;
  const std::vector<Identifier> one{{1, "a"}};
  {
    const auto keys = open_key_file(disk, {}).value();
    ASSERT_TRUE(keys->resolve(one, Instant{1}));
    ASSERT_TRUE(keys->sync());
  }
  const std::string old = disk.peek("keys/house.secret");
  ASSERT_TRUE(change_master_key(disk, {}));
  ASSERT_TRUE(open_key_file(disk, {}));
  const auto file = disk.open("keys/house.secret", disk::Mode::write).value();
  ASSERT_TRUE(file->write(0, old));
  EXPECT_EQ(open_key_file(disk, {}).error().code, Code::corrupt);
}

TEST(KeyFileCrash, cost_is_printed) {
  MemoryDisk disk;
  const auto keys = open_key_file(disk, {}).value();
  constexpr int atoms = 20'000;
  const auto timed = [](const char* what, const auto& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const auto taken = std::chrono::steady_clock::now() - start;
    std::cout << what << ": " << std::chrono::nanoseconds(taken).count() / atoms << " ns\n";
  };
  std::vector<Identifier> names;
  for (int i = 0; i < atoms; ++i)
    names.push_back({1, "someone-" + std::to_string(i) + "@example.org"});
  const auto resolve_all = [&] {
    for (const auto& name : names) ASSERT_TRUE(keys->resolve({&name, 1}, Instant{1}));
  };
  timed("a new atom", resolve_all);
  timed("a known atom", resolve_all);
  ASSERT_TRUE(keys->sync());
  const Atom first = *keys->find(names[0]).value();
  timed("destroy, per atom of its epoch", [&] { ASSERT_TRUE(keys->destroy(first.id)); });
  EXPECT_EQ(keys->size(), atoms - 1u);
}

}  // namespace
}  // namespace hospes::seal
