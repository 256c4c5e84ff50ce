#include "collect/tombstones.h"

#include <algorithm>
#include <mutex>

namespace hospes::collect {

void Tombstones::add(Hash128 of, Instant erased) {
  if (of == Hash128{}) return;
  const std::lock_guard lock(mutex_);
  const auto [at, first] = erased_.try_emplace(of, erased);
  if (!first) at->second = std::max(at->second, erased);
  size_.store(erased_.size(), std::memory_order_relaxed);
}

bool Tombstones::cover(const Identifier& identifier, Instant happened) const {
  if (size() == 0) return false;
  const Hash128 of = tombstone_hash(secret_, identifier.kind, identifier.value);
  const std::shared_lock lock(mutex_);
  const auto at = erased_.find(of);
  return at != erased_.end() && happened <= at->second;
}

}  // namespace hospes::collect
