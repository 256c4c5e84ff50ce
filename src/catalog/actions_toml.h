// The parsed actions.toml as actions. Private to catalog/.
#pragma once

#include "catalog/actions.h"
#include "catalog/toml_read.h"

namespace hospes::catalog {

Result<Actions> read_actions(const Place& place, const Purposes& purposes);

}  // namespace hospes::catalog
