// The door's index of standing answers: atom → ledger sums, in memory, for all threads that
// collect. It may be behind the ledger, never ahead: the door then only loses bits (design.md rule
// 6). Fed with rows once they are durable, by the door that took them and again by the partition
// that applied them; a row counts once.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "consent/ledger.h"

namespace hospes::consent {

class Permissions {
 public:
  Permissions() = default;
  Permissions(const Permissions&) = delete;
  Permissions& operator=(const Permissions&) = delete;

  /// A durable row. One that is known by its message changes nothing.
  void add(const Row& row);
  /// A whole ledger, at start; replaces what was known of that atom.
  void learn(const Ledger& ledger);
  /// Nothing is known of an erased atom.
  void forget(AtomId atom);

  /// The sums of one atom (no rows in it); null when it never answered. Stays as it is while others
  /// add. Cost: one shared lock and one look-up.
  std::shared_ptr<const Ledger> find(AtomId atom) const;
  /// The sums of one atom as they will be once `coming` is durable too: for what is written in one
  /// piece with those rows. Rows of other atoms and rows that are known already are passed over.
  std::shared_ptr<const Ledger> find(AtomId atom, std::span<const Row> coming) const;
  std::size_t size() const;

 private:
  struct Entry {
    std::shared_ptr<const Ledger> ledger;
    std::vector<Hash128> messages;  // of the rows in it
  };
  struct Shard {
    mutable std::shared_mutex mutex;
    std::unordered_map<AtomId, Entry, HashOfAtom> entries;
  };
  static constexpr std::size_t shards = 64;

  Shard& shard(AtomId atom) { return shards_[atom.lo % shards]; }
  const Shard& shard(AtomId atom) const { return shards_[atom.lo % shards]; }

  std::array<Shard, shards> shards_;
};

}  // namespace hospes::consent
