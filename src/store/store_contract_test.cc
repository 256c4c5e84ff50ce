// What every store promises, run on each implementation.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/dice.h"
#include "store/memory.h"
#include "store/rocks.h"

namespace hospes::store {
namespace {

namespace fs = std::filesystem;

constexpr unsigned parts = 4;

/// A store that can be closed and opened again, by way of one implementation.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual Store& store() = 0;
  /// Closes without a sync and opens again, as after a crash of the process.
  virtual void crash(Dice& dice) = 0;
};

class MemoryBench final : public Bench {
 public:
  Store& store() override { return store_; }
  void crash(Dice& dice) override { store_.crash(dice); }

 private:
  MemoryStore store_{parts};
};

fs::path fresh_folder() {
  static int count = 0;
  return fs::temp_directory_path() /
         ("hospes_store_" + std::to_string(getpid()) + "_" + std::to_string(count++));
}

class RocksBench final : public Bench {
 public:
  RocksBench() { open(); }
  ~RocksBench() override {
    store_.reset();
    fs::remove_all(folder_);
  }
  Store& store() override { return *store_; }
  void crash(Dice&) override {
    store_.reset();
    open();
  }

 private:
  void open() {
    auto opened = open_rocks(folder_, {.partitions = parts});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  fs::path folder_ = fresh_folder();
  std::unique_ptr<RocksStore> store_;
};

template <class T>
class StoreContract : public testing::Test {
 protected:
  T bench_;
  Store& store() { return bench_.store(); }
  std::optional<std::string> value(Partition p, std::string_view key) {
    auto got = store().get(p, key);
    EXPECT_TRUE(got) << got.error().message;
    return got ? *got : std::nullopt;
  }
  std::vector<std::string> keys(Partition p, std::string_view prefix) {
    std::vector<std::string> out;
    EXPECT_TRUE(store().scan(p, prefix, [&](std::string_view key, std::string_view) {
      out.emplace_back(key);
      return true;
    }));
    return out;
  }
};

using Kinds = testing::Types<MemoryBench, RocksBench>;
TYPED_TEST_SUITE(StoreContract, Kinds);

TYPED_TEST(StoreContract, AnEmptyStoreIsAtTheBeginning) {
  EXPECT_EQ(this->store().position(0).value(), Position{});
  EXPECT_EQ(this->value(0, "a"), std::nullopt);
  EXPECT_TRUE(this->keys(0, "").empty());
  EXPECT_TRUE(this->store().sync());
}

TYPED_TEST(StoreContract, ABatchPutsDeletesAndMovesThePosition) {
  auto& store = this->store();
  ASSERT_TRUE(store.write(1, {{"a", "1"}, {"b", "2"}}, {1, 10}));
  ASSERT_TRUE(store.write(1, {{"a", std::nullopt}, {"b", "3"}, {"b", "4"}, {"c", ""}}, {1, 20}));
  EXPECT_EQ(this->value(1, "a"), std::nullopt);
  EXPECT_EQ(this->value(1, "b"), "4") << "within a batch the later write of a key stands";
  EXPECT_EQ(this->value(1, "c"), "");
  EXPECT_EQ(store.position(1).value(), (Position{1, 20}));
}

TYPED_TEST(StoreContract, PartitionsDoNotSeeEachOther) {
  ASSERT_TRUE(this->store().write(0, {{"a", "zero"}}, {0, 1}));
  ASSERT_TRUE(this->store().write(3, {{"a", "three"}}, {0, 9}));
  EXPECT_EQ(this->value(0, "a"), "zero");
  EXPECT_EQ(this->value(3, "a"), "three");
  EXPECT_EQ(this->value(2, "a"), std::nullopt);
  EXPECT_EQ(this->store().position(0).value(), (Position{0, 1}));
  EXPECT_EQ(this->store().position(2).value(), Position{});
}

TYPED_TEST(StoreContract, ScanAscendsByBytesWithinItsPrefixAndStopsWhenTold) {
  using namespace std::string_literals;
  const std::string high = "k\xff\x01", nul = "k\0a"s;
  ASSERT_TRUE(this->store().write(
      0, {{"j", ""}, {"k", ""}, {high, ""}, {"kb", ""}, {nul, ""}, {"l", ""}}, {0, 1}
  ));
  EXPECT_EQ(this->keys(0, "k"), (std::vector<std::string>{"k", nul, "kb", high}));
  EXPECT_EQ(this->keys(0, "").size(), 6u) << "the position is no row";
  int seen = 0;
  ASSERT_TRUE(this->store().scan(0, "k", [&](auto, auto) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TYPED_TEST(StoreContract, AVisitorMayReadThePartitionItVisits) {
  ASSERT_TRUE(this->store().write(0, {{"a", "1"}, {"b", "2"}}, {0, 1}));
  std::string other;
  ASSERT_TRUE(this->store().scan(0, "a", [&](auto, auto) {
    other = this->value(0, "b").value_or("");
    return true;
  }));
  EXPECT_EQ(other, "2");
}

TYPED_TEST(StoreContract, AnEmptyKeyAndAnUnknownPartitionAreTheCallersMistake) {
  EXPECT_EQ(this->store().write(0, {{"", "x"}}, {0, 1}).error().code, Code::invalid_input);
  EXPECT_EQ(this->store().position(0).value(), Position{}) << "nothing of a refused batch stays";
  EXPECT_EQ(this->store().write(parts, {{"a", "x"}}, {0, 1}).error().code, Code::invalid_input);
  EXPECT_EQ(this->store().get(parts, "a").error().code, Code::invalid_input);
}

TYPED_TEST(StoreContract, WhatIsSyncedSurvivesWithItsPosition) {
  Dice dice(7);
  ASSERT_TRUE(this->store().write(2, {{"a", "1"}}, {3, 5}));
  ASSERT_TRUE(this->store().sync());
  this->bench_.crash(dice);
  EXPECT_EQ(this->value(2, "a"), "1");
  EXPECT_EQ(this->store().position(2).value(), (Position{3, 5}));
}

// Random batches, syncs and crashes against a plain list of batches: what a partition holds
// afterwards is exactly the rows after some number of batches, that number being the position, and
// no less than at the last sync.
TYPED_TEST(StoreContract, ACrashLeavesAPrefixOfTheBatches) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TypeParam bench;
    Dice dice(seed);
    struct Shadow {
      std::vector<std::map<std::string, std::string>> after{{}};  // rows after n batches
      std::uint64_t synced = 0;
    };
    std::vector<Shadow> shadows(parts);
    for (int step = 0; step < 200; ++step) {
      const auto p = static_cast<Partition>(dice.below(parts));
      Shadow& shadow = shadows[p];
      if (dice.chance(90)) {
        auto next = shadow.after.back();
        std::vector<Write> rows;
        for (std::uint64_t i = dice.below(6); i > 0; --i) {
          const std::string key = "k" + std::to_string(dice.below(20));
          if (dice.chance(30)) {
            rows.push_back({key, std::nullopt});
            next.erase(key);
          } else {
            rows.push_back({key, std::to_string(dice.next())});
            next[key] = *rows.back().value;
          }
        }
        shadow.after.push_back(next);
        ASSERT_TRUE(bench.store().write(p, rows, {1, shadow.after.size() - 1}));
      } else if (dice.chance(60)) {
        ASSERT_TRUE(bench.store().sync());
        for (auto& s : shadows) s.synced = s.after.size() - 1;
      } else {
        bench.crash(dice);
        for (Partition q = 0; q < parts; ++q) {
          Shadow& s = shadows[q];
          const std::uint64_t at = bench.store().position(q).value().offset;
          ASSERT_GE(at, s.synced);
          ASSERT_LT(at, s.after.size());
          std::map<std::string, std::string> held;
          ASSERT_TRUE(bench.store().scan(q, "", [&](auto key, auto value) {
            held.emplace(key, value);
            return true;
          }));
          ASSERT_EQ(held, s.after[at]);
          s.after.resize(at + 1);
          s.synced = at;
        }
      }
    }
  }
}

TEST(MemoryStoreTest, TheNthCallFailsAndLeavesNothing) {
  MemoryStore store(2);
  store.fail_from(2);
  ASSERT_TRUE(store.write(0, {{"a", "1"}}, {0, 1}));
  EXPECT_EQ(store.write(0, {{"a", "2"}}, {0, 2}).error().code, Code::unavailable);
  EXPECT_EQ(store.sync().error().code, Code::unavailable);
  EXPECT_EQ(store.get(0, "a").value(), "1");
  store.fail_from(0);
  EXPECT_TRUE(store.sync());
}

class RocksTest : public testing::Test {
 protected:
  ~RocksTest() override {
    fs::remove_all(folder_);
    fs::remove_all(copy_);
  }
  fs::path folder_ = fresh_folder();
  fs::path copy_ = fresh_folder();
};

TEST_F(RocksTest, ACheckpointIsAStoreOfItsOwn) {
  auto store = open_rocks(folder_, {.partitions = parts}).value();
  ASSERT_TRUE(store->write(1, {{"a", "before"}}, {0, 1}));
  ASSERT_TRUE(store->checkpoint(copy_));
  ASSERT_TRUE(store->write(1, {{"a", "after"}}, {0, 2}));
  auto copy = open_rocks(copy_, {.partitions = parts}).value();
  EXPECT_EQ(copy->get(1, "a").value(), "before");
  EXPECT_EQ(copy->position(1).value(), (Position{0, 1}));
  EXPECT_EQ(store->checkpoint(copy_).error().code, Code::conflict);
}

TEST_F(RocksTest, WhatWasDeletedIsInNoByteOfItsFilesAfterAScrub) {
  const auto holds = [&](std::string_view text) {
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(in)), {});
      if (bytes.find(text) != bytes.npos) return true;
    }
    return false;
  };
  auto store = open_rocks(folder_, {.partitions = parts}).value();
  for (int round = 0; round < 3; ++round) {
    for (Partition p = 0; p < parts; ++p)
      ASSERT_TRUE(store->write(p, {{"a", "planted-and-deleted"}, {"b", "planted-and-replaced"}, {"c", "kept"}}, {1, 1}));
    ASSERT_TRUE(store->sync());
  }
  for (Partition p = 0; p < parts; ++p)
    ASSERT_TRUE(store->write(p, {{"a", {}}, {"b", "new"}}, {1, 2}));
  ASSERT_TRUE(store->sync());
  ASSERT_TRUE(holds("planted-and-deleted")) << "deleting a row leaves its bytes";
  ASSERT_TRUE(store->scrub());
  store = nullptr;  // files that nothing names any more are gone with it at the latest
  EXPECT_FALSE(holds("planted-and-"));
  store = open_rocks(folder_, {.partitions = parts}).value();
  EXPECT_EQ(store->get(1, "c").value(), "kept");
}

