// Who was erased, as keyed hashes: what happened to them before, and comes late, is not taken
// (design.md section 2: nothing of an erased person can be read any more). Shared by all threads
// that collect.
#pragma once

#include <atomic>
#include <shared_mutex>
#include <unordered_map>

#include "collect/hash.h"

namespace hospes::collect {

class Tombstones {
 public:
  explicit Tombstones(const HashSecret& secret) : secret_(secret) {}

  /// Of an identifier (tombstone_hash), erased at that instant; the last erasure counts.
  void add(Hash128 of, Instant erased);
  /// Whether that happened before the identifier was erased. Cost: one load while nobody was.
  bool cover(const Identifier& identifier, Instant happened) const;
  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  const HashSecret& secret_;
  std::atomic<std::size_t> size_{0};
  mutable std::shared_mutex mutex_;
  std::unordered_map<Hash128, Instant, HashOfHash> erased_;  // guarded by mutex_
};

}  // namespace hospes::collect
