#include "disk/disk.h"

namespace hospes::disk {

Result<std::string> read_all(Disk& disk, const std::string& path, std::uint64_t bytes_max) {
  const auto file = TRY(disk.open(path, Mode::read));
  const std::uint64_t size = TRY(file->size());
  if (size > bytes_max) return fail(Code::over_limit, path + " is larger than expected");
  std::string bytes = TRY(file->read(0, size));
  if (bytes.size() != size) return fail(Code::corrupt, path + " became shorter while it was read");
  return bytes;
}

Status replace(
    Disk& disk, const std::string& folder, const std::string& name, std::string_view bytes
) {
  const std::string path = folder.empty() ? name : folder + "/" + name;
  {
    const auto file = TRY(disk.open(path + ".new", Mode::create));
    TRY(file->write(0, bytes));
    TRY(file->sync());
  }
  TRY(disk.rename(path + ".new", path));
  return disk.sync_folder(folder);
}

}  // namespace hospes::disk
