// How many events a source may send: its `events_per_s_max` a second, with one second's worth at
// hand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/time.h"
#include "catalog/sources.h"

namespace hospes::collect {

/// One thread. A request is taken whole when anything is left, and the debt is paid by waiting
/// afterwards: so a batch larger than a second's worth is never refused for ever.
class Paces {
 public:
  /// 0: go on. Else the seconds after which it is worth trying again, at most retry_s_max.
  std::int64_t wait_s(const catalog::Source& source, Instant now);
  void spend(const catalog::Source& source, std::size_t events, Instant now);

  static constexpr std::int64_t retry_s_max = 300;  // clients cap Retry-After there

 private:
  struct Purse {
    std::int64_t micro_events = 0;  // below zero: a debt
    Instant at;
  };
  Purse& filled(const catalog::Source& source, Instant now);

  std::unordered_map<std::string, Purse> purses_;  // by the name of the source
};

}  // namespace hospes::collect
