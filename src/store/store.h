// State on disk: per partition, rows and the position they are true at, written as one atomic batch
// (design.md section 4).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"

namespace hospes::store {

struct Write {
  std::string key;
  std::optional<std::string> value;  // nothing: delete
};

/// Implementations: RocksDB (one column family per partition, its own log off) and memory.
/// Thread-safe between partitions; within one partition one writer at a time, beside readers.
class Store {
 public:
  virtual ~Store() = default;

  /// One atomic batch: after a crash either all of it is there, with `position`, or none. Durable
  /// after `sync`; batches of one partition survive in order (never a later one without an earlier
  /// one).
  virtual Status write(Partition partition, std::vector<Write> rows, Position position) = 0;
  virtual Result<std::optional<std::string>> get(Partition partition, std::string_view key) = 0;
  /// Ascending keys that begin with `prefix`, until `visit` says false.
  virtual Status scan(
      Partition partition, std::string_view prefix,
      const std::function<bool(std::string_view key, std::string_view value)>& visit
  ) = 0;
  /// Of the last batch; {0, 0} when there is none.
  virtual Result<Position> position(Partition partition) = 0;
  /// All batches so far are durable when it returns.
  virtual Status sync() = 0;
};

}  // namespace hospes::store
