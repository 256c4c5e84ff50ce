// Whom and what the schedules of the house let go (docs/retention.md), on its way to those who carry it out: they come
// into being after the node has begun to say it.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "portal/erasures.h"
#include "server/scrub.h"

namespace hospes::server {

/// Thread-safe; quick.
class Departures {
 public:
  /// They outlive whoever says anything.
  void open(portal::Erasures& erasures, Scrub& scrub) {
    const std::lock_guard lock(mutex_);
    erasures_ = &erasures;
    scrub_ = &scrub;  // which looks once by itself when it begins
    erasures.lapse(std::exchange(early_, {}));
  }
  void lapsed(const std::vector<Atom>& atoms) {
    const std::lock_guard lock(mutex_);
    if (erasures_ != nullptr) return erasures_->lapse(atoms);
    early_.insert(early_.end(), atoms.begin(), atoms.end());
  }
  void ended() {
    const std::lock_guard lock(mutex_);
    if (scrub_ != nullptr) scrub_->look();
  }

 private:
  std::mutex mutex_;
  portal::Erasures* erasures_ = nullptr;
  Scrub* scrub_ = nullptr;
  std::vector<Atom> early_;
};

}  // namespace hospes::server
