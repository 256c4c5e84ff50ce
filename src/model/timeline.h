// What one atom did, in memory. Arrival order while it grows; event-time order when somebody reads
// it whole.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/event.h"

namespace hospes {

/// One event on a timeline. Order of meaning: (happened, message).
struct Moment {
  Instant happened;
  Instant received;
  Hash128 message;
  Mask mask = 0;
  Name name = no_name;
  Name source = no_name;
  std::uint32_t body_at = 0;  // packed properties, in the timeline's arena
  std::uint32_t body_size = 0;
  std::uint16_t opened_at = 0;  // OpenedBy list, in the timeline's side table; 0 when none
  EventType type = EventType::track;
  std::uint8_t flags = 0;

  Instant start() const { return happened < received ? happened : received; }
  auto key() const { return std::tie(happened, message); }
};

class Timeline {
 public:
  /// Amortised O(1). The caller has judged duplicates. Events may come in any order.
  void add(const Event& event);

  std::size_t size() const { return moments_.size(); }
  /// By (happened, message). Sorts once after out-of-order arrivals: O(n log n), else free.
  std::span<const Moment> in_order() const;
  /// As they arrived since the last in_order().
  std::span<const Moment> as_held() const { return moments_; }
  std::string_view body(const Moment& m) const {
    return std::string_view(bodies_).substr(m.body_at, m.body_size);
  }
  /// What the last add() brought. Precondition: no in_order() since, size() > 0.
  const Moment& latest() const { return moments_.back(); }
  std::span<const OpenedBy> opened(const Moment& m) const;
  /// Whether any of it is invented.
  bool simulated() const { return simulated_; }
  std::size_t memory_bytes() const { return sizeof *this + heap_bytes(); }
  std::size_t heap_bytes() const;
  /// Each moment keeps those bits; what has none left leaves with its body. How many left. Nothing of
  /// it may be out of memory.
  std::size_t keep(const std::function<Mask(const Moment&)>& kept);
  /// Leaves memory: no events, no buffers. Whether any was invented stays known.
  void drop();
  /// Some of what is not in memory is invented.
  void remember_simulated() { simulated_ = true; }

 private:
  mutable std::vector<Moment> moments_;
  mutable bool ordered_ = true;
  bool simulated_ = false;
  std::string bodies_;
  std::vector<std::vector<OpenedBy>> opened_;
};

}  // namespace hospes
