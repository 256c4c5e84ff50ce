// The parsed decisions.toml as decisions. Private to catalog/.
#pragma once

#include "catalog/decisions.h"
#include "catalog/toml_read.h"

namespace hospes::catalog {

Result<Decisions> read_decisions(const Place& place, const Purposes& purposes);

}  // namespace hospes::catalog
