// One process per folder: a second hospes on the same data or keys is refused, and told who holds
// it.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace hospes::server {

/// Holds `folder`/lock until destroyed; a killed process lets go at once (flock).
class FolderLock {
 public:
  /// Makes the folder when it is missing. conflict names the holder's pid.
  static Result<FolderLock> take(const std::string& folder);
  FolderLock() = default;
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

inline constexpr const char* lock_name = "lock";

}  // namespace hospes::server
