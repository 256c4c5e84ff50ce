// A zip file (PKWARE APPNOTE 6.3.10) whose files are stored as they are, so that no reader can fail on it.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace hospes::zip {

struct File {
  std::string name, bytes;
};

/// Method 0: no compression. `at`: when its files were made, UTC. Precondition: below 4 GB in all, at most 65,535 files.
std::string stored(const std::vector<File>& files, Instant at);

}  // namespace hospes::zip
