// The key store on disk. Grammar and protocol: docs/formats/keys.md.
#pragma once

#include <memory>
#include <string_view>

#include "disk/disk.h"
#include "seal/keys.h"

namespace hospes::seal {

struct KeyFileOptions {
  std::size_t atoms_max = 50'000'000;
};

/// Opens, or makes on first use, the store in the root of `disk` (the keys folder). corrupt, with
/// file and place, when a file is damaged where a crash cannot have made it.
Result<std::unique_ptr<KeyStore>> open_key_file(disk::Disk& disk, KeyFileOptions options);

/// Keys and data lie in folders of which neither contains the other: else a copy of the data
/// carries its keys. conflict says what to change. Both absolute.
Status apart(std::string_view keys_folder, std::string_view data_folder);

}  // namespace hospes::seal
