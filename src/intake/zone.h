// What the wall clocks of a time zone mean in UTC.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace hospes::intake {

class Zone {
 public:
  /// By IANA name; unavailable when this machine has no data for it (Debian's tzdata).
  static Result<Zone> find(const std::string& name);
  /// Microseconds on the wall → UTC. An hour that the clock shows twice is the first of them, one
  /// that it skips is the instant of the jump. Cost: well under a microsecond within one season.
  Instant utc(std::int64_t wall_us);

 private:
  const void* zone_ = nullptr;  // the library's, lives for ever
  std::int64_t begin_us_ = 0, end_us_ = 0, offset_us_ = 0;  // wall times with one certain offset
};

}  // namespace hospes::intake
