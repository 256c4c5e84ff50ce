#include "consent/permissions.h"

#include <algorithm>
#include <mutex>

namespace hospes::consent {

void Permissions::add(const Row& row) {
  Shard& s = shard(row.atom);
  const std::unique_lock lock(s.mutex);
  Entry& entry = s.entries[row.atom];
  if (std::ranges::find(entry.messages, row.message) != entry.messages.end()) return;
  const auto next =
      entry.ledger ? std::make_shared<Ledger>(*entry.ledger) : std::make_shared<Ledger>(row.atom);
  next->sum(row);
  entry.ledger = next;
  entry.messages.push_back(row.message);
}

void Permissions::learn(const Ledger& ledger) {
  Entry entry;
  const auto sums = std::make_shared<Ledger>(ledger.atom());
  for (const Row& row : ledger.rows()) {
    sums->sum(row);
    entry.messages.push_back(row.message);
  }
  entry.ledger = sums;
  Shard& s = shard(ledger.atom());
  const std::unique_lock lock(s.mutex);
  s.entries.insert_or_assign(ledger.atom(), std::move(entry));
}

void Permissions::forget(AtomId atom) {
  Shard& s = shard(atom);
  const std::unique_lock lock(s.mutex);
  s.entries.erase(atom);
}

std::shared_ptr<const Ledger> Permissions::find(AtomId atom) const {
  const Shard& s = shard(atom);
  const std::shared_lock lock(s.mutex);
  const auto at = s.entries.find(atom);
  return at == s.entries.end() ? nullptr : at->second.ledger;
}

std::size_t Permissions::size() const {
  std::size_t total = 0;
  for (const Shard& s : shards_) {
    const std::shared_lock lock(s.mutex);
    total += s.entries.size();
  }
  return total;
}

}  // namespace hospes::consent
