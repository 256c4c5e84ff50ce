// The breaker of one destination: after some failures in a row nothing is tried for a while, twice as
// long each time; then one attempt decides for all. A plain value: time is told.
#pragma once

#include <chrono>
#include <string_view>

namespace hospes::activate {

struct BreakerOptions {
  unsigned failures_max = 5;  // in a row: then it opens
  std::chrono::milliseconds open_least{1'000};
  std::chrono::milliseconds open_most{std::chrono::minutes(5)};
};

class Breaker {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit Breaker(BreakerOptions options) : options_(options) {}

  /// Nothing is tried.
  bool pauses(Time now) const { return now < until_; }
  /// Whatever is tried now decides for all: one at a time.
  bool on_trial() const { return failures_ >= options_.failures_max; }
  Time until() const { return until_; }
  /// How it is called: open (to what is to be sent), waiting (on the destination's own word), broken.
  std::string_view standing(Time now) const;

  /// What an attempt said of the destination; of one that was under way when it opened, too.
  void tried(bool worked, Time now);
  /// It may not even be tried.
  void broke(Time now);
  /// As the destination asked.
  void wait_until(Time until);

 private:
  BreakerOptions options_;
  unsigned failures_ = 0;
  std::chrono::milliseconds opens_for_{0};
  Time until_{};
};

}  // namespace hospes::activate
