// Who was erased, as a house's transparency log says it: what a restore must heed. docs/rights.md.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/ids.h"

namespace hospes::server {

/// The random ids of every erasure in `folder`/receipts: of a data folder, or of a data backup.
/// not_found when there is no such log.
Result<std::vector<AtomId>> erased_in(const std::string& folder);

/// Destroys their keys in the key folder, durably; how many were there.
Result<std::size_t> destroy_keys(const std::string& keys_folder, const std::vector<AtomId>& erased);

}  // namespace hospes::server
