// What stands on disk when a log is opened, made ready to be appended to.
//
// Invariants of what a crash can leave (docs/formats/log.md):
// 1. Commit numbers grow along the log. Commit c+1 is written only after c is durable.
// 2. So damage by a crash lies in the last commit. A whole record of a commit two or more after the
// last whole commit, found
//    behind damage, proves that synced bytes changed: corrupt, never cut.
// 3. A commit counts only whole (its last record is flagged): entries of one append come back
// together or not at all.
// 4. Before anything is appended, a mark, a commit of its own, stands durably where the log was
// cut. Commits behind it have
//    higher numbers, so what the torn commit left there never counts again.
// 5. The last commit is written again before that sync: after a kill, or a failed sync, it may
// stand in the page cache only.
#pragma once

#include <memory>
#include <vector>

#include "log/local_log.h"
#include "log/segment.h"
#include "log/spares.h"

namespace hospes::log {

struct Recovered {
  std::vector<std::shared_ptr<const Segment>> segments;  // ascending, at least one
  std::uint64_t end = 0;            // where the next record goes, in the last segment
  std::uint64_t commit = 0;         // last one used
  std::vector<std::uint64_t> last;  // per partition: offset of its last record
};

Result<Recovered> recover(disk::Disk& disk, Spares& spares, const Options& options);

/// Appends an empty segment after the last of `segments`.
Status add_segment(disk::Disk& disk, Spares& spares, const Options& options, Recovered& log);

/// A mark, as bytes.
std::string mark(std::uint64_t commit, std::uint64_t offset, bool end);

}  // namespace hospes::log
