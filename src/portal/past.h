// What was in a file of definitions before: one line of JSON a change, newest last, beside the file.
// Private to portal/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "disk/disk.h"

namespace hospes::portal {

inline constexpr std::string_view past_file = "segments.past";
inline constexpr std::size_t past_bytes_max = 8 << 20;  // beyond, the oldest half is forgotten
inline constexpr std::size_t versions_max = 100;        // of one definition that are told

struct Version {
  Instant at;
  std::string id;
  std::string by;    // session or token
  std::string text;  // canonical; empty: archived
  bool operator==(const Version&) const = default;
};

/// Of one definition, the newest first. What does not read is left out: people may edit the file.
Result<std::vector<Version>> versions_of(disk::Disk& folder, std::string_view id);
/// Adds one. `before`: the definition as it stood, added as a version of its own when none is known.
Status remember(disk::Disk& folder, const Version& version, std::string_view before);

}  // namespace hospes::portal
