#include "http/patient.h"

#include <algorithm>
#include <charconv>

namespace hospes::http {
namespace {

constexpr std::chrono::milliseconds slice{100};  // so that Ctrl-C is heard while waiting

std::chrono::milliseconds wait_of(const Response& response) {
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

}  // namespace

Result<Response> post_patiently(
    Client& client, std::string_view target, const Headers& headers, std::string_view body,
    const Patience& patience
) {
  std::string last = "no answer";
  for (unsigned i = 0; i < patience.tries_max; ++i) {
    if (patience.stopping()) return fail(Code::unavailable, "stopped");
    auto response = client.send("POST", target, headers, body);
    if (response && response->status != 429 && response->status != 503) return response;
    last = response ? "status " + std::to_string(response->status) : response.error().message;
    TRY(wait(response ? wait_of(*response) : std::chrono::milliseconds(500), patience));
  }
  return fail(
      Code::unavailable,
      "the server took nothing after " + std::to_string(patience.tries_max) + " tries: " + last
  );
}

}  // namespace hospes::http
