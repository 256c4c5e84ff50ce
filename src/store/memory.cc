#include "store/memory.h"

#include <fmt/format.h>

namespace hospes::store {

MemoryStore::MemoryStore(unsigned partitions) : parts_(partitions) {}

void MemoryStore::Rows::take(const Batch& batch) {
  for (const Write& row : batch.rows) {
    if (row.value) {
      rows.insert_or_assign(row.key, *row.value);
    } else {
      rows.erase(row.key);
    }
  }
  position = batch.position;
}

Result<MemoryStore::Part*> MemoryStore::part(Partition partition) {
  if (partition < parts_.size()) return &parts_[partition];
  return fail(
      Code::invalid_input,
      fmt::format("partition {} of a store that has {} partitions", partition, parts_.size())
  );
}

Status MemoryStore::next_call() {
  const std::uint64_t call = ++calls_;
  const std::uint64_t first_bad = fail_from_;
  if (first_bad == 0 || call < first_bad) return {};
  return fail(Code::unavailable, "the store's disk refuses (planned fault)");
}

Status MemoryStore::write(Partition partition, std::vector<Write> rows, Position position) {
  Part& here = *TRY(part(partition));
  TRY(next_call());
  for (const Write& row : rows) {
    if (row.key.empty()) return fail(Code::invalid_input, "a row of the store has an empty key");
  }
  Batch batch{std::move(rows), position};
  const std::scoped_lock lock(here.mutex);
  here.current.take(batch);
  here.unsynced.push_back(std::move(batch));
  return {};
}

Result<std::optional<std::string>> MemoryStore::get(Partition partition, std::string_view key) {
  Part& here = *TRY(part(partition));
  const std::scoped_lock lock(here.mutex);
  const auto found = here.current.rows.find(key);
  if (found == here.current.rows.end()) return std::optional<std::string>();
  return std::optional(found->second);
}

Status MemoryStore::scan(
    Partition partition, std::string_view prefix,
    const std::function<bool(std::string_view key, std::string_view value)>& visit
) {
  Part& here = *TRY(part(partition));
  const std::scoped_lock lock(here.mutex);
  for (auto at = here.current.rows.lower_bound(prefix);
       at != here.current.rows.end() && at->first.starts_with(prefix); ++at) {
    if (!visit(at->first, at->second)) break;
  }
  return {};
}

Result<Position> MemoryStore::position(Partition partition) {
  Part& here = *TRY(part(partition));
  const std::scoped_lock lock(here.mutex);
  return here.current.position;
}

Status MemoryStore::sync() {
  TRY(next_call());
  for (Part& here : parts_) {
    const std::scoped_lock lock(here.mutex);
    for (const Batch& batch : here.unsynced) here.durable.take(batch);
    here.unsynced.clear();
  }
  return {};
}

void MemoryStore::crash(Dice& dice) {
  for (Part& here : parts_) {
    const std::uint64_t kept = dice.below(here.unsynced.size() + 1);
    for (std::uint64_t i = 0; i < kept; ++i) here.durable.take(here.unsynced[i]);
    here.unsynced.clear();
    here.current = here.durable;
  }
}

}  // namespace hospes::store
