// The contract of Log, run on the local log over the real disk and over its twin.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <map>
#include <thread>

#include "base/dice.h"
#include "disk/memory.h"
#include "disk/posix.h"
#include "log/local_log.h"

namespace hospes::log {
namespace {

constexpr unsigned partitions = 4;
const std::vector<Position> beginning(partitions);

class LogContract : public testing::TestWithParam<bool> {
 protected:
  LogContract() {
    if (GetParam()) {
      std::string name = std::filesystem::temp_directory_path() / "hospes-log-XXXXXX";
      scratch = ::mkdtemp(name.data());
      disk = disk::open_posix_disk(scratch).value();
    } else {
      disk = std::make_unique<disk::MemoryDisk>();
    }
    options.partitions = partitions;
    options.segment_bytes = 256 << 10;
    options.free_bytes_min = 0;
  }
  ~LogContract() override {
    if (!scratch.empty()) std::filesystem::remove_all(scratch);
  }

  std::unique_ptr<LocalLog> open() {
    auto log = open_local_log(*disk, options);
    EXPECT_TRUE(log) << log.error().message;
    return std::move(log).value();
  }
  static Status append(Log& log, std::vector<Entry> entries) {
    std::promise<Status> done;
    const Status taken =
        log.append(std::move(entries), [&done](Status s) { done.set_value(std::move(s)); });
    return taken ? done.get_future().get() : taken;
  }
  static std::vector<Durable> all(Log& log, std::span<const Position> after = beginning) {
    std::vector<Durable> records;
    const Status read = log.replay(after, [&](const Durable& d) {
      records.push_back(d);
      return Status();
    });
    EXPECT_TRUE(read) << read.error().message;
    return records;
  }
  static std::vector<std::string> texts(const std::vector<Durable>& records) {
    std::vector<std::string> out;
    for (const auto& r : records) out.push_back(std::to_string(r.partition) + ":" + r.bytes);
    return out;
  }

