#include "consent/permissions.h"

#include <algorithm>
#include <mutex>

namespace hospes::consent {
namespace {

bool known(const std::vector<Hash128>& messages, Hash128 message) {
  return std::ranges::find(messages, message) != messages.end();
}

}  // namespace

void Permissions::add(const Row& row) {
  Shard& s = shard(row.atom);
  const std::unique_lock lock(s.mutex);
  Entry& entry = s.entries[row.atom];
  if (known(entry.messages, row.message)) return;
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

std::shared_ptr<const Ledger> Permissions::find(AtomId atom, std::span<const Row> coming) const {
  if (std::ranges::find(coming, atom, &Row::atom) == coming.end()) return find(atom);
  Entry entry;
  {
    const Shard& s = shard(atom);
    const std::shared_lock lock(s.mutex);
    if (const auto at = s.entries.find(atom); at != s.entries.end()) entry = at->second;
  }
  auto sums =
      entry.ledger ? std::make_shared<Ledger>(*entry.ledger) : std::make_shared<Ledger>(atom);
  for (const Row& row : coming) {
    if (row.atom != atom || known(entry.messages, row.message)) continue;
    sums->sum(row);
    entry.messages.push_back(row.message);
  }
  return sums;
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
