#include "server/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/hash.h"
#include "server/folder_lock.h"

namespace hospes::server {
namespace {

namespace fs = std::filesystem;

constexpr const char* manifest_name = "MANIFEST";
constexpr std::string_view magic = "hospes-backup 1 ";
constexpr std::size_t piece_bytes = 1 << 20;
constexpr std::uintmax_t manifest_bytes_max = 64 << 20;

struct Entry {
  std::string path;  // below the folder
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
};

std::unexpected<Error> fail_errno(std::string_view doing, const fs::path& path) {
  return fail(
      Code::unavailable, fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(errno))
  );
}

class File {
 public:
  static Result<File> open(const fs::path& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (fd < 0) return fail_errno("open", path);
    return File(fd, path);
  }
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
  File& operator=(File&&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }

  Result<std::size_t> read(std::string& piece) {
    piece.resize(piece_bytes);
    const ssize_t n = ::read(fd_, piece.data(), piece.size());
    if (n < 0) return fail_errno("read", path_);
    piece.resize(static_cast<std::size_t>(n));
    return static_cast<std::size_t>(n);
  }
  Status write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n <= 0) return fail_errno("write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
  }
  /// Durable, and out of the cache: who reads it next reads the disk.
  Status sync() {
    if (::fsync(fd_) != 0) return fail_errno("sync", path_);
    ::posix_fadvise(fd_, 0, 0, POSIX_FADV_DONTNEED);
    return {};
  }

 private:
  File(int fd, fs::path path) : fd_(fd), path_(std::move(path)) {}
  int fd_;
  fs::path path_;
};

Status sync_folder(const fs::path& folder) {
  auto opened = TRY(File::open(folder, O_RDONLY | O_DIRECTORY));
  return opened.sync();
}

Status make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (!error) return {};
  return fail(
      Code::unavailable, fmt::format("cannot make {}: {}", folder.string(), error.message())
  );
}

/// Copies, syncs and tells size and CRC. `to` empty: only reads.
Result<Entry> copy(const fs::path& from, const fs::path& to, std::string path) {
  Entry entry{std::move(path), 0, 0};
  auto in = TRY(File::open(from, O_RDONLY));
  std::optional<File> out;
  if (!to.empty()) out.emplace(TRY(File::open(to, O_WRONLY | O_CREAT | O_EXCL)));
  for (std::string piece; TRY(in.read(piece)) > 0;) {
    entry.crc = crc32c(piece, entry.crc);
    entry.size += piece.size();
    if (out) TRY(out->write(piece));
  }
  if (out) TRY(out->sync());
  return entry;
}

/// The token and the sessions are secrets of the running house, spares mean nothing, locks are the
/// process's.
bool kept(BackupOf of, const std::string& path) {
  if (of == BackupOf::keys)
    return (path.starts_with("keys/") || path.starts_with("receipts/") || path.starts_with("evidence/")) && !path.ends_with(".new");
  if (path.starts_with("receipts/")) return path.starts_with("receipts/segment-");
  if (path.starts_with("log/")) return path.starts_with("log/segment-");
  if (path.starts_with("evidence/")) return true;
  if (path.starts_with("erasure/")) return !path.ends_with(".new");
  return path == "identifiers" || (path.starts_with("store/") && path != "store/LOCK");
}

Result<std::vector<std::string>> files_of(const fs::path& folder, BackupOf of) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file(error)) continue;
    std::string path = fs::relative(at->path(), folder, error).string();
    if (kept(of, path)) paths.push_back(std::move(path));
  }
  if (error) {
    return fail(
        Code::unavailable, fmt::format("cannot list {}: {}", folder.string(), error.message())
    );
  }
  std::ranges::sort(paths);
  return paths;
}

Status check_empty(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error) || fs::is_empty(folder, error)) return {};
  return fail(Code::conflict, fmt::format("{} is not empty; name a new folder", folder.string()));
}

std::string_view word(BackupOf of) { return of == BackupOf::data ? "data" : "keys"; }

std::string manifest_of(const std::vector<Entry>& entries, BackupOf of, Instant made) {
  std::string text = fmt::format("{}{} {}\n", magic, word(of), to_string(made));
  for (const Entry& e : entries) text += fmt::format("{:08x} {} {}\n", e.crc, e.size, e.path);
  return text + fmt::format("end {:08x}\n", crc32c(text));
}

std::unexpected<Error> damaged(const fs::path& folder, std::string_view what) {
  return fail(
      Code::corrupt, fmt::format("the backup in {} is not whole: {}", folder.string(), what)
  );
}

Result<Entry> parse_line(std::string_view line, const fs::path& folder) {
  Entry e;
  const auto crc = std::from_chars(line.data(), line.data() + line.size(), e.crc, 16);
  const char* const end = line.data() + line.size();
  const auto size = crc.ptr < end ? std::from_chars(crc.ptr + 1, end, e.size)
                                  : std::from_chars_result{end, std::errc::invalid_argument};
  if (crc.ec != std::errc() || size.ec != std::errc() || size.ptr == end)
    return damaged(folder, "a line of its manifest cannot be read");
  e.path.assign(size.ptr + 1, end);
  if (e.path.empty() || e.path.front() == '/' || e.path.find("..") != e.path.npos)
    return damaged(folder, "its manifest names a path outside of it");
  return e;
}

