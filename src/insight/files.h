// The room's one door: files in, plain or gzip. All else in insight/ only computes.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "insight/columns.h"

namespace hospes::insight {

inline constexpr std::size_t file_bytes_max = std::size_t{2} << 30;  // inflated, all files together

/// Reads the files as one table. not_found names the file; over_limit beyond `file_bytes_max`.
Result<Columns> read_files(const std::vector<std::string>& paths);

}  // namespace hospes::insight
