// What happened lately: arrivals at the door and passages through segments, in one bounded ring.
// Fed on the door's, the log's and the partitions' threads, so adding costs a short lock and never
// waits; read by the live stream and by "what became of this event".
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "collect/door.h"
#include "flow/apply.h"

namespace hospes::portal {

class Feed {
 public:
  static constexpr std::size_t items_max = 16'384;  // beyond: the oldest go
  static constexpr std::size_t names_max = 4'096;  // of accepted events, remembered since the start

  /// A message that had been counted before.
  struct Repeat {
    Hash128 message;
    Instant at;
  };
  /// `epoch`: of this start, so that a reader's number of an earlier one is known as such.
  explicit Feed(Instant epoch = {}) : epoch_(epoch) {}

  /// Where an effect came to stand.
  struct Effect {
    flow::Effected effected;
    Instant at;
  };

  using What = std::variant<collect::Arrival, flow::Transition, Repeat, Effect, flow::Moved>;
  struct Item {
    std::uint64_t number = 0;  // 1 …, no gaps
    std::chrono::steady_clock::time_point heard;
    What what;
  };

  /// Of one request. A message that is there already keeps the client's times of its first arrival.
  void arrived(std::vector<collect::Arrival> arrivals);
  void passed(const std::vector<flow::Transition>& transitions);
  void became(const std::vector<flow::Fate>& fates, Instant now);
  void effected(const std::vector<flow::Effected>& effects, Instant now);
  void moved(const std::vector<flow::Moved>& moves);

  Instant epoch() const { return epoch_; }
  /// Of an item, for readers: `<epoch>-<number>`.
  std::string id(std::uint64_t number) const;
  /// Where a reader goes on. Nothing when the text is no id; `restarted`: it is of an earlier start.
  struct Place {
    std::uint64_t number = 0;
    bool restarted = false;
  };
  std::optional<Place> place(std::string_view id) const;

  /// Number of the newest item; 0 before the first.
  std::uint64_t last() const;
  /// Up to `max` of those wanted, newest first; and since when everything is known.
  struct Newest {
    std::vector<Item> items;
    std::uint64_t last = 0;
    Instant since;
  };
  Newest newest(std::size_t max, const std::function<bool(const What&)>& wanted) const;
  /// Up to `max` items after `number`, and how many were forgotten in between.
  struct Batch {
    std::vector<Item> items;
    std::uint64_t dropped = 0;
  };
  Batch after(std::uint64_t number, std::size_t max) const;
  /// Until something comes after `number`, `wake` or `until`.
  void wait(std::uint64_t number, std::chrono::steady_clock::time_point until);
  void wake();

  /// The arrival of that message, while it is in the ring.
  std::optional<collect::Arrival> arrival(Hash128 message) const;

  struct Trace {
    std::optional<collect::Arrival> arrival;
    std::vector<Item> transitions;  // that it caused
    std::uint64_t repeats = 0;
    Instant since = Instant::never();  // of the oldest item: before it nothing is known
  };
  Trace trace(Hash128 message) const;

  struct Totals {
    std::uint64_t accepted = 0, withheld = 0, rejected = 0;  // since the start
  };
  Totals totals() const;
  /// How many event names were accepted since the start.
  std::size_t names() const;

 private:
  void push(What what);  // under mutex_
  const Item* find(Hash128 message) const;

  const Instant epoch_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> items_;
  std::uint64_t last_ = 0;
  bool woken_ = false;
  boost::unordered_flat_map<Hash128, std::uint64_t, HashOfHash> arrivals_;  // to item numbers
  std::set<std::string, std::less<>> names_;
  Totals totals_;
};

}  // namespace hospes::portal
