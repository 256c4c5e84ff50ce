// A text file of the data folder that grows by whole lines: durable when `add` returns; what a cut write
// left at the end was never answered for, and goes. The standing of whoever keeps it is the sum of its lines.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "disk/disk.h"

namespace hospes::mail {

class Lines {
 public:
  /// Reads it line by line; made empty when there is none. corrupt: a line that `take` does not know,
  /// with its number.
  static Result<Lines> open(
      disk::Disk& disk, const std::string& folder, const std::string& name, std::uint64_t bytes_max,
      const std::function<bool(std::string_view)>& take
  );

  /// Each ended by a line feed. After an error the file may hold any part of them, and nothing more is
  /// added (docs/adr/0001-crash-protocol.md).
  Status add(std::string_view lines);
  /// Others in their place, atomically.
  Status replace(std::string_view lines);

 private:
  Lines(disk::Disk& disk, std::string folder, std::string name)
      : disk_(&disk), folder_(std::move(folder)), name_(std::move(name)) {}

  disk::Disk* disk_;
  std::string folder_, name_;
  std::unique_ptr<disk::File> file_;
  std::uint64_t end_ = 0;
  bool failed_ = false;
};

}  // namespace hospes::mail