TEST_F(RocksTest, AnotherNumberOfPartitionsIsRefusedWithTheOldOne) {
  ASSERT_TRUE(open_rocks(folder_, {.partitions = parts}));
  const auto more = open_rocks(folder_, {.partitions = 64});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::conflict);
  EXPECT_NE(more.error().message.find("set [store] partitions back to 4"), std::string::npos)
      << more.error().message;
}

TEST_F(RocksTest, OneFolderHasOneOwner) {
  auto first = open_rocks(folder_, {.partitions = parts});
  const auto second = open_rocks(folder_, {.partitions = parts});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::unavailable);
  EXPECT_NE(second.error().message.find("in use by another hospes"), std::string::npos)
      << second.error().message;
}

// A file-size limit is the nearest thing to a full disk that a test may make.
TEST_F(RocksTest, AFullDiskIsSaidAndWhatWasSyncedIsThereAfterwards) {
  {
    auto store = open_rocks(folder_, {.partitions = parts}).value();
    ASSERT_TRUE(store->write(0, {{"a", "kept"}}, {0, 1}));
    ASSERT_TRUE(store->sync());
    auto* const old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit small{64 * 1024, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    Dice dice(3);
    std::string noise;
    while (noise.size() < 1'000'000) noise += std::to_string(dice.next());
    ASSERT_TRUE(store->write(0, {{"b", noise}}, {0, 2}));
    const Status full = store->sync();
    const Status later = store->write(0, {{"c", "x"}}, {0, 3});
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, old_handler);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, Code::unavailable);
    EXPECT_NE(full.error().message.find("File too large"), std::string::npos)
        << full.error().message;
    if (!later) {
      EXPECT_EQ(later.error().code, Code::unavailable);
    }
  }
  auto again = open_rocks(folder_, {.partitions = parts}).value();
  EXPECT_EQ(again->get(0, "a").value(), "kept");
  EXPECT_EQ(again->get(0, "b").value(), std::nullopt);
  EXPECT_EQ(again->position(0).value(), (Position{0, 1}));
}

TEST_F(RocksTest, ADamagedFileIsCorruptNotAbsent) {
  {
    auto store = open_rocks(folder_, {.partitions = parts}).value();
    ASSERT_TRUE(store->write(0, {{"a", "kept"}}, {0, 1}));
    ASSERT_TRUE(store->sync());
  }
  for (const auto& file : fs::directory_iterator(folder_)) {
    if (file.path().extension() == ".sst") fs::resize_file(file.path(), 10);
  }
  const auto opened = open_rocks(folder_, {.partitions = parts});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::corrupt);
}

}  // namespace
}  // namespace hospes::store
