#include "clock/clock.h"

#include <chrono>

namespace hospes {

Instant SystemClock::now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<Duration>(since).count()};
}

}  // namespace hospes
