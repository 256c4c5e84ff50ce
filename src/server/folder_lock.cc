#include "server/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace hospes::server {

Result<FolderLock> FolderLock::take(const std::string& folder) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(folder, error);
  if (made) ::chmod(folder.c_str(), 0700);
  const std::string path = folder + "/" + lock_name;
  const int fd = error ? -1 : ::open(path.c_str(), O_CLOEXEC | O_RDWR | O_CREAT, 0600);
  if (fd < 0) {
    return fail(
        Code::unavailable,
        fmt::format(
            "{} cannot be used: {}. Give this user the folder, or name another in hospes.toml",
            folder, error ? error.message() : std::strerror(errno)
        )
    );
  }
  FolderLock lock(fd);
  char holder[32] = {};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const auto size = ::pread(fd, holder, sizeof holder - 1, 0);
    const std::string pid(holder, size > 0 ? static_cast<std::size_t>(size) : 0);
    return fail(
        Code::conflict,
        fmt::format(
            "{} is in use by hospes (pid {}). Stop that one first, or name another folder in "
            "hospes.toml",
            folder, pid.empty() ? "unknown" : pid
        )
    );
  }
  const std::string pid = std::to_string(::getpid());
  const bool told [[maybe_unused]] =
      ::ftruncate(fd, 0) == 0 && ::pwrite(fd, pid.data(), pid.size(), 0) > 0;
  return lock;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace hospes::server
