#include "demo/post.h"

#include <algorithm>
#include <charconv>

namespace hospes::demo {
namespace {

constexpr std::chrono::milliseconds slice{100};  // so that Ctrl-C is heard while waiting

std::chrono::milliseconds wait_of(const http::Response& response) {
  const std::string_view text = response.headers.find("retry-after");
  unsigned seconds = 1;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(std::clamp(seconds, 1U, 5U));
}

Status wait(std::chrono::milliseconds left, const Patience& patience) {
  for (; left.count() > 0; left -= slice) {
    if (patience.stopping()) return fail(Code::unavailable, "stopped");
    patience.pause(slice);
  }
  return {};
}

Status judge(const http::Response& response) {
  constexpr std::string_view none = "\"rejected\":[";
  const auto at = response.body.find(none);
  const bool clean =
      at == std::string::npos || response.body.compare(at + none.size(), 1, "]") == 0;
  if (response.status == 200 && clean) return {};
  return fail(
      Code::invalid_input, "the server answered " + std::to_string(response.status) +
                               " to a batch of the demo: " + response.body.substr(0, 300)
  );
}

}  // namespace

Status post_batch(
    http::Client& client, std::string_view write_key, std::string_view body,
    const Patience& patience
) {
  const http::Headers headers = {{"Content-Type", "application/json"}, {"X-Write-Key", write_key}};
  std::string last = "no answer";
  for (unsigned i = 0; i < patience.tries_max; ++i) {
    if (patience.stopping()) return fail(Code::unavailable, "stopped");
    const auto response = client.send("POST", "/v1/batch", headers, body);
    if (response && response->status != 429 && response->status != 503) return judge(*response);
    last = response ? "status " + std::to_string(response->status) : response.error().message;
    TRY(wait(response ? wait_of(*response) : std::chrono::milliseconds(500), patience));
  }
  return fail(
      Code::unavailable,
      "the server took nothing after " + std::to_string(patience.tries_max) + " tries: " + last
  );
}

}  // namespace hospes::demo
