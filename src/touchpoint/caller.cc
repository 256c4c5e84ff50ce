#include "touchpoint/caller.h"

#include "base/json_text.h"
#include "collect/browser.h"
#include "collect/credentials.h"

namespace hospes::touchpoint {

http::Response problem(int status, std::string_view code, std::string_view detail) {
  std::string text = "{\"type\":\"about:blank\",\"title\":";
  text += json_text(http::reason_of(status));
  text += ",\"status\":" + std::to_string(status) + ",\"detail\":";
  text += json_text(detail);
  text += ",\"code\":";
  text += json_text(code);
  http::Response out{
      status, {{"Content-Type", "application/problem+json"}}, std::move(text) + "}\n"};
  if (status == 429 || status == 503) out.headers.add("Retry-After", "1");
  return out;
}

http::Response problem(const Error& error) {
  return problem(http::from_error(error).status, to_string(error.code), error.message);
}

std::expected<Caller, http::Response> caller_of(
    const http::Request& request, std::shared_ptr<const catalog::Sources> sources, Instant now
) {
  Caller out{.sources = std::move(sources)};
  out.key = collect::write_key_of(request);
  if (out.key.empty()) out.key = request.headers.find("X-API-Key");
  if (out.key.empty()) out.key = collect::bearer_of(request);
  const auto origin = request.headers.find("Origin");
  const auto refuse = [&](http::Response response) -> std::unexpected<http::Response> {
    collect::share(response, collect::shared_with(*out.sources, out.source, origin));
    return std::unexpected(std::move(response));
  };
  if (out.key.empty())
    return refuse(problem(
        401, "key_unknown",
        "no write key: send it as X-Write-Key, as X-API-Key, as a bearer token or as the user of Basic "
        "authorization"
    ));
  const auto match = out.sources->by_key(out.key, now);
  if (!match) return refuse(problem(401, "key_unknown", match.error().message));
  out.source = match->source;
  out.use = match->may(catalog::Scope::decide) ? match->use : catalog::KeyUse::public_key;
  if (!origin.empty() && !out.source->admits(origin))
    return refuse(problem(
        403, "not_allowed",
        "pages of this origin may not ask with a key of source " + out.source->name +
            "; add it to the origins of the source"
    ));
  out.origin = origin;
  out.gpc = request.headers.find("Sec-GPC") == "1";
  return out;
}

}  // namespace hospes::touchpoint
