#include "disk/posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace hospes::disk {
namespace {

/// What the system said about `path`, with what to do where one can.
std::unexpected<Error> fail_errno(int error, const char* doing, const std::string& path) {
  std::string message = std::string("cannot ") + doing + " " + path + ": " + std::strerror(error);
  if (error == ENOENT) return fail(Code::not_found, std::move(message));
  if (error == ENOSPC || error == EDQUOT) message += "; free some space";
  if (error == EACCES || error == EPERM) message += "; give this user the folder";
  if (error == EMFILE || error == ENFILE) message += "; raise the limit of open files (ulimit -n)";
  return fail(Code::unavailable, std::move(message));
}

/// Closes on all paths.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  const int fd_;
};

class PosixFile final : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  Status write(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail_errno(errno, "write", path_);
      if (n == 0) return fail_errno(ENOSPC, "write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(n));
      offset += static_cast<std::uint64_t>(n);
    }
    return {};
  }

  Status sync() override {
    if (::fdatasync(fd_.get()) != 0) return fail_errno(errno, "sync", path_);
    return {};
  }

  Result<std::string> read(std::uint64_t offset, std::size_t size) override {
    std::string bytes(size, '\0');
    std::size_t got = 0;
    while (got < size) {
      const ssize_t n =
          ::pread(fd_.get(), bytes.data() + got, size - got, static_cast<off_t>(offset + got));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail_errno(errno, "read", path_);
      if (n == 0) break;
      got += static_cast<std::size_t>(n);
    }
    bytes.resize(got);
    return bytes;
  }

  Result<std::uint64_t> size() override {
    struct stat st {};
    if (::fstat(fd_.get(), &st) != 0) return fail_errno(errno, "ask the size of", path_);
    return static_cast<std::uint64_t>(st.st_size);
  }

 private:
  const Descriptor fd_;
  const std::string path_;
};

class PosixDisk final : public Disk {
 public:
  PosixDisk(std::string root, unsigned mode) : root_(std::move(root)), mode_(mode) {}

  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override {
    const std::string full = whole(path);
    int flags = O_CLOEXEC | O_RDWR;
    if (mode == Mode::read) flags = O_CLOEXEC | O_RDONLY;
    if (mode == Mode::create) flags |= O_CREAT | O_TRUNC;
    const int fd = ::open(full.c_str(), flags, mode_);
    if (fd < 0) return fail_errno(errno, "open", full);
    return std::unique_ptr<File>(std::make_unique<PosixFile>(fd, full));
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(whole(from).c_str(), whole(to).c_str()) != 0) {
      return fail_errno(errno, "rename", whole(from));
    }
    return {};
  }

  Status remove(const std::string& path) override {
    if (::unlink(whole(path).c_str()) != 0) return fail_errno(errno, "remove", whole(path));
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::vector<std::string> names;
    DIR* dir = ::opendir(whole(folder).c_str());
    if (dir == nullptr && errno == ENOENT) return names;
    if (dir == nullptr) return fail_errno(errno, "list", whole(folder));
    errno = 0;
    while (const dirent* entry = ::readdir(dir)) {
      struct stat st {};
      if (::fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
          S_ISREG(st.st_mode)) {
        names.emplace_back(entry->d_name);
      }
      errno = 0;
    }
    const int error = errno;
    ::closedir(dir);
    if (error != 0) return fail_errno(error, "list", whole(folder));
    std::sort(names.begin(), names.end());
    return names;
  }

  Status make_folder(const std::string& folder) override {
    const std::string full = whole(folder);
    for (std::size_t end = full.find('/', 1);; end = full.find('/', end + 1)) {
      const std::string part = full.substr(0, end);
      if (::mkdir(part.c_str(), 0700) == 0) {
        const std::size_t slash = part.rfind('/');
        TRY(sync_path(slash == 0 || slash == std::string::npos ? "/" : part.substr(0, slash)));
      } else if (errno != EEXIST) {
        return fail_errno(errno, "make", part);
      }
      if (end == std::string::npos) return {};
    }
  }

  Status sync_folder(const std::string& folder) override { return sync_path(whole(folder)); }

  Result<std::uint64_t> free_bytes() override {
    struct statvfs st {};
    if (::statvfs(root_.c_str(), &st) != 0) return fail_errno(errno, "ask the room on", root_);
    return static_cast<std::uint64_t>(st.f_bavail) * st.f_frsize;
  }

 private:
  std::string whole(const std::string& path) const {
    check(path.find("..") == std::string::npos, "disk: a path leaves its root");
    return path.empty() ? root_ : root_ + "/" + path;
  }

  static Status sync_path(const std::string& full) {
    const Descriptor fd(::open(full.c_str(), O_CLOEXEC | O_RDONLY | O_DIRECTORY));
    if (fd.get() < 0) return fail_errno(errno, "open", full);
    if (::fsync(fd.get()) != 0) return fail_errno(errno, "sync", full);
    return {};
  }

  const std::string root_;
  const unsigned mode_;  // absolute
};

}  // namespace

Result<std::unique_ptr<Disk>> open_posix_disk(const std::string& root, unsigned mode) {
  std::string absolute = root;
  if (root.empty() || root.front() != '/') {
    char here[4096];
    if (::getcwd(here, sizeof here) == nullptr) return fail_errno(errno, "find", "this folder");
    absolute = std::string(here) + "/" + root;
  }
  while (absolute.size() > 1 && absolute.back() == '/') absolute.pop_back();
  auto disk = std::make_unique<PosixDisk>(absolute, mode);
  TRY(disk->make_folder(""));
  return std::unique_ptr<Disk>(std::move(disk));
}

}  // namespace hospes::disk
