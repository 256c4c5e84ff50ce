// The parsed sources.toml as sources. Private to catalog/.
#pragma once

#include "catalog/sources.h"
#include "catalog/toml_read.h"

namespace hospes::catalog {

Status read_sources_table(const Place& place, const Purposes& purposes, Sources& sources);

}  // namespace hospes::catalog
