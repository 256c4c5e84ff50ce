// The limits of a pack, read. Private to catalog/.
#pragma once

#include "catalog/retention.h"
#include "catalog/toml_read.h"

namespace hospes::catalog {

Result<PurposeLimit> read_purpose_limit(const Place& place);

}  // namespace hospes::catalog
