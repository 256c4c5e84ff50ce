// Sends one body to the public API and waits out a full server.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/client.h"

namespace hospes::demo {

struct Patience {
  /// Asked before each request and while waiting: true ends it with `unavailable`, "stopped".
  std::function<bool()> stopping = [] { return false; };
  std::function<void(std::chrono::milliseconds)> pause;  // waits; needed
  unsigned tries_max = 60;
};

/// POST /v1/batch with that write key. On 429 or 503 waits as long as Retry-After says, at most 5 s
/// a time; a broken connection is tried again, for every message bears its id. invalid_input when
/// the server refused the body or an event in it: the demo then sends something wrong, which nobody
/// should hide.
Status post_batch(
    http::Client& client, std::string_view write_key, std::string_view body,
    const Patience& patience
);

}  // namespace hospes::demo