  std::string scratch;
  std::unique_ptr<disk::Disk> disk;
  Options options;
};

using Texts = std::vector<std::string>;

TEST_P(LogContract, keeps_order_and_gives_growing_positions) {
  auto log = open();
  ASSERT_TRUE(append(*log, {{0, "a", {}}, {3, "b", {}}, {0, "c", {}}}));
  ASSERT_TRUE(append(*log, {{1, "", {}}}));
  const auto records = all(*log);
  EXPECT_EQ(texts(records), (Texts{"0:a", "3:b", "0:c", "1:"}));
  EXPECT_LT(Position(), records[0].position);
  for (std::size_t i = 1; i < records.size(); ++i) {
    EXPECT_LT(records[i - 1].position, records[i].position);
  }
  log = nullptr;
  const auto again = open();
  EXPECT_EQ(texts(all(*again)), texts(records));
}

TEST_P(LogContract, replays_after_each_partitions_own_position) {
  auto log = open();
  ASSERT_TRUE(append(*log, {{0, "a", {}}, {1, "b", {}}, {0, "c", {}}, {1, "d", {}}}));
  const auto records = all(*log);
  std::vector<Position> after(partitions);
  after[0] = records[0].position;
  after[1] = records[3].position;
  EXPECT_EQ(texts(all(*log, after)), (Texts{"0:c"}));
  after[0] = {0, ~std::uint64_t{0}};
  EXPECT_EQ(texts(all(*log, after)), (Texts{"0:a", "0:c"})) << "an older epoch is before all";
  after[0] = {9, 0};
  EXPECT_EQ(
      log->replay(after, [](const Durable&) { return Status(); }).error().code, Code::conflict
  );
  const auto stop = log->replay(beginning, [](const Durable&) -> Status {
    return fail(Code::over_limit, "enough");
  });
  EXPECT_EQ(stop.error().code, Code::over_limit);
}

TEST_P(LogContract, reads_one_partition) {
  auto log = open();
  for (int i = 0; i < 300; ++i) {
    const std::string text = std::to_string(i) + std::string(3000, '.');
    ASSERT_TRUE(append(*log, {{static_cast<Partition>(i % 3), text, {}}}));
  }
  EXPECT_GT(log->stats().segments, 3u);
  const auto first = log->read(1, {}, 10).value();
  ASSERT_EQ(first.size(), 10u);
  EXPECT_EQ(first[9].bytes.substr(0, 3), "28.");
  const auto rest = log->read(1, first.back().position, 1000).value();
  ASSERT_EQ(rest.size(), 90u);
  EXPECT_EQ(rest[0].bytes.substr(0, 3), "31.");
  EXPECT_TRUE(log->read(1, rest.back().position, 9).value().empty());
  EXPECT_TRUE(log->read(3, {}, 9).value().empty());
  EXPECT_EQ(log->read(partitions, {}, 9).error().code, Code::invalid_input);
}

TEST_P(LogContract, takes_big_records_and_refuses_what_fits_no_segment) {
  options.segment_bytes = 4 << 20;
  auto log = open();
  const std::string big(1 << 20, 'x');
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(append(*log, {{2, big, {}}, {2, "", {}}}));
  EXPECT_EQ(append(*log, {{2, std::string(4 << 20, 'x'), {}}}).error().code, Code::over_limit);
  EXPECT_EQ(append(*log, {{partitions, "x", {}}}).error().code, Code::invalid_input);
  EXPECT_TRUE(append(*log, {}));
  log = nullptr;
  const auto records = all(*open());
  ASSERT_EQ(records.size(), 18u);
  EXPECT_EQ(records[16].bytes, big);
  EXPECT_EQ(records[17].bytes, "");
}

TEST_P(LogContract, the_follower_sees_all_before_done_and_what_was_decoded) {
  auto log = open();
  ASSERT_TRUE(append(*log, {{0, "before", {}}}));
  std::vector<Durable> followed;
  log->follow([&](std::vector<Durable> batch) {
    for (auto& d : batch) followed.push_back(std::move(d));
  });
  const auto decoded = std::make_shared<const int>(7);
  ASSERT_TRUE(append(*log, {{0, "a", decoded}, {1, "b", {}}}));
  ASSERT_EQ(texts(followed), (Texts{"0:a", "1:b"}));
  EXPECT_EQ(followed[0].decoded, decoded);
  EXPECT_EQ(followed[1].position, all(*log)[2].position);
}

TEST_P(LogContract, concurrent_appends_are_each_done_once_and_kept_together) {
  auto log = open();
  constexpr int threads = 4;
  constexpr int each = 300;
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  {
    std::vector<std::jthread> writers;
    for (int t = 0; t < threads; ++t) {
      writers.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) {
          const std::string text = std::to_string(t) + "," + std::to_string(i);
          const auto p = static_cast<Partition>(t);
          const Status taken =
              log->append({{p, text + "a", {}}, {p, text + "b", {}}}, [&](const Status& s) {
                ++(s ? good : bad);
              });
          EXPECT_TRUE(taken);
        }
      });
    }
  }
  log->close();
  log->close();
  EXPECT_EQ(good, threads * each) << "close drains";
  EXPECT_EQ(bad, 0);
  EXPECT_EQ(log->append({{0, "x", {}}}, nullptr).error().code, Code::unavailable);
  const auto records = all(*log);
  ASSERT_EQ(records.size(), 2u * threads * each);
  std::map<Partition, int> next;
  for (std::size_t i = 0; i < records.size(); i += 2) {
    const Partition p = records[i].partition;
    const std::string text = std::to_string(p) + "," + std::to_string(next[p]++);
    EXPECT_EQ(records[i].bytes, text + "a");
    EXPECT_EQ(records[i + 1].bytes, text + "b") << "entries of one append are adjacent";
  }
}

TEST_P(LogContract, a_full_queue_is_over_limit) {
  options.manual = true;
  options.queue_bytes_max = 1000;
  auto log = open();
  int done = 0;
  const auto offer = [&] {
    return log->append({{0, std::string(400, 'x'), {}}}, [&](const Status& s) {
      done += s ? 1 : 0;
    });
  };
  EXPECT_TRUE(offer());
  EXPECT_TRUE(offer());
  EXPECT_EQ(offer().error().code, Code::over_limit);
  EXPECT_EQ(done, 0) << "nothing is durable yet";
  EXPECT_TRUE(log->step());
  EXPECT_EQ(done, 2);
  EXPECT_FALSE(log->step());
  EXPECT_TRUE(offer());
  log->close();
  EXPECT_EQ(done, 3);
}

