#include "portal/house_file.h"

#include <fmt/format.h>

namespace hospes::portal {

Status write_house_file(disk::Disk& folder, std::string_view file, const std::string& text) {
  if (Status written = disk::replace(folder, "", std::string(file), text); !written)
    return fail(
        Code::conflict,
        fmt::format(
            "the house's folder cannot be written ({}): let the house write {} there, or edit it by "
            "hand and restart",
            written.error().message, file
        )
    );
  return {};
}

}  // namespace hospes::portal
