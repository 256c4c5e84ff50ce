// The durable, ordered truth: one lane per partition, one physical log per node (design.md rules 1
// and 2).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"

namespace hospes::log {

/// What the appender gives. `decoded` travels beside the bytes to the follower, so that nobody
/// parses twice on the live path.
struct Entry {
  Partition partition = 0;
  std::string bytes;
  std::shared_ptr<const void> decoded;
};

/// What a reader gets: durable, in order within its partition.
struct Durable {
  Partition partition = 0;
  Position position;
  std::string bytes;
  std::shared_ptr<const void> decoded;  // null when read back from disk
};

/// Called once, on the log's thread: success means all entries of the append are durable and were
/// given to the follower.
using Done = std::function<void(Status)>;
using Visit = std::function<Status(const Durable&)>;

class Log {
 public:
  virtual ~Log() = default;

  /// Asynchronous. All entries of one append are adjacent in order; they become durable with one
  /// group commit, without a timer. over_limit at once (and `done` is not called) when
  /// `queue_bytes_max` is waiting; unavailable once a write or sync has failed: the log is then
  /// read-only until restart, because nobody knows what the disk holds.
  virtual Status append(std::vector<Entry> entries, Done done) = 0;

  /// Replays what is durable: for each partition p the records after `after[p]` (exclusive), in
  /// lane order; lanes interleave as they were written. Only before `follow`. Stops at the first
  /// error of `visit`.
  virtual Status replay(std::span<const Position> after, const Visit& visit) = 0;

  /// From now on every durable batch goes to `follower`, on the log's thread, in order, before its
  /// `done` is called. Once.
  virtual void follow(std::function<void(std::vector<Durable>)> follower) = 0;

  /// One partition's records after `after`, at most `records_max`. not_found when that part was
  /// released.
  virtual Result<std::vector<Durable>> read(
      Partition partition, Position after, std::size_t records_max
  ) = 0;

  /// Every partition's records after the place `after`, in the order in which they were written, until `visit`
  /// says false. At any time, from any thread; nothing is recycled meanwhile. not_found when a part of it was
  /// released.
  virtual Status scan(Position after, const std::function<Result<bool>(const Durable&)>& visit) = 0;
  /// Nothing after this place was released.
  virtual Position kept_after() const = 0;

  /// Nobody needs partition p's records up to `upto[p]` any more; whole segments that all have
  /// passed may be recycled.
  virtual Status release(std::span<const Position> upto) = 0;

  /// Why appends are refused, or success.
  virtual Status health() const = 0;

  /// Waits until all that was appended is durable or failed, then stops the thread. Idempotent.
  virtual void close() = 0;
};

}  // namespace hospes::log
