// The disk's twin in memory. It keeps what is durable apart from what is only written, fails the
// n-th operation on demand, and at `crash` loses, keeps or tears what was not synced. As harsh as a
// disk may be, no harsher: see `crash`.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/dice.h"
#include "disk/disk.h"

namespace hospes::disk {

class MemoryDisk final : public Disk {
 public:
  enum class Fault : unsigned char {
    once,      // that operation fails, later ones work
    no_space,  // that operation fails for want of space, and so does every later write until `heal`
    power_cut,  // that operation and all later ones fail, until `crash`
  };

  explicit MemoryDisk(std::uint64_t bytes_max = std::uint64_t{1} << 40);
  ~MemoryDisk() override;

  // Disk. Handles opened before a crash answer unavailable after it.
  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Status make_folder(const std::string& folder) override;
  Status sync_folder(const std::string& folder) override;
  Result<std::uint64_t> free_bytes() override;

  /// Operations asked for so far, failed ones included.
  std::uint64_t io_count() const;
  /// The n-th operation from now (1: the next) fails. A failed write may have written a part; after
  /// a failed sync what was not durable may be lost even when a later sync succeeds (as on Linux).
  void fail_at(std::uint64_t n, Fault fault);
  /// Whether the fault of `fail_at` was met.
  bool fault_met() const;
  void heal();
  void set_free_bytes(std::uint64_t bytes);

  /// The machine stops and starts again. Independently of each other, each unsynced write is lost,
  /// kept, cut short or torn into 512-byte sectors, and each unsynced creation, rename and removal
  /// has happened or not. Heals.
  void crash(Dice& dice);

  /// For tests that damage a file: what a reader sees now. Empty when there is none.
  std::string peek(const std::string& path) const;
  /// Durable at once.
  void poke(const std::string& path, std::uint64_t offset, std::string_view bytes);

 private:
  struct Write {
    std::uint64_t offset;
    std::string bytes;
    bool emptied = false;  // a truncation to nothing
  };
  struct Node {
    std::string now;              // what a reader sees
    std::string durable;          // what surely survives
    std::vector<Write> unsynced;  // in order
  };
  using NodePtr = std::shared_ptr<Node>;
  struct Naming {                         // one unsynced change of names
    std::optional<std::string> unlinked;  // name that goes
    std::optional<std::string> linked;    // name that comes
    NodePtr node;                         // what `linked` names
  };
  class MemoryFile;

  Status begin(const char* what, const std::string& path, bool writes);
  Status alive(std::uint64_t generation) const;

  mutable std::mutex mutex_;  // guards all below
  std::map<std::string, NodePtr> now_;
  std::map<std::string, NodePtr> durable_;
  std::vector<Naming> unsynced_names_;
  std::uint64_t generation_ = 0;  // crashes so far
  std::uint64_t io_count_ = 0;
  std::uint64_t fail_at_ = 0;  // 0: never
  Fault fault_ = Fault::once;
  bool fault_met_ = false;
  std::uint64_t free_bytes_;
};

}  // namespace hospes::disk