TEST_P(LogContract, scan_reads_all_lanes_as_written_while_the_log_grows) {
  options.segment_bytes = 64 << 10;
  auto log = open();
  log->follow([](std::vector<Durable>) {});
  const std::string body(5'000, 'x');
  Dice dice(7);
  std::vector<std::string> written, seen;
  Position at;
  for (int i = 0; i < 120; ++i) {
    written.push_back(std::to_string(i) + body);
    ASSERT_TRUE(append(*log, {{static_cast<Partition>(dice.below(partitions)), written.back(), {}}}));
    if (dice.below(3) != 0) continue;
    const std::size_t few = 1 + dice.below(5);
    std::size_t taken = 0;
    const Status read = log->scan(at, [&](const Durable& d) -> Result<bool> {
      seen.push_back(d.bytes);
      at = d.position;
      return ++taken < few;
    });
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_LE(taken, few);
  }
  ASSERT_TRUE(log->scan(at, [&](const Durable& d) -> Result<bool> {
    seen.push_back(d.bytes);
    at = d.position;
    return true;
  }));
  EXPECT_EQ(seen, written);
  ASSERT_TRUE(log->release(std::vector<Position>(partitions, at)));
  EXPECT_EQ(log->scan({}, [](const Durable&) { return true; }).error().code, Code::not_found);
  EXPECT_LE(log->kept_after(), at);
  EXPECT_TRUE(log->scan(log->kept_after(), [](const Durable&) { return true; }));
}

TEST_P(LogContract, released_segments_are_recycled_and_their_part_is_gone) {
  auto log = open();
  const std::string body(10'000, 'x');
  ASSERT_TRUE(append(*log, {{3, "early", {}}}));
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(append(*log, {{static_cast<Partition>(i % 2), std::to_string(i) + body, {}}}));
  }
  auto records = all(*log);
  std::vector<Position> upto(partitions);
  upto[0] = upto[1] = records.back().position;
  const auto before = log->stats().segments;
  ASSERT_TRUE(log->release(upto));
  EXPECT_EQ(log->stats().segments, before) << "partition 3 still needs the first";
  upto[3] = records[0].position;
  ASSERT_TRUE(log->release(upto));
  EXPECT_EQ(log->stats().segments, 1u) << "all but the one in use";
  EXPECT_EQ(
      log->replay(beginning, [](const Durable&) { return Status(); }).error().code, Code::not_found
  );
  EXPECT_EQ(log->read(0, {}, 1).error().code, Code::not_found);
  EXPECT_TRUE(log->read(3, upto[3], 1)) << "it had nothing more";
  std::vector<Position> after = upto;
  EXPECT_TRUE(all(*log, after).empty());
  for (int round = 0; round < 3; ++round) {  // into the recycled files, under other sizes
    for (int i = 0; i < 60; ++i) {
      const std::string text = std::to_string(i) + body.substr(0, 5000 + 1000u * round);
      ASSERT_TRUE(append(*log, {{0, text, {}}}));
    }
    log = nullptr;
    log = open();
    EXPECT_EQ(all(*log, after).size(), 60u * (round + 1));
  }
  EXPECT_LE(disk->list("log").value().size(), log->stats().segments + options.spares_max);
}

TEST_P(LogContract, another_number_of_partitions_is_a_conflict) {
  open();
  options.partitions = 5;
  EXPECT_EQ(open_local_log(*disk, options).error().code, Code::conflict);
}

TEST_P(LogContract, damage_in_the_middle_is_corrupt_and_named) {
  for (const bool in_last : {false, true}) {
    options.folder = in_last ? "last" : "first";
    auto log = open();
    for (int i = 0; i < (in_last ? 20 : 60); ++i) {
      ASSERT_TRUE(append(*log, {{0, std::to_string(i) + std::string(8000, 'x'), {}}}));
    }
    log = nullptr;
    const std::string path = options.folder + "/segment-0000000000000001";
    const auto file = disk->open(path, disk::Mode::write).value();
    ASSERT_TRUE(file->write(30'000, "#"));
    auto opened = open_local_log(*disk, options);
    if (in_last) {
      ASSERT_FALSE(opened) << "it must not be cut as if it were a torn tail";
      EXPECT_EQ(opened.error().code, Code::corrupt);
      EXPECT_NE(opened.error().message.find(path), std::string::npos);
      continue;
    }
    ASSERT_TRUE(opened);
    const auto read = (*opened)->replay(beginning, [](const Durable&) { return Status(); });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::corrupt);
    EXPECT_NE(read.error().message.find(path + ": damaged at byte 28"), std::string::npos)
        << read.error().message;
  }
}

TEST_P(LogContract, a_missing_segment_is_corrupt) {
  auto log = open();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(append(*log, {{0, std::string(8000, 'x'), {}}}));
  }
  log = nullptr;
  ASSERT_TRUE(disk->remove("log/segment-0000000000000002"));
  EXPECT_EQ(open_local_log(*disk, options).error().code, Code::corrupt);
}

TEST_P(LogContract, the_tail_is_cut_wherever_the_last_commit_was_torn) {
  options.manual = true;
  auto log = open();
  ASSERT_TRUE(log->append({{0, "kept", {}}}, nullptr));
  ASSERT_TRUE(log->step());
  ASSERT_TRUE(log->append({{0, "torn", {}}, {1, "too", {}}}, nullptr));
  ASSERT_TRUE(log->step());
  const std::uint64_t second = all(*log)[1].position.offset;
  log = nullptr;
  const std::string path = "log/segment-0000000000000001";
  const auto whole = disk::read_all(*disk, path, 1 << 20).value();
  const std::uint64_t end = second + 28 + 4 + 28 + 3;
  for (std::uint64_t cut = second; cut < end; ++cut) {
    std::string torn = whole;
    torn.replace(cut, end - cut, std::string(end - cut, '\0'));
    ASSERT_TRUE(disk->open(path, disk::Mode::write).value()->write(0, torn));
    log = open();
    EXPECT_EQ(texts(all(*log)), (Texts{"0:kept"})) << "cut at " << cut;
    ASSERT_TRUE(log->append({{2, "next", {}}}, nullptr));
    ASSERT_TRUE(log->step());
    log = nullptr;
    log = open();
    EXPECT_EQ(texts(all(*log)), (Texts{"0:kept", "2:next"})) << "cut at " << cut;
    log = nullptr;
  }
}

TEST_P(LogContract, too_little_room_refuses_and_resumes) {
  options.free_bytes_min = 1000;
  if (GetParam()) options.free_bytes_min = ~std::uint64_t{0};
  auto log = open();
  auto* twin = dynamic_cast<disk::MemoryDisk*>(disk.get());
  if (twin != nullptr) {
    ASSERT_TRUE(append(*log, {{0, "a", {}}}));
    twin->set_free_bytes(999);
    ASSERT_TRUE(append(*log, {{0, "b", {}}})) << "it is seen after a commit";
  }
  const Status refused = append(*log, {{0, "c", {}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_NE(log->health().error().message.find("free_bytes_min"), std::string::npos);
  if (twin == nullptr) return;
  twin->set_free_bytes(1000);
  EXPECT_TRUE(append(*log, {{0, "d", {}}}));
  EXPECT_TRUE(log->health());
  EXPECT_EQ(texts(all(*log)), (Texts{"0:a", "0:b", "0:d"}));
}

INSTANTIATE_TEST_SUITE_P(, LogContract, testing::Bool(), [](const auto& made) {
  return made.param ? "posix" : "memory";
});

TEST(MemoryLog, is_a_log) {
  const auto log = make_memory_log(2, true);
  bool done = false;
  ASSERT_TRUE(log->append({{1, "x", {}}}, [&](const Status& s) { done = s.has_value(); }));
  EXPECT_FALSE(done);
  EXPECT_TRUE(log->step());
  EXPECT_TRUE(done);
  EXPECT_EQ(log->read(1, {}, 5).value().size(), 1u);
}

TEST(LocalLog, after_a_failed_sync_it_is_read_only_for_good) {
  disk::MemoryDisk disk;
  Options options{.partitions = 1, .segment_bytes = 64 << 10, .free_bytes_min = 0, .manual = true};
  const auto log = open_local_log(disk, options).value();
  std::vector<bool> answers;
  const auto offer = [&] {
    return log->append({{0, "x", {}}}, [&](const Status& s) { answers.push_back(s.has_value()); });
  };
  ASSERT_TRUE(offer());
  ASSERT_TRUE(log->step());
  ASSERT_TRUE(offer());
  disk.fail_at(2, disk::MemoryDisk::Fault::once);  // write, then sync
  ASSERT_TRUE(log->step());
  EXPECT_EQ(answers, (std::vector<bool>{true, false}));
  const Status refused = offer();
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_NE(refused.error().message.find("restart"), std::string::npos);
  EXPECT_FALSE(log->health());
  EXPECT_FALSE(log->step());
  EXPECT_EQ(log->read(0, {}, 9).value().size(), 1u) << "what was acknowledged can be read";
}

}  // namespace
}  // namespace hospes::log
