// How often somebody may try to sign in: so many a minute from one address, and so many from all. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/time.h"

namespace hospes::portal {

class Attempts {
 public:
  static constexpr std::uint32_t from_one_max = 10, from_all_max = 60;  // in a minute
  static constexpr std::size_t addresses_max = 1'000;                   // beyond, all others share one count

  /// Counts one more; false: too many in this minute. An empty address is that of a proxy: it speaks for many.
  bool take(std::string_view address, Instant now) {
    constexpr std::int64_t minute_us = 60'000'000;
    if (const std::int64_t minute = now.us / minute_us; minute != minute_) {
      minute_ = minute;
      all_ = 0;
      of_.clear();
    }
    if (address.empty()) return ++all_ <= from_all_max;
    const bool known = of_.contains(address) || of_.size() < addresses_max;
    return ++of_[known ? std::string(address) : std::string()] <= from_one_max && ++all_ <= from_all_max;
  }

 private:
  std::int64_t minute_ = -1;
  std::uint32_t all_ = 0;
  std::map<std::string, std::uint32_t, std::less<>> of_;
};

}  // namespace hospes::portal
