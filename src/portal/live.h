// The live stream: server-sent events of arrivals and passages. docs/http_api.md tells its form.
// Private to portal/.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/responder.h"
#include "portal/console.h"
#include "portal/tell.h"

namespace hospes::portal {

/// One thread turns what the feed brings into text, once for all readers. A stream's queue is
/// bounded and writing to it never waits: what a slow reader's queue refuses is counted, and the
/// reader is told in a `gap` before anything else comes.
class Live {
 public:
  static constexpr std::size_t readers_max = 32;  // beyond: 503
  static constexpr std::size_t batch_max = 256;   // items between two looks at the readers
  static constexpr std::chrono::seconds alive_every{15};

  explicit Live(const ConsoleDoors& doors);
  ~Live();
  /// `?kinds=arrivals,transitions` (both when left out), `?real_only=1`; Last-Event-ID or `?after=`
  /// goes on where an earlier stream ended, as far as the feed remembers. Never blocks.
  void open(const http::Request& request, http::Responder responder);
  void close();
  std::size_t readers() const { return count_.load(); }

 private:
  struct Reader {
    std::shared_ptr<http::Stream> stream;
    bool arrivals = true, transitions = true, effects = false, journeys = false, real_only = false;
    bool restarted = false;  // what it saw last was told by an earlier start
    std::uint64_t seen = 0;  // number of the last item it was offered
    std::uint64_t dropped = 0;
  };
  struct Frame {
    std::uint64_t number = 0;
    Told kind = Told::arrival;
    bool simulated = false;
    std::string text;
  };

  void run();
  void admit();
  bool step();
  std::vector<Frame> frames(const std::vector<Feed::Item>& items) const;
  void offer(Reader& reader, const std::vector<Frame>& frames, std::uint64_t last);
  void say(Reader& reader, std::string text, std::uint64_t items);
  void forget_gone();

  const ConsoleDoors& doors_;
  std::mutex mutex_;            // guards coming_ and stop_
  std::vector<Reader> coming_;  // opened, not yet served
  bool stop_ = false;
  std::vector<Reader> readers_;  // the thread's own
  std::atomic<std::size_t> count_{0};
  std::chrono::steady_clock::time_point alive_at_;
  std::thread thread_;
};

}  // namespace hospes::portal
