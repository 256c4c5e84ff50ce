// What the letters need from time to time: a sync a second after something came, a sweep each hour,
// and what erasures leave to do.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "clock/clock.h"
#include "dead_letter/letters.h"

namespace hospes::dead_letter {

class Keeper {
 public:
  /// `trouble` is told, on the keeper's thread, what the disk refused; it is tried again.
  Keeper(Letters& letters, Clock& clock, std::function<void(const Error&)> trouble);
  /// As close().
  ~Keeper();

  /// Never waits. The letters that name it leave within a second.
  void forget(AtomId atom);
  /// Everything so far is synced and forgotten when it returns. Idempotent.
  void close();

 private:
  void run();
  void tend(std::vector<AtomId> atoms, bool sweep);

  Letters& letters_;
  Clock& clock_;
  const std::function<void(const Error&)> trouble_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<AtomId> atoms_;  // guarded by mutex_
  bool stop_ = false;          // guarded by mutex_
  std::thread thread_;
};

}  // namespace hospes::dead_letter
