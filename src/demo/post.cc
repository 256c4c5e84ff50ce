#include "demo/post.h"

#include "http/patient.h"

namespace hospes::demo {
namespace {

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
  return judge(TRY(http::post_patiently(
      client, "/v1/batch", headers, body, {patience.stopping, patience.pause, patience.tries_max}
  )));
}

}  // namespace hospes::demo
