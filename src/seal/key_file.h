// The key store on disk: a folder of its own, sealed by a master key in it.
// docs/formats/keys.md, design.md rule 13.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "disk/disk.h"
#include "seal/keys.h"

namespace hospes::seal {

struct KeyFileOptions {
  std::string folder = "keys";  // below the disk's root
  std::size_t atoms_max = 50'000'000;
  std::size_t epoch_atoms_max = 200'000;  // to destroy a key costs a rewrite of
                                          // its epoch: about 2 µs per atom in it
  std::size_t epoch_atoms_min =
      4096;  // a new day begins a new epoch once the present one holds so many
  std::size_t staged_bytes_max = std::size_t{64} << 20;  // made, not yet synced
  std::size_t identifier_bytes_max = 4096;
  std::size_t grow_bytes = std::size_t{1} << 20;  // written ahead: a sync then commits no metadata
  std::uint64_t free_bytes_min = 0;  // below it no atom is made; it resumes by itself
};

/// Makes the folder, the master key and the secrets at first start. Cuts a torn
/// tail, finishes a destruction that a crash interrupted. corrupt, with file
/// and place, when damage is found where a crash cannot have made it. `disk`
/// must outlive it. After a failed write or sync it makes and destroys nothing
/// any more, until restart.
Result<std::unique_ptr<KeyStore>> open_key_file(disk::Disk& disk, KeyFileOptions options);

/// A new master key in the place of the old, which is overwritten. Of a house that is stopped. The key
/// store's backups so far open with the old one only.
Status change_master_key(disk::Disk& disk, const KeyFileOptions& options);

/// conflict when one folder lies in the other, or both are one: who copies the
/// data must not get the keys.
Status apart(const std::string& path_keys, const std::string& path_data);

}  // namespace hospes::seal
