// Everything known of one guest as one zip (GDPR art. 15 and 20): JSON and NDJSON that anybody can
// read, with what each file is and its SHA-256 in the manifest.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "guest/acts.h"
#include "zip/zip.h"

namespace hospes::guest {

/// The files; asks the partition once for the whole person and once for the why of each group.
/// not_found: nobody is there any more. Cost: some 100 ms for 100,000 events.
Result<std::vector<zip::File>> takeaway(const Doors& doors, const Session& session);

}  // namespace hospes::guest
