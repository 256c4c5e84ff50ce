// People kept by the segment engine alone, as one partition keeps them: a timeline each, a page,
// one live timer in the wheel. No identity, no answers, no keys, no disk: what the engine itself
// costs.
#pragma once

#include <vector>

#include "model/timeline.h"
#include "segment/engine.h"
#include "segment/timer_wheel.h"

namespace hospes::bench {

class EngineHouse {
 public:
  EngineHouse(std::shared_ptr<const segment::Definitions> definitions, std::uint32_t people)
      : engine_(std::move(definitions)), guests_(people) {}

  /// Fires what is due, then takes the event.
  void take(std::uint32_t person, const Event& event, Instant now);
  /// Fires everything due ≤ now, each at its instant.
  void pass(Instant now);

  struct Totals {
    std::uint64_t transitions = 0;
    std::uint64_t by_time = 0;  // of them
    std::uint64_t fires = 0;
    std::uint64_t put_back = 0;  // timers that came too early
    std::uint64_t rebuilds = 0;
  };
  const Totals& totals() const { return totals_; }
  const segment::Page& page(std::uint32_t person) const { return guests_[person].page; }
  const Timeline& timeline(std::uint32_t person) const { return guests_[person].timeline; }
  const segment::Engine& engine() const { return engine_; }
  Instant soonest() const { return wheel_.soonest(); }
  std::size_t wheel_bytes() const { return wheel_.memory_bytes(); }
  std::size_t waiting() const { return wheel_.size(); }

 private:
  struct Guest {
    Timeline timeline;
    segment::Page page;
    Instant scheduled = Instant::never();
  };
  void rebuild(Guest& guest, Instant now, segment::Cause cause);
  void settle(std::uint32_t person, Guest& guest);
  void fire(const segment::Timer& timer);

  segment::Engine engine_;
  std::vector<Guest> guests_;
  segment::TimerWheel wheel_;
  segment::Flips flips_;
  std::vector<segment::Seen> seen_;
  Totals totals_;
};

}  // namespace hospes::bench
