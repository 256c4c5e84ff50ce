// Sends requests over many kept connections to a server on this machine, from one thread. Loopback
// only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace hospes::bench {

struct LoadOptions {
  std::uint16_t port = 0;
  unsigned connections = 32;
  std::chrono::milliseconds lasts{10'000};
  std::uint64_t requests_max = 10'000'000;
  double requests_per_second =
      0;  // 0: closed loop, each connection sends again as soon as it was answered
  std::chrono::milliseconds patience{
      10'000};  // how long answers may still come after the last request
};

struct LoadResult {
  std::uint64_t answered = 0;    // any status
  std::uint64_t accepted = 0;    // 2xx
  std::uint64_t broken = 0;      // sent, and the connection ended before the answer
  std::string refusal;           // the first answer that was not 2xx, whole
  double seconds = 0;            // first send to last answer
  std::vector<double> waits_ms;  // of those accepted; in an open loop from when the request was due
};

/// What to send: fills `request` with a whole HTTP request; `tag` is given back with its answer.
/// False ends the run.
using Next = std::function<bool(std::string& request, std::uint64_t tag)>;
/// `status` 0: the connection ended before an answer, so nobody knows whether it was accepted.
using Answered = std::function<void(std::uint64_t tag, int status)>;

/// Ends when time or requests are used up, when `next` says so, or when every connection is broken
/// (the server died: that is a result). unavailable when none could be opened.
Result<LoadResult> send_load(
    const LoadOptions& options, const Next& next, const Answered& answered = {}
);

}  // namespace hospes::bench
