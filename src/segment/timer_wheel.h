// Who must be looked at when: timers in exact (due, person) order, O(1) to set. A timer cannot be
// taken back: one person keeps one live timer, moved lazily. The caller recognises one that came
// too early (and puts it back) and one that another has overtaken (and drops it).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/time.h"

namespace hospes::segment {

struct Timer {
  Instant due;
  std::uint32_t person = 0;  // dense
  auto operator<=>(const Timer&) const = default;
};

/// Six levels of 256 slots; a slot of the lowest is 2²⁰ µs wide (about a second), all six reach
/// over every instant. A slot is sorted when it opens; what is set into the open one, or into the
/// past, waits in a small heap. push: O(1); pop: amortised O(1), plus the sort. Invariant: every
/// timer in a slot is due later than all of the open slot, and those of a lower level before those
/// of a higher one.
class TimerWheel {
 public:
  void push(Timer timer);
  /// The earliest timer due ≤ now, removed; false when there is none. `now` never goes back.
  bool pop(Instant now, Timer& out);
  /// When the earliest is due, exactly; never() when empty.
  Instant soonest() const;
  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const;

 private:
  static constexpr unsigned levels = 6;
  static constexpr unsigned slots = 256;
  static constexpr unsigned tick_bits = 20;
  struct Slot {
    std::vector<Timer> timers;
    Instant earliest = Instant::never();
  };
  struct Level {
    std::array<Slot, slots> slot;
    std::array<std::uint64_t, slots / 64> used{};
  };
  struct Place {
    unsigned level = levels;  // `levels`: nowhere
    unsigned index = 0;
  };

  static std::uint64_t tick_of(Instant at) {
    return at.us <= 0 ? 0 : static_cast<std::uint64_t>(at.us) >> tick_bits;
  }
  void file(Timer timer);
  /// First used slot after the open one.
  Place next_place() const;
  /// Opens it, if a timer in it is due ≤ now.
  bool advance(Instant now);

  std::vector<Level> levels_ = std::vector<Level>(levels);
  std::vector<Timer> open_;  // the open slot, descending: the next one is at the back
  std::vector<Timer> heap_;  // smallest first
  std::uint64_t tick_ = 0;   // of the open slot
  std::size_t size_ = 0;
};

}  // namespace hospes::segment
