// A file of the house's folder, written together with what is in force.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "disk/disk.h"

namespace hospes::portal {

/// conflict when the folder cannot be written, with what would let the house write there.
Status write_house_file(disk::Disk& folder, std::string_view file, const std::string& text);

}  // namespace hospes::portal
