// What moved lately: passages in and out by segment over the last minute, and the newest few. Fed
// on the workers' threads, read by the demo.
#pragma once

#include <deque>
#include <mutex>
#include <vector>

#include "flow/apply.h"

namespace hospes::server {

class Moves {
 public:
  static constexpr Duration window = std::chrono::minutes(1);
  static constexpr std::size_t newest_max = 5;

  struct Row {
    segment::SegmentIndex segment = 0;
    std::uint64_t in = 0, out = 0;
    bool simulated = false;  // somebody invented was among them
  };

  void add(const std::vector<flow::Transition>& transitions, Instant now);
  /// Those that moved since `now - window`, the liveliest first.
  std::vector<Row> rows(Instant now);
  /// Newest first.
  std::vector<flow::Transition> newest();

 private:
  /// Passages of one second: bounded by the segments, not by the passages.
  struct Second {
    std::int64_t second = 0;
    std::vector<Row> rows;
  };
  void forget(Instant now);

  std::mutex mutex_;
  std::deque<Second> seconds_;
  std::deque<flow::Transition> newest_;
};

}  // namespace hospes::server
