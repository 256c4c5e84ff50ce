// Sends one request and waits out a full or restarting server.
#pragma once

#include <chrono>
#include <functional>

#include "base/result.h"
#include "http/client.h"

namespace hospes::http {

struct Patience {
  /// Asked before each request and while waiting: true ends it with `unavailable`, "stopped".
  std::function<bool()> stopping = [] { return false; };
  std::function<void(std::chrono::milliseconds)> pause;  // waits; needed
  unsigned tries_max = 60;
};

/// POST until the answer is neither 429 nor 503: waits as long as Retry-After says, at most 5 s a
/// time. A broken connection is tried again, so what is sent must bear its own ids.
Result<Response> post_patiently(
    Client& client, std::string_view target, const Headers& headers, std::string_view body,
    const Patience& patience
);

}  // namespace hospes::http
