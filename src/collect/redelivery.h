// Dead letters through the door again.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "collect/door.h"

namespace hospes::collect {

class Desk;

/// A letter, repaired or as it was. `retimed`: the repair touched its times.
struct Repaired {
  dead_letter::Letter letter;
  bool retimed = false;
};

/// What became of it, or would.
struct Redelivered {
  Verdict verdict = Verdict::rejected;
  std::string rule;    // rejected: a code
  std::string detail;  // rejected: what to change; withheld: what is missing
};

/// Thread-safe; one delivery at a time.
class Redelivery {
 public:
  explicit Redelivery(Doors doors);
  ~Redelivery();

  /// One answer for each letter, in order. What is accepted is durable, and ended among the dead
  /// letters, when it returns; what is withheld is ended too. `dry`: nothing is written.
  /// unavailable, over_limit: nothing was taken.
  Result<std::vector<Redelivered>> send(std::span<const Repaired> letters, bool dry);

 private:
  Status take(std::vector<Outgoing> records);

  Doors doors_;
  std::mutex mutex_;
  const std::unique_ptr<Desk> desk_;  // guarded by mutex_
};

}  // namespace hospes::collect
