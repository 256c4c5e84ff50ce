#include "seal/key_file.h"

#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>

#include "base/dice.h"
#include "disk/memory.h"

namespace hospes::seal {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;

Identifier nth(std::uint64_t n) {
  return {static_cast<KindId>(n % 3), "person-" + std::to_string(n)};
}

TEST(KeyFile, WhatIsSyncedSurvivesEveryFaultAndCrashAndNothingPersonalIsReadable) {
  const std::uint64_t seed = 20'261'124;
  std::cout << "seed " << seed << "\n";
  for (std::uint64_t fault = 1; fault < 120; ++fault) {
    Dice dice(seed + fault);
    disk::MemoryDisk disk;
    disk.fail_at(fault, disk::MemoryDisk::Fault::power_cut);
    std::map<Identifier, Atom> synced;
    std::set<AtomId> destroyed;
    if (auto opened = open_key_file(disk, {})) {
      KeyStore& keys = **opened;
      for (std::uint64_t n = 0; n < 40; ++n) {
        const std::vector<Identifier> two{nth(n), nth(n / 2)};
        const auto atoms = keys.resolve(two, Instant{static_cast<std::int64_t>(n / 16) * day_us});
        if (!atoms || !keys.sync()) break;
        for (std::size_t i = 0; i < two.size(); ++i) synced[two[i]] = (*atoms)[i];
        if (n % 9 == 8) {
          const Identifier gone = nth(n - 3);
          if (!keys.destroy(synced.at(gone).id)) {
            synced.erase(gone);  // unknown: it may have happened
            break;
          }
          destroyed.insert(synced.at(gone).id);
          synced.erase(gone);
        }
      }
    }
    disk.crash(dice);
    auto again = open_key_file(disk, {});
    ASSERT_TRUE(again) << "fault " << fault << ": " << again.error().message;
    for (const auto& [identifier, atom] : synced) {
      ASSERT_EQ((*again)->find(identifier).value(), atom) << "fault " << fault;
      EXPECT_EQ((*again)->reveal(atom.id).value(), identifier);
    }
    for (const AtomId& gone : destroyed) {
      EXPECT_EQ((*again)->key(gone).error().code, Code::not_found) << "fault " << fault;
    }
    const auto names = disk.list("keys").value();
    for (const std::string& name : names) {
      EXPECT_EQ(disk.peek("keys/" + name).find("person-"), std::string::npos) << name;
    }
  }
}

TEST(KeyFile, AFailedSyncIsNeverForgiven) {
  disk::MemoryDisk disk;
  auto keys = open_key_file(disk, {}).value();
  const std::vector<Identifier> one{nth(1)};
  ASSERT_TRUE(keys->resolve(one, Instant{1}));
  disk.fail_at(2, disk::MemoryDisk::Fault::once);
  EXPECT_EQ(keys->sync().error().code, Code::unavailable);
  EXPECT_EQ(keys->sync().error().code, Code::unavailable)
      << "the disk is well again, but nobody knows what it holds";
  const std::vector<Identifier> other{nth(2)};
  EXPECT_EQ(keys->resolve(other, Instant{1}).error().code, Code::unavailable);
}

TEST(KeyFile, LittleRoomStopsMakingAndIsNotForGood) {
  disk::MemoryDisk disk;
  auto keys = open_key_file(disk, {.free_bytes_min = 1000}).value();
  const std::vector<Identifier> one{nth(1)}, two{nth(2)};
  ASSERT_TRUE(keys->resolve(one, Instant{1}) && keys->sync());
  disk.set_free_bytes(999);
  EXPECT_EQ(keys->health().error().code, Code::unavailable);
  EXPECT_TRUE(keys->resolve(one, Instant{2})) << "the known are found all the same";
  EXPECT_EQ(keys->resolve(two, Instant{2}).error().code, Code::unavailable);
  disk.set_free_bytes(1u << 30);
  EXPECT_TRUE(keys->health());
  EXPECT_TRUE(keys->resolve(two, Instant{3}));
}

TEST(KeyFile, KeysAndDataLieApart) {
  EXPECT_TRUE(apart("/srv/keys", "/srv/data"));
  EXPECT_TRUE(apart("/srv/data-keys", "/srv/data"));
  EXPECT_EQ(apart("/srv/data/keys", "/srv/data").error().code, Code::conflict);
  EXPECT_EQ(apart("/srv", "/srv/data").error().code, Code::conflict);
  EXPECT_EQ(apart("/srv/data", "/srv/data/").error().code, Code::conflict);
}

}  // namespace
}  // namespace hospes::seal
