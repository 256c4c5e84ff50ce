// The local log over a disk that fails and crashes: every acknowledged record is there, once and in
// order.
#include <gtest/gtest.h>

#include <set>

#include "base/dice.h"
#include "disk/memory.h"
#include "log/local_log.h"

namespace hospes::log {
namespace {

using disk::MemoryDisk;
constexpr unsigned lanes = 3;

/// A log over one disk through many lives, and what it owes.
struct World {
  explicit World(std::uint64_t seed) : dice(seed) {}

  MemoryDisk disk;
  Dice dice;
  bool tight = false;
  Options options{
      .partitions = lanes,
      .segment_bytes = 64 << 10,
      .commit_bytes_max = 20'000,
      .free_bytes_min = 0,
      .spares_max = 1,
      .manual = true};
  std::vector<std::string> offered;  // texts of all appends, in order; each append is two records
  std::set<std::string> owed;        // acknowledged, or seen after a crash
  std::vector<Position> seen = std::vector<Position>(lanes);  // last record of each lane
  std::vector<Position> released = std::vector<Position>(lanes);

  Status append(LocalLog& log) {
    const std::string text = std::to_string(10'000 + offered.size());
    // With `tight`, sizes differ by a mark's: what a torn commit left lines up with what is written
    // over it.
    const std::size_t size = tight ? 28 * dice.below(2) : dice.below(3) * dice.below(3000);
    const std::string body = text + "|" + std::string(size, 'b');
    offered.push_back(text);
    const auto p = static_cast<Partition>(dice.below(lanes));
    const auto q = static_cast<Partition>(dice.below(lanes));
    return log.append({{p, body, {}}, {q, body, {}}}, [this, text](const Status& s) {
      if (s) owed.insert(text);
    });
  }

  /// One life, until `appends` are offered or the disk refuses.
  void live(LocalLog& log, int appends) {
    log.follow([this](const std::vector<Durable>& batch) {
      for (const Durable& d : batch) seen[d.partition] = d.position;
    });
    for (int i = 0; i < appends; ++i) {
      if (!append(log)) return;
      if (dice.chance(tight ? 15 : 60)) log.step();
      if (dice.chance(5)) {
        released = seen;
        owed.clear();  // all of it was seen
        if (!log.release(released)) return;
      }
    }
    if (dice.chance(50)) log.close();
  }

  /// What the log gives back must be what it owes, in the order offered.
  void prove(LocalLog& log) {
    std::vector<std::string> got;
    const Status replayed = log.replay(released, [&](const Durable& d) {
      EXPECT_LT(released[d.partition], d.position);
      got.push_back(d.bytes.substr(0, d.bytes.find('|')));
      seen[d.partition] = std::max(seen[d.partition], d.position);
      return Status();
    });
    ASSERT_TRUE(replayed) << replayed.error().message;
    std::vector<std::string> expected;
    const std::set<std::string> there(got.begin(), got.end());
    for (const auto& text : offered) {
      if (there.contains(text)) expected.insert(expected.end(), 2, text);
    }
    EXPECT_EQ(got, expected) << "each once, in order, both records of an append or none";
    for (const auto& text : owed) EXPECT_TRUE(there.contains(text)) << text << " was acknowledged";
    for (const auto& text : there) owed.insert(text);
  }
};

TEST(LogCrash, fails_at_each_operation_and_loses_nothing) {
  bool met = true;
  for (const auto fault :
       {MemoryDisk::Fault::once, MemoryDisk::Fault::no_space, MemoryDisk::Fault::power_cut}) {
    met = true;
    for (std::uint64_t n = 1; met; ++n) {
      SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + " at " + std::to_string(n));
      World world(n);
      world.disk.fail_at(n, fault);
      if (auto log = open_local_log(world.disk, world.options)) {
        (*log)->follow([](const std::vector<Durable>&) {});
        for (int i = 0; i < 60; ++i) {
          if (!world.append(**log)) break;
          (*log)->step();
        }
      }
      met = world.disk.fault_met();
      if (n % 2 == 0) {
        world.disk.crash(world.dice);
      } else {
        world.disk.heal();  // only the process died
      }
      auto log = open_local_log(world.disk, world.options);
      ASSERT_TRUE(log) << log.error().message;
      world.prove(**log);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(LogCrash, what_a_torn_commit_left_never_counts_again) {
  MemoryDisk disk;
  const Options options{
      .partitions = 1, .segment_bytes = 64 << 10, .free_bytes_min = 0, .manual = true};
  const auto append = [&](std::vector<Entry> entries) {
    const auto log = open_local_log(disk, options).value();
    ASSERT_TRUE(log->append(std::move(entries), nullptr));
    ASSERT_TRUE(log->step());
  };
  append({});  // makes the segment; the next life begins it with a mark
  const std::uint64_t first = 4096 + 28;
  append({{0, std::string(100, 'a'), {}}, {0, std::string(100, 'b'), {}}});
  ASSERT_EQ(disk.peek("log/segment-0000000000000001").substr(first + 27, 2), std::string("\0a", 2));
  disk.poke("log/segment-0000000000000001", first, std::string(128, '\0'));  // first half lost
  append({{0, std::string(72, 'c'), {}}});  // with its mark it ends where b begins
  const auto log = open_local_log(disk, options).value();
  std::string seen;
  ASSERT_TRUE(log->replay(std::vector<Position>(1), [&](const Durable& d) {
    seen += d.bytes[0];
    return Status();
  }));
  EXPECT_EQ(seen, "c");
}

TEST(LogCrash, many_lives_with_release_and_recycling) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    world.tight = seed % 2 == 0;
    for (int life = 0; life < 8; ++life) {
      world.disk.fail_at(
          1 + world.dice.below(world.tight ? 25 : 250),
          world.dice.chance(70) ? MemoryDisk::Fault::power_cut : MemoryDisk::Fault::once
      );
      if (auto log = open_local_log(world.disk, world.options)) world.live(**log, 120);
      if (world.dice.chance(80)) {
        world.disk.crash(world.dice);
      } else {
        world.disk.heal();
      }
      auto log = open_local_log(world.disk, world.options);
      ASSERT_TRUE(log) << log.error().message;
      world.prove(**log);
      if (testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace hospes::log
