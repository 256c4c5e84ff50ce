// The only place where the time of day is read. Rooms of the house never see it: it reaches them in
// records.
#pragma once

#include <atomic>

#include "base/time.h"

namespace hospes {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
};

class SystemClock : public Clock {
 public:
  Instant now() override;
};

/// Moves when told to. Thread-safe.
class ManualClock : public Clock {
 public:
  explicit ManualClock(Instant at) : us_(at.us) {}
  Instant now() override { return {us_.load()}; }
  void set(Instant at) { us_.store(at.us); }
  void advance(Duration d) { us_.fetch_add(d.count()); }

 private:
  std::atomic<std::int64_t> us_;
};

}  // namespace hospes
