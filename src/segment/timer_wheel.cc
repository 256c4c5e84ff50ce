#include "segment/timer_wheel.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace hospes::segment {

void TimerWheel::push(Timer timer) {
  ++size_;
  file(timer);
}

/// The level is that of the highest byte in which the timer's tick and the open one differ.
void TimerWheel::file(Timer timer) {
  const std::uint64_t tick = tick_of(timer.due);
  if (tick <= tick_) {
    heap_.push_back(timer);
    std::ranges::push_heap(heap_, std::greater<>());
    return;
  }
  const auto highest = static_cast<unsigned>(63 - std::countl_zero(tick ^ tick_));
  const unsigned level = highest / 8;
  const auto index = static_cast<unsigned>(tick >> (8 * level) & 0xff);
  Slot& slot = levels_[level].slot[index];
  slot.timers.push_back(timer);
  slot.earliest = std::min(slot.earliest, timer.due);
  levels_[level].used[index / 64] |= std::uint64_t{1} << (index % 64);
}

TimerWheel::Place TimerWheel::next_place() const {
  for (unsigned level = 0; level < levels; ++level) {
    for (auto i = static_cast<unsigned>(tick_ >> (8 * level) & 0xff) + 1; i < slots;) {
      const std::uint64_t word = levels_[level].used[i / 64] >> (i % 64);
      if (word != 0) return {level, i + static_cast<unsigned>(std::countr_zero(word))};
      i = (i / 64 + 1) * 64;
    }
  }
  return {};
}

bool TimerWheel::advance(Instant now) {
  const Place next = next_place();
  if (next.level == levels) return false;
  Slot& slot = levels_[next.level].slot[next.index];
  if (slot.earliest > now) return false;
  const std::uint64_t above = tick_ >> (8 * next.level) & ~std::uint64_t{0xff};
  tick_ = (above | next.index) << (8 * next.level);
  std::vector<Timer> taken = std::exchange(slot, {}).timers;
  levels_[next.level].used[next.index / 64] &= ~(std::uint64_t{1} << (next.index % 64));
  if (next.level == 0) {
    open_ = std::move(taken);
    std::ranges::sort(open_, std::greater<>());
  } else {
    for (const Timer& timer : taken) file(timer);
  }
  return true;
}

bool TimerWheel::pop(Instant now, Timer& out) {
  while (open_.empty() && heap_.empty()) {
    if (!advance(now)) return false;
  }
  const bool from_heap = !heap_.empty() && (open_.empty() || heap_.front() < open_.back());
  const Timer next = from_heap ? heap_.front() : open_.back();
  if (next.due > now) return false;
  out = next;
  --size_;
  if (from_heap) {
    std::ranges::pop_heap(heap_, std::greater<>());
    heap_.pop_back();
  } else {
    open_.pop_back();
  }
  return true;
}

Instant TimerWheel::soonest() const {
  Instant best = Instant::never();
  if (!open_.empty()) best = open_.back().due;
  if (!heap_.empty()) best = std::min(best, heap_.front().due);
  if (best != Instant::never()) return best;
  const Place next = next_place();
  return next.level == levels ? best : levels_[next.level].slot[next.index].earliest;
}

std::size_t TimerWheel::memory_bytes() const {
  std::size_t bytes =
      sizeof *this + levels * sizeof(Level) + (open_.capacity() + heap_.capacity()) * sizeof(Timer);
  for (const Level& level : levels_) {
    for (const Slot& slot : level.slot) bytes += slot.timers.capacity() * sizeof(Timer);
  }
  return bytes;
}

}  // namespace hospes::segment
