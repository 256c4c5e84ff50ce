// Batches of a CSV, of NDJSON, and of what a guest took away.
#pragma once

#include <memory>

#include "intake/carry.h"
#include "intake/facts.h"
#include "intake/layout.h"
#include "intake/takeaway.h"

namespace hospes::intake {

/// All that is given outlives it.
Result<std::unique_ptr<Supply>> supply_table(
    const std::string& path, const TableFacts& facts, const Layout& layout,
    const Manifest& manifest, const std::string& id_root
);
Result<std::unique_ptr<Supply>> supply_lines(
    const std::string& path, const Manifest& manifest, const std::string& at,
    const std::string& id_root
);
/// `own`: it was taken from this very house, so the yeses in it were given to it.
std::unique_ptr<Supply> supply_takeaway(
    const Takeaway& takeaway, bool own, const Manifest& manifest, const std::string& id_root
);

}  // namespace hospes::intake
