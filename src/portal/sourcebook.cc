#include "portal/sourcebook.h"

#include <fmt/format.h>

#include "portal/house_file.h"

namespace hospes::portal {

Status Sourcebook::change(const Edit& edit) {
  const std::lock_guard lock(changing_);
  const std::string file(catalog::sources_file);
  auto read = disk::read_all(folder_, file, catalog::sources_bytes_max);
  if (!read && read.error().code == Code::not_found) read = std::string();
  const std::string before = TRY(std::move(read));
  const auto said = catalog::read_sources(before, purposes_);
  if (!said) return fail(Code::conflict, said.error().message + "; mend the file first");
  if (said->rows() != sources_.now()->rows())
    return fail(
        Code::conflict,
        fmt::format(
            "{} in the house's folder was edited since the house took it: restart the house, or undo "
            "that edit, then try again",
            file
        )
    );
  const std::string after = TRY(edit(before));
  catalog::Sources next = TRY(catalog::read_sources(after, purposes_));
  TRY(write_house_file(folder_, file, after));
  sources_.replace(std::move(next));
  return {};
}

}  // namespace hospes::portal
