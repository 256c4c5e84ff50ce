// The files of the key store and the order in which they are made and
// destroyed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "disk/disk.h"
#include "seal/key_format.h"

namespace hospes::seal {

/// One file of atoms and the key that wraps theirs.
struct Epoch {
  AtomsHeader header;
  Key key;
  std::shared_ptr<disk::File> file;
  std::size_t atoms = 0;
  std::uint32_t end = 0;   // where the next entry goes
  std::uint32_t room = 0;  // written through up to here
};

class KeyFolder {
 public:
  KeyFolder(disk::Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}

  /// Makes the folder, master key and secrets when nothing is there yet; finishes a change of master
  /// that a crash cut short.
  Status open();
  /// Removes what a crash left half done; gives the numbers of the epochs that
  /// count, ascending.
  Result<std::vector<std::uint32_t>> tidy();
  /// Its `content` is the whole file.
  Result<Epoch> load(std::uint32_t number, std::string& content);
  /// Durable, key first, before it counts. `entries` follow the header. Wraps
  /// nothing: the key is in `epoch`.
  Status begin(Epoch& epoch, std::string_view entries);
  /// Overwrites and unlinks the key, unlinks the atoms. Durable when it
  /// returns.
  Status scrub(std::uint32_t number);

  const HashSecret& house_secret() const { return house_; }
  const HashSecret& directory_secret() const { return directory_; }
  std::string atoms_path(std::uint32_t number) const;
  std::uint32_t next_number() { return next_++; }

  /// Everything that the master key seals is sealed by a new one, and the old one is overwritten. Durable
  /// when it returns; cut short anywhere, the next open finishes it. After open() and tidy().
  Status change_master();

 private:
  Status finish_change();
  Status seal_anew(const std::string& file, std::string_view magic, std::string_view name, const Key& next);
  Status make_secrets(bool have_master);
  std::string key_path(std::uint32_t number) const;

  disk::Disk& disk_;
  const std::string folder_;
  Key master_;
  HashSecret house_;
  HashSecret directory_;
  std::uint32_t next_ = 1;
};

}  // namespace hospes::seal
