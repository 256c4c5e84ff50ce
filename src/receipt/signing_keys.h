// The private key of a transparency log, in the folder of the keys: `receipts/signing.key`, and
// `receipts/signing.next` while one follows the other.
//
//   file = "hospes signing key 1\n" verifier "\n" base64(seed) "\n"
#pragma once

#include <optional>

#include "base/result.h"
#include "disk/disk.h"
#include "receipt/note.h"

namespace hospes::receipt {

enum class Which : unsigned char { current, next };

/// Nothing when there is no such file; corrupt when it is damaged.
Result<std::optional<Signer>> read_signer(disk::Disk& disk, Which which);
/// Durable when it returns.
Status write_signer(disk::Disk& disk, Which which, const Signer& signer);
/// Overwrites and removes `signing.next`, if there is one.
Status drop_next(disk::Disk& disk);
/// Of random bytes; on no disk yet.
Signer make_signer(std::string name);

}  // namespace hospes::receipt
