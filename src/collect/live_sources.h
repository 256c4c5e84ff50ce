// The house's sources as they change while it runs.
#pragma once

#include <memory>
#include <mutex>

#include "catalog/sources.h"

namespace hospes::collect {

/// The sources in force, while the house runs: who reads holds what it read until it is done.
class LiveSources {
 public:
  explicit LiveSources(catalog::Sources first) : now_(std::make_shared<const catalog::Sources>(std::move(first))) {}
  std::shared_ptr<const catalog::Sources> now() const {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void replace(catalog::Sources next) {
    auto fresh = std::make_shared<const catalog::Sources>(std::move(next));
    const std::lock_guard lock(mutex_);
    now_.swap(fresh);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const catalog::Sources> now_;
};

}  // namespace hospes::collect
