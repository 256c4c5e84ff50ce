// Thresholds of tests that compare people, counted anew on a thread of its own: soon after the start,
// for a house that is being filled, then ever more rarely, at last once an hour.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"

namespace hospes::server {

class Recount {
 public:
  /// `trouble` is told what went wrong; it is tried again.
  Recount(std::function<Status()> count, std::function<void(const Error&)> trouble);
  /// As close().
  ~Recount();
  /// A count at hand is finished. Idempotent.
  void close();

 private:
  void run();

  const std::function<Status()> count_;
  const std::function<void(const Error&)> trouble_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace hospes::server
