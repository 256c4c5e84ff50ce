// For who looks for what should not be there: every record that proves itself in a file, whatever
// life of the file it is of.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "disk/disk.h"

namespace hospes::log {

/// Visits records wherever they stand in `path`: of the log as it is, of what was cut off, of what a
/// recycled file left. Marks are left out. Cost: a look at every byte; the file in memory.
Status dig(
    disk::Disk& disk, const std::string& path, const std::function<void(std::string_view payload)>& visit
);

}  // namespace hospes::log
