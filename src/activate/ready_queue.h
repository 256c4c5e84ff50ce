// Effects that may be claimed, in the order in which they leave: whoever waits for it at the till goes
// before a campaign. Within one class, first come, first served.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string_view>

#include "flow/effects.h"

namespace hospes::activate {

enum class Urgency : std::uint8_t {
  service,    // under a purpose on contract or duty: the person waits for it
  triggered,  // something happened to them
  bulk,       // a campaign: everybody at once
};

/// `service`: its action is one.
inline Urgency urgency_of(const outbox::Effect& effect, bool service) {
  if (service) return Urgency::service;
  return outbox::is_of_campaign(effect) ? Urgency::bulk : Urgency::triggered;
}

/// How much of a queue may be taken when one more of that class comes: a campaign never fills it up for
/// the others.
constexpr std::size_t share_of(std::size_t queue_max, Urgency urgency) {
  const std::size_t quarters = urgency == Urgency::service ? 4 : urgency == Urgency::triggered ? 3 : 2;
  return queue_max / 4 * quarters;
}

class ReadyQueue {
 public:
  void push(Urgency urgency, flow::Effected effected) {
    queues_[static_cast<std::size_t>(urgency)].push_back(std::move(effected));
  }
  bool empty() const { return size() == 0; }
  std::size_t size() const {
    return queues_[0].size() + queues_[1].size() + queues_[2].size();
  }
  /// The i-th to leave. Precondition: i < size().
  const flow::Effected& operator[](std::size_t i) const {
    for (const auto& queue : queues_) {
      if (i < queue.size()) return queue[i];
      i -= queue.size();
    }
    return queues_.back().back();
  }
  /// The first `n` have left.
  void drop(std::size_t n) {
    for (auto& queue : queues_) {
      const std::size_t here = std::min(n, queue.size());
      queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(here));
      n -= here;
    }
  }

 private:
  std::array<std::deque<flow::Effected>, 3> queues_;
};

}  // namespace hospes::activate
