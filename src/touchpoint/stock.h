// What was last heard of how many of each offer were taken. The lanes of the log are the truth; this
// may be some milliseconds behind, so a decision may still show what just went, and the take is refused.
#pragma once

#include <cstdint>
#include <map>
#include <shared_mutex>
#include <string>

namespace hospes::touchpoint {

class Stock {
 public:
  void heard(const std::string& offer, std::uint64_t taken) {
    const std::unique_lock lock(mutex_);
    std::uint64_t& known = taken_[offer];
    if (taken > known) known = taken;  // takes are never given back
  }
  std::uint64_t taken(const std::string& offer) const {
    const std::shared_lock lock(mutex_);
    const auto at = taken_.find(offer);
    return at == taken_.end() ? 0 : at->second;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::uint64_t> taken_;
};

}  // namespace hospes::touchpoint
