// The store's twin in memory, with the faults of a disk: it forgets unsynced batches, and the n-th
// call fails.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <vector>

#include "base/dice.h"
#include "store/store.h"

namespace hospes::store {

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(unsigned partitions = partitions_default);

  Status write(Partition partition, std::vector<Write> rows, Position position) override;
  Result<std::optional<std::string>> get(Partition partition, std::string_view key) override;
  Status scan(
      Partition partition, std::string_view prefix,
      const std::function<bool(std::string_view key, std::string_view value)>& visit
  ) override;
  Result<Position> position(Partition partition) override;
  Status sync() override;

  /// Power is cut and comes back: each partition keeps what was synced and, by chance, some first
  /// batches after that. No other call may be under way.
  void crash(Dice& dice);
  /// The n-th write or sync from now (1 = the next) and all after it fail with unavailable; 0:
  /// none, the disk is well.
  void fail_from(std::uint64_t n) {
    fail_from_ = n;
    calls_ = 0;
  }
  /// Writes and syncs since `fail_from`.
  std::uint64_t calls() const { return calls_; }

 private:
  struct Batch {
    std::vector<Write> rows;
    Position position;
  };
  struct Rows {
    std::map<std::string, std::string, std::less<>> rows;
    Position position;
    void take(const Batch& batch);
  };
  struct Part {
    std::recursive_mutex mutex;  // a visitor of scan may read
    Rows current;
    Rows durable;
    std::vector<Batch> unsynced;
  };

  Result<Part*> part(Partition partition);
  Status next_call();

  std::vector<Part> parts_;
  std::atomic<std::uint64_t> fail_from_ = 0;
  std::atomic<std::uint64_t> calls_ = 0;
};

}  // namespace hospes::store
