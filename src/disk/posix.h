// The real disk: files below one folder, by plain pread, pwrite, fdatasync (docs/reference:
// io_uring gives one writer nothing).
#pragma once

#include <string>

#include "disk/disk.h"

namespace hospes::disk {

/// Makes `root` (0700) when it is missing. New files bear `mode`, as far as the umask lets them.
Result<std::unique_ptr<Disk>> open_posix_disk(const std::string& root, unsigned mode = 0600);

}  // namespace hospes::disk
