// The key store on disk, inside. Makers stage entries in memory; `sync` writes
// what is staged, one caller for all.
//
// Invariants:
// 1. Entries are written to the current epoch only, in the order staged; one
// commit is in flight at a time.
// 2. Every file but the current ends in an end mark: what else is torn there
// was not torn by a crash.
// 3. A new file that replaces an epoch counts from the moment its name stands;
// the old key is scrubbed after, again at start
//    if a crash came between.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "seal/directory.h"
#include "seal/key_file.h"
#include "seal/key_folder.h"

namespace hospes::seal {

class FileKeys final : public KeyStore {
 public:
  FileKeys(disk::Disk& disk, KeyFileOptions options);

  /// Before anything else.
  Status open();

  Result<std::vector<Atom>> resolve(std::span<const Identifier> identifiers, Instant now) override;
  Result<std::optional<Atom>> find(const Identifier& identifier) override;
  Status sync() override;
  Result<Key> key(AtomId atom) override;
  Result<Identifier> reveal(AtomId atom) override;
  Status destroy(AtomId atom) override;
  std::size_t size() const override { return directory_.size(); }
  const HashSecret& house_secret() const override { return folder_.house_secret(); }
  Status health() const override;

 private:
  using Lock = std::unique_lock<std::mutex>;
  /// How far the whole commits of a file reach.
  struct Reach {
    std::uint32_t start = atoms_header_bytes;  // of the last commit
    std::uint32_t end = atoms_header_bytes;
    std::uint32_t commit = 0;
    bool closed = false;
  };

  Hash128 hash_of(const Identifier& identifier) const;
  Status check_size(const Identifier& identifier) const;
  // With mutex_ held:
  Status usable() const;
  Status check_room() const;
  Status prepare_epoch(Lock& lock, Instant now);
  Status check_limits(std::span<const Hash128> hashes, std::span<const std::size_t> unknown) const;
  Atom make(const Identifier& identifier, Hash128 hash, Instant now);
  Status flush(Lock& lock);
  Status quiesce(Lock& lock);
  Status close_current();
  Status rewrite(std::uint32_t number, const std::set<AtomId>& victims);
  Status rewrite_or_fail(std::uint32_t number, const std::set<AtomId>& victims);
  std::string rewrap(
      const Epoch& old, std::string_view content, const std::set<AtomId>& victims, Epoch& fresh,
      std::vector<std::pair<AtomId, std::uint32_t>>& moved
  ) const;
  void set_current(std::uint32_t number, std::uint32_t commit);
  Result<std::string> sealed_at(const Row& row);
  Result<Reach> read_entries(Epoch& epoch, std::string_view content);
  Status take_up(Epoch& epoch, const Reach& reach, std::string_view content);

  disk::Disk& disk_;
  const KeyFileOptions options_;
  KeyFolder folder_;
  Directory directory_;  // adds and removes with mutex_ held

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable flushed_;
  Status failed_;  // sticky
  std::map<std::uint32_t, Epoch> epochs_;
  std::uint32_t current_ = 0;  // 0: none yet
  std::uint32_t commit_ = 1;   // of what is staged
  std::string staged_;
  std::size_t staged_last_ = 0;     // where its last entry begins
  std::uint32_t staged_place_ = 0;  // in the file
  std::string flight_;              // being written
  std::uint32_t flight_place_ = 0;
  bool flushing_ = false;
  std::uint64_t made_ = 0;     // entries ever staged
  std::uint64_t durable_ = 0;  // of them
};

}  // namespace hospes::seal
