// A zip file (PKWARE APPNOTE 6.3.10) whose files are stored as they are, so that no reader can fail on it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace hospes::zip {

struct File {
  std::string name, bytes;
};

/// Method 0: no compression. `at`: when its files were made, UTC. Precondition: below 4 GB in all, at most 65,535 files.
std::string stored(const std::vector<File>& files, Instant at);

/// What `stored` wrote. invalid_input: no zip, cut, a byte changed (CRC-32), compressed, encrypted, or two of one name: what
/// is not inflated cannot blow up, and all files together are not larger than `bytes`. Cost: one pass and one copy.
Result<std::vector<File>> read_stored(std::string_view bytes);

}  // namespace hospes::zip
