#include "activate/breaker.h"

#include <algorithm>

namespace hospes::activate {

std::string_view Breaker::standing(Time now) const {
  if (!pauses(now)) return "open";
  return on_trial() ? "broken" : "waiting";
}

void Breaker::tried(bool worked, Time now) {
  if (worked) {
    failures_ = 0;
    opens_for_ = std::chrono::milliseconds(0);
    return;
  }
  ++failures_;
  if (!on_trial() || pauses(now)) return;
  opens_for_ = std::clamp(2 * opens_for_, options_.open_least, options_.open_most);
  until_ = now + opens_for_;
}

void Breaker::broke(Time now) {
  failures_ = options_.failures_max;
  tried(false, now);
}

void Breaker::wait_until(Time until) { until_ = std::max(until_, until); }

}  // namespace hospes::activate
