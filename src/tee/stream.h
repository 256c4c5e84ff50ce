// Private to tee/: one source of ours on its way to one of theirs.
#pragma once

#include <atomic>
#include <map>
#include <optional>

#include "activate/breaker.h"
#include "activate/wire.h"
#include "catalog/tees.h"
#include "tee/leave.h"
#include "tee/tee.h"

namespace hospes::tee {

inline constexpr Position nowhere_yet{~std::uint32_t{0}, ~std::uint64_t{0}};

class Stream {
 public:
  static constexpr std::size_t cut_events_max = 256;
  static constexpr std::size_t cut_bytes_max = 4 << 20;  // of the log
  static constexpr auto poll = std::chrono::milliseconds(200);
  static constexpr auto stop_within = std::chrono::seconds(2);

  Stream(const Doors& doors, const Options& options, const activate::Allowed& allowed, catalog::Tee tee, std::string key);
  ~Stream() { close(); }

  Status read_cursor();
  void begin(node::Node& node);
  void close();
  Position kept_after() const;
  std::string told() const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  /// One event of the cut at hand.
  struct Due {
    enum class State : std::uint8_t { waits, leaves, over };
    Position at;
    Event event;
    State state = State::waits;
    Time not_before{};
    std::string content, denied;  // denied: why, until the request that was refused has ended
  };
  struct Cut {
    std::vector<Due> due;
    Position upto;
    bool more = false;  // the log has more behind it
  };

  void run();
  Result<Cut> read();
  bool take(const Event& event);  // false: it is not to leave, and counted where that says something
  void carry(Cut& cut);
  void start(Cut& cut, Time now);
  bool start_one(Due& due, std::size_t number);
  void release(Cut& cut);
  void hear(Cut& cut, Asked& asked, const std::shared_ptr<activate::Flight>& flight);
  void end(Due& due, const activate::Wire::Done& done, Time now);
  void over(Due& due, std::string_view why);  // empty: it arrived
  static void again(Due& due, Time not_before);
  void trouble(std::string why);
  void save(bool now);
  void skip_gap();
  bool pause(std::chrono::milliseconds most);  // false: it is to stop
  bool stopping() const { return stop_.load(std::memory_order_relaxed); }

  const Doors doors_;
  const Options options_;
  const catalog::Tee tee_;
  const std::string authorization_;
  std::unique_ptr<activate::Wire> wire_;
  node::Node* node_ = nullptr;
  // Of its thread.
  activate::Breaker breaker_{activate::BreakerOptions{}};
  Position cursor_ = nowhere_yet;  // everything up to there is over
  Time saved_at_{};
  std::size_t under_way_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  Position saved_ = nowhere_yet;
  std::uint64_t sent_ = 0, again_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> not_sent_;  // by reason: few words of ours
  Instant oldest_ = Instant::never();  // receipt of the first that waits
  std::string trouble_, standing_ = "open";
  bool let_go_ = false;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace hospes::tee
