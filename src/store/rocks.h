// The store on disk: one RocksDB, one column family per partition, RocksDB's own log off, for the
// hospes log replays the tail (docs/adr/0003-store-without-a-second-log.md).
#pragma once

#include <filesystem>
#include <memory>

#include "store/store.h"

namespace hospes::store {

struct Options {
  unsigned partitions =
      partitions_default;  // fixed when the folder is made; another number is refused
  std::size_t block_cache_bytes = std::size_t{64} << 20;
  std::size_t write_buffer_bytes = std::size_t{64} << 20;  // all partitions together
};

class RocksStore : public Store {
 public:
  /// All batches so far as a folder of its own that `open_rocks` opens. Data files are hard links
  /// when `folder` is on the same disk. conflict when `folder` exists.
  virtual Status checkpoint(const std::filesystem::path& folder) = 0;
  /// Rows that were deleted or replaced are in no file any more when it returns. Cost: writes
  /// everything once.
  virtual Status scrub() = 0;
};

/// Makes the folder when it does not exist. unavailable: another process holds it, or the disk
/// refuses; corrupt: files are damaged; conflict: it was made with another number of partitions.
Result<std::unique_ptr<RocksStore>> open_rocks(
    const std::filesystem::path& folder, const Options& options
);

}  // namespace hospes::store
