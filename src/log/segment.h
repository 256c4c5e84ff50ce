// A segment: one pre-written file of fixed size that holds a stretch of the log. Files are
// recycled, never grown: growing one costs a journal commit per sync.
//
//   segment = header record* rest          rest: zeros, or what an earlier life of the file left
//   header  = "hospeslg" version:u32 bytes:u32 epoch:u32 partitions:u32 sequence:u64 base:u64
//   size:u64
//             commit:u64 last:u64[partitions] crc:u32, padded to a multiple of 4096 (`bytes`)
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "disk/disk.h"
#include "log/frame.h"

namespace hospes::log {

inline constexpr std::uint32_t segment_version = 1;

struct Segment {
  std::uint32_t epoch = 0;
  std::uint64_t sequence = 0;       // 1, 2, 3, … without gap
  std::uint64_t base = 0;           // offset of the file's first byte
  std::uint64_t size = 0;           // of the file
  std::uint64_t commit = 0;         // last one before this segment
  std::vector<std::uint64_t> last;  // per partition: offset of its last record before this segment
  std::shared_ptr<disk::File> file;
  std::string path;

  /// Place in the file where records begin.
  std::uint64_t header_bytes() const;
  std::uint64_t end() const { return base + size; }
};

std::string segment_name(std::uint64_t sequence);

/// Turns the pre-written file `spare` into this segment, durably. Sets file and path.
Status begin_segment(
    disk::Disk& disk, const std::string& folder, const std::string& spare, Segment& segment
);
/// corrupt when the header does not say what it must.
Result<Segment> open_segment(disk::Disk& disk, const std::string& path);

/// Reads the records of one segment in order.
class Scanner {
 public:
  /// From the node-wide offset `from`, which must be a record's place, to `until`.
  Scanner(const Segment& segment, std::uint64_t from, std::uint64_t until);

  struct Record {
    Frame frame;
    std::string_view payload;  // until the next call
  };
  /// Nothing when no whole record of this segment's present life stands here. corrupt: written by a
  /// newer hospes.
  Result<std::optional<Record>> next();
  /// Where the next record is expected, node-wide.
  std::uint64_t at() const { return at_; }
  /// First place in [at(), until) where a whole record stands whose commit is at least `commit`.
  /// Looks at every byte.
  Result<std::optional<std::uint64_t>> find(std::uint64_t commit);

 private:
  /// `size` bytes at `at`, or fewer at the end.
  Result<std::string_view> window(std::uint64_t at, std::uint64_t size);

  const Segment& segment_;
  std::uint64_t at_;
  const std::uint64_t until_;
  std::string bytes_;
  std::uint64_t bytes_at_ = 0;
};

}  // namespace hospes::log
