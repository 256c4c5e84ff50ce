// Mail that somebody asked for a moment ago and waits for: a link to their own pages, a test of
// staff. It is no effect: nothing decided it, nothing repeats it. It goes under a permit all the
// same, of a purpose on contract.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "activate/letters.h"
#include "activate/wire.h"
#include "catalog/actions.h"
#include "clock/clock.h"

namespace hospes::activate {

class Courier {
 public:
  static constexpr std::size_t waiting_max = 64;
  static constexpr auto patience = std::chrono::seconds(20);

  /// All outlive it. Precondition: the destination is one of mail.
  Courier(const catalog::Destination& to, Letters letters, const Allowed& allowed, Clock& clock);
  /// As close().
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  const Letters& letters() const { return letters_; }
  /// Sent on a thread of its own; `done` hears what the relay said, on that thread. over_limit when
  /// too many wait.
  Status send(Posted letter, std::function<void(Status)> done = {});
  /// Ends what is under way, drops what waits. Idempotent.
  void close();

 private:
  struct Waiting {
    Posted letter;
    std::function<void(Status)> done;
  };
  void run();
  Status carry(Posted letter);

  const Letters letters_;
  Clock& clock_;
  std::unique_ptr<Wire> wire_;
  std::uint64_t number_ = 0;  // of the thread
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> waiting_;  // guarded
  bool stop_ = false;            // guarded
  std::thread thread_;
};

}  // namespace hospes::activate
