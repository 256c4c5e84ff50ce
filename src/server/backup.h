// Cold backups of a folder: every file copied, synced, read back and compared, with a manifest that
// restore believes nothing without. docs/formats/backup.md. Data and keys are two backups, kept
// apart: who finds the one reads nothing.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace hospes::server {

struct BackupSize {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

enum class BackupOf : unsigned char { data, keys };

/// Copies what must be kept of `from` into `to`, which must not exist or be empty. Only while no
/// hospes holds `from` (conflict names its pid). What is in `to` counts once the manifest stands.
Result<BackupSize> back_up(
    const std::string& from, const std::string& to, BackupOf of, Instant made
);

/// Makes `to` (which must not exist, or be empty) as the manifest in `from` says: whole or not at
/// all. corrupt names the file that is missing, cut or changed.
Result<BackupSize> restore(const std::string& from, const std::string& to, BackupOf of);

}  // namespace hospes::server
