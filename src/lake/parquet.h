// A table as the bytes of a Parquet file.
#pragma once

#include <string>

#include "lake/duck.h"

namespace hospes::lake {

/// With the types that its columns name; Zstandard inside. Nothing of it touches a disk. Blocks.
Result<std::string> to_parquet(const Table& table);

}  // namespace hospes::lake
