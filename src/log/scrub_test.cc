// What was released, and what was taken out of a record, is in no byte of the disk; and no crash on
// the way there loses anything else.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/dice.h"
#include "disk/memory.h"
#include "log/dig.h"
#include "log/local_log.h"

namespace hospes::log {
namespace {

const std::string marker = "planted-in-a-record";
const Options options{
    .partitions = 2, .segment_bytes = 64 << 10, .free_bytes_min = 0, .spares_max = 2, .manual = true};

void append(LocalLog& log, Partition partition, const std::string& bytes) {
  Status done = fail(Code::unavailable, "not answered");
  ASSERT_TRUE(log.append({{partition, bytes, {}}}, [&](Status s) { done = std::move(s); }));
  ASSERT_TRUE(log.step());
  ASSERT_TRUE(done);
}

std::vector<std::string> texts(LocalLog& log, std::span<const Position> after) {
  std::vector<std::string> out;
  const Status read = log.replay(after, [&](const Durable& d) {
    out.push_back(d.bytes);
    return Status();
  });
  EXPECT_TRUE(read) << read.error().message;
  return out;
}

bool holds(disk::MemoryDisk& disk, std::string_view text) {
  bool found = false;
  const std::vector<std::string> names = disk.list("log").value();
  for (const std::string& name : names)
    found = found || disk.peek("log/" + name).find(text) != std::string::npos;
  return found;
}

bool dug(disk::MemoryDisk& disk, std::string_view text) {
  bool found = false;
  const std::vector<std::string> names = disk.list("log").value();
  for (const std::string& name : names)
    EXPECT_TRUE(dig(disk, "log/" + name, [&](std::string_view payload) {
      found = found || payload.find(text) != payload.npos;
    }));
  return found;
}

TEST(Scrub, what_was_released_is_in_no_byte_of_the_disk) {
  disk::MemoryDisk disk;
  auto log = open_local_log(disk, options).value();
  const std::string body(3'000, 'x');
  std::vector<Position> upto(2);
  const auto through = [&] {
    std::vector<Position> last = upto;
    EXPECT_TRUE(log->replay(upto, [&](const Durable& d) {
      last[d.partition] = d.position;
      return Status();
    }));
    return last;
  };
  // Several lives of each file, so that what is left lies in spares and behind the end as well.
  for (int i = 0; i < 200; ++i) append(*log, static_cast<Partition>(i % 2), marker + std::to_string(i) + body);
  upto = through();
  ASSERT_TRUE(log->release(upto));
  for (int i = 0; i < 3; ++i) append(*log, 0, marker + "again");
  ASSERT_TRUE(holds(disk, marker));
  ASSERT_TRUE(dug(disk, marker)) << "what a recycled file left is dug up";

  const std::uint64_t next = log->begin_scrub().value();
  append(*log, 1, "after");
  EXPECT_FALSE(log->end_scrub(next)) << "not released yet";
  upto[0] = through()[0];
  ASSERT_TRUE(log->release(upto));
  EXPECT_TRUE(log->end_scrub(next));
  EXPECT_FALSE(holds(disk, marker));
  EXPECT_FALSE(dug(disk, marker));
  EXPECT_EQ(texts(*log, upto), std::vector<std::string>{"after"});
  log = nullptr;
  log = open_local_log(disk, options).value();
  EXPECT_EQ(texts(*log, upto), std::vector<std::string>{"after"});
  for (int i = 0; i < 60; ++i) append(*log, 1, "more" + body);
  EXPECT_EQ(texts(*log, upto).size(), 61u);
}

/// Records that bear the marker keep their first byte.
std::optional<std::string> taken_out(std::string_view payload) {
  if (payload.find(marker) == payload.npos) return std::nullopt;
  std::string out(payload.size(), '\0');
  out[0] = payload[0];
  return out;
}

TEST(Scrub, records_are_rewritten_in_their_place) {
  disk::MemoryDisk disk;
  auto log = open_local_log(disk, options).value();
  const std::string body(2'000, 'x');
  std::vector<std::string> wanted;
  for (int i = 0; i < 100; ++i) {
    const std::string text = (i % 7 == 3 ? "k" + marker : "k") + std::to_string(i) + body;
    append(*log, static_cast<Partition>(i % 2), text);
    wanted.push_back(taken_out(text).value_or(text));
  }
  ASSERT_TRUE(log->begin_scrub());
  EXPECT_EQ(log->rewrite(taken_out).value(), 14u);
  EXPECT_EQ(log->rewrite(taken_out).value(), 0u);
  log->end_scrub(0);
  EXPECT_FALSE(holds(disk, marker));
  EXPECT_EQ(texts(*log, std::vector<Position>(2)), wanted);
  log = nullptr;
  log = open_local_log(disk, options).value();
  EXPECT_EQ(texts(*log, std::vector<Position>(2)), wanted) << "with their positions and checks";
}

TEST(Scrub, a_crash_anywhere_leaves_each_record_as_it_was_or_as_it_shall_be) {
  constexpr std::uint64_t seed = 20'261'127;
  for (std::uint64_t n = 1; n < 60; ++n) {
    disk::MemoryDisk disk;
    std::vector<std::string> before, after;
    {
      auto log = open_local_log(disk, options).value();
      for (int i = 0; i < 60; ++i) {
        const std::string text = (i % 5 == 3 ? "k" + marker : "k") + std::to_string(i) + std::string(2'000, 'x');
        append(*log, 0, text);
        before.push_back(text);
        after.push_back(taken_out(text).value_or(text));
      }
      disk.fail_at(n, disk::MemoryDisk::Fault::power_cut);
      if (log->begin_scrub()) log->rewrite(taken_out).value_or(0);
    }
    Dice dice(seed + n);
    disk.crash(dice);
    auto log = open_local_log(disk, options);
    ASSERT_TRUE(log) << "seed " << seed << ", operation " << n << ": " << log.error().message;
    const auto now = texts(**log, std::vector<Position>(2));
    ASSERT_EQ(now.size(), before.size()) << n;
    for (std::size_t i = 0; i < now.size(); ++i)
      EXPECT_TRUE(now[i] == before[i] || now[i] == after[i]) << "operation " << n << ", record " << i;
    ASSERT_TRUE((*log)->begin_scrub());
    ASSERT_TRUE((*log)->rewrite(taken_out));
    EXPECT_EQ(texts(**log, std::vector<Position>(2)), after);
  }
}

}  // namespace
}  // namespace hospes::log
