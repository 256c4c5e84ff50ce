// The log on a local disk: one writer, group commit without a timer, recycled segments. design.md
// rule 2, docs/formats/log.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "disk/disk.h"
#include "log/log.h"

namespace hospes::log {

struct Options {
  std::string folder = "log";  // below the disk's root
  unsigned partitions = partitions_default;
  std::uint32_t epoch = 1;
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;  // of new segments
  std::uint64_t commit_bytes_max = std::uint64_t{8} << 20;
  std::uint64_t queue_bytes_max = std::uint64_t{64} << 20;
  std::uint64_t free_bytes_min = std::uint64_t{256} << 20;  // below it appends are refused
  unsigned spares_max = 2;                                  // recycled files kept for reuse
  bool manual = false;  // no thread of its own: `step` and `close` commit, on the caller's thread
};

class LocalLog : public Log {
 public:
  struct Stats {
    std::uint64_t commits = 0;
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;  // framed
    std::uint64_t segments = 0;
  };
  /// From now on nothing that was released, or is, can be read from the disk any more: files that
  /// wait for reuse are overwritten, and the present segment is ended, so that it can be released
  /// too. The sequence of the segment that follows. Cost: writing the files that wait.
  virtual Result<std::uint64_t> begin_scrub() = 0;
  /// Whether every segment before that one was released and overwritten; if so, files are recycled
  /// as they are again.
  virtual bool end_scrub(std::uint64_t sequence) = 0;
  using Edit = std::function<std::optional<std::string>(std::string_view payload)>;
  /// Replaces the content of records in ended segments by what `edit` gives, of the same size
  /// (nothing: it stays), each segment whole or not at all. How many. Cost: two writes of each
  /// segment that changes. Not beside `release`.
  virtual Result<std::uint64_t> rewrite(const Edit& edit) = 0;
  /// Commits what waits, at most `commit_bytes_max`. False when nothing waited. Only with `manual`.
  virtual bool step() = 0;
  virtual Stats stats() const = 0;
};

/// Cuts a torn tail. corrupt, with file and place, when damage is found where a crash cannot have
/// made it: then nothing was changed. conflict when the log was made with other partitions. `disk`
/// must outlive the log.
Result<std::unique_ptr<LocalLog>> open_local_log(disk::Disk& disk, Options options);

/// The twin for tests that need no disk of their own: the same code over a MemoryDisk inside.
std::unique_ptr<LocalLog> make_memory_log(unsigned partitions, bool manual = false);

}  // namespace hospes::log
