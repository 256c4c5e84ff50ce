// The disk as log and key store see it: few operations, each of which may fail, and nothing durable
// before it is synced. Implementations: PosixDisk (a folder) and MemoryDisk (its twin, which
// crashes and fails on demand).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hospes::disk {

/// One open file. Thread-safe; writes and reads at different places do not disturb each other.
class File {
 public:
  virtual ~File() = default;

  /// All of `bytes` at `offset` or an error; after an error any part of it may be there. A gap
  /// before it reads as zeros.
  virtual Status write(std::uint64_t offset, std::string_view bytes) = 0;
  /// All writes so far are durable when it succeeds (fdatasync). After a failure nobody knows what
  /// the disk holds, and a later success says nothing about the writes before it: never try again,
  /// see docs/adr/0001-crash-protocol.md.
  virtual Status sync() = 0;
  /// Up to `size` bytes from `offset`; fewer only at the end of the file.
  virtual Result<std::string> read(std::uint64_t offset, std::size_t size) = 0;
  virtual Result<std::uint64_t> size() = 0;
};

enum class Mode : unsigned char {
  read,    // must exist
  write,   // must exist; read and write
  create,  // made empty, or emptied; read and write. Its name is durable after sync_folder.
};

/// Paths are relative, `/` between folder and name, never `..`. Files are 0600, unless the disk was
/// opened for others to read, and folders 0700.
class Disk {
 public:
  virtual ~Disk() = default;

  /// not_found when it must exist and does not.
  virtual Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) = 0;
  /// Replaces `to` if it exists, atomically. Durable after sync_folder.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  /// Durable after sync_folder. not_found when there is none.
  virtual Status remove(const std::string& path) = 0;
  /// Names of the files (not folders) in it, ascending. Empty when there is no such folder.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  /// With its parents; durable when it returns. No error when it exists.
  virtual Status make_folder(const std::string& folder) = 0;
  /// All names made, renamed and removed in the folder so far are durable when it succeeds.
  virtual Status sync_folder(const std::string& folder) = 0;
  /// Room left for this process.
  virtual Result<std::uint64_t> free_bytes() = 0;
};

/// Everything in a file. over_limit when it is larger than `bytes_max`.
Result<std::string> read_all(Disk& disk, const std::string& path, std::uint64_t bytes_max);

/// `bytes` stand under `folder`/`name` atomically and durably when it returns: a crash leaves the
/// old file or the new one. Uses `name` + ".new", which a crash may leave behind.
Status replace(
    Disk& disk, const std::string& folder, const std::string& name, std::string_view bytes
);

}  // namespace hospes::disk