Result<std::vector<Entry>> read_manifest(const fs::path& folder, BackupOf of) {
  const fs::path path = folder / manifest_name;
  std::error_code error;
  if (!fs::exists(path, error)) {
    return fail(
        Code::not_found, fmt::format(
                             "{} holds no backup: it has no {}. A backup that was cut short has "
                             "none either",
                             folder.string(), manifest_name
                         )
    );
  }
  if (fs::file_size(path, error) > manifest_bytes_max || error)
    return damaged(folder, "its manifest has no sensible size");
  std::string text;
  auto file = TRY(File::open(path, O_RDONLY));
  for (std::string piece; TRY(file.read(piece)) > 0;) text += piece;
  const std::size_t end = text.rfind("end ");
  const std::string body = text.substr(0, end == text.npos ? 0 : end);
  if (body.empty() || text.substr(end) != fmt::format("end {:08x}\n", crc32c(body)))
    return damaged(folder, "its manifest is cut or changed");
  const std::string head = fmt::format("{}{} ", magic, word(of));
  if (!body.starts_with(head)) {
    return fail(
        Code::invalid_input,
        fmt::format("{} is no backup of {}, or of another version", folder.string(), word(of))
    );
  }
  std::vector<Entry> entries;
  for (std::size_t at = body.find('\n') + 1; at < body.size();) {
    const std::size_t next = body.find('\n', at);
    entries.push_back(TRY(parse_line(std::string_view(body).substr(at, next - at), folder)));
    at = next + 1;
  }
  return entries;
}

Status check_entry(const Entry& found, const Entry& wanted, const fs::path& folder) {
  if (found.size != wanted.size) {
    return damaged(
        folder, fmt::format("{} has {} bytes, not {}", wanted.path, found.size, wanted.size)
    );
  }
  if (found.crc != wanted.crc) return damaged(folder, wanted.path + " has changed");
  return {};
}

Status sync_all(const fs::path& folder) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_directory(error)) TRY(sync_folder(at->path()));
  }
  return sync_folder(folder);
}

BackupSize size_of(const std::vector<Entry>& entries) {
  BackupSize size{entries.size(), 0};
  for (const Entry& e : entries) size.bytes += e.size;
  return size;
}

}  // namespace

Result<BackupSize> back_up(
    const std::string& from, const std::string& to, BackupOf of, Instant made
) {
  std::error_code error;
  if (!fs::is_directory(from, error))
    return fail(Code::not_found, fmt::format("{} is no folder of a house", from));
  TRY(check_empty(to));
  const FolderLock lock = TRY(FolderLock::take(from));
  const auto paths = TRY(files_of(from, of));
  if (paths.empty())
    return fail(Code::not_found, fmt::format("{} holds no {} of a house", from, word(of)));
  std::vector<Entry> entries;
  for (const std::string& path : paths) {
    TRY(make_folder((fs::path(to) / path).parent_path()));
    entries.push_back(TRY(copy(fs::path(from) / path, fs::path(to) / path, path)));
  }
  TRY(sync_all(to));
  for (const Entry& e : entries) {  // what stands there, not what was meant to
    const Entry found = TRY(copy(fs::path(to) / e.path, "", e.path));
    TRY(check_entry(found, e, to));
  }
  {
    auto manifest = TRY(File::open(fs::path(to) / manifest_name, O_WRONLY | O_CREAT | O_EXCL));
    TRY(manifest.write(manifest_of(entries, of, made)));
    TRY(manifest.sync());
  }
  TRY(sync_folder(to));
  return size_of(entries);
}

Result<BackupSize> restore(const std::string& from, const std::string& to, BackupOf of) {
  const auto entries = TRY(read_manifest(from, of));
  TRY(check_empty(to));
  fs::path target = fs::absolute(to);
  if (!target.has_filename()) target = target.parent_path();
  const fs::path fresh = target.string() + ".restoring";
  std::error_code error;
  fs::remove_all(fresh, error);
  TRY(make_folder(fresh));
  for (const Entry& e : entries) {
    if (!fs::exists(fs::path(from) / e.path, error)) return damaged(from, e.path + " is missing");
    TRY(make_folder((fresh / e.path).parent_path()));
    const Entry found = TRY(copy(fs::path(from) / e.path, fresh / e.path, e.path));
    TRY(check_entry(found, e, from));
  }
  TRY(sync_all(fresh));
  fs::remove(target, error);  // an empty one
  fs::rename(fresh, target, error);
  if (error) {
    return fail(
        Code::unavailable, fmt::format("cannot name it {}: {}", target.string(), error.message())
    );
  }
  TRY(sync_folder(target.parent_path()));
  return size_of(entries);
}

}  // namespace hospes::server
