// Files that are written through once and wait to become segments: made ahead by a helper thread,
// or recycled.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "disk/disk.h"

namespace hospes::log {

class Spares {
 public:
  Spares(disk::Disk& disk, std::string folder, std::uint64_t file_bytes, unsigned spares_max)
      : disk_(disk), folder_(std::move(folder)), file_bytes_(file_bytes), spares_max_(spares_max) {}

  /// Finds what an earlier run left; half-made files and those of another size go.
  Status load();
  /// Makes one if there is none. Cost: writing `file_bytes` zeros and a sync.
  Status prepare();
  /// Those that wait are overwritten, and from now on each that is given. Cost: writing them.
  Status wipe();
  void stop_wiping();
  /// Path of one, made now if need be. The caller renames it.
  Result<std::string> take();
  /// The segment at `path` is one from now on, or goes when there are enough. Durable when it
  /// returns.
  Status give(const std::string& path);

 private:
  Status make();                              // mutex_ held
  Status overwrite(const std::string& path);  // mutex_ held

  disk::Disk& disk_;
  const std::string folder_;
  const std::uint64_t file_bytes_;
  const unsigned spares_max_;
  std::mutex
      mutex_;  // guards all below; held while a file is made, so that who needs it waits for it
  std::vector<std::string> ready_;
  std::uint64_t next_ = 1;
  bool wiping_ = false;
};

}  // namespace hospes::log
