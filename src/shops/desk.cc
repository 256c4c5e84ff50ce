#include "shops/desk.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "base/json_text.h"
#include "digest/digest.h"
#include "shops/payload.h"

namespace hospes::shops {
namespace {

bool signed_right(const Hook& hook, const http::Request& request) {
  const std::string_view said = request.headers.find(hook.signature);
  bool right = false;  // all secrets are tried, so that time does not tell which is old
  for (const std::string& secret : hook.secrets) {
    const std::string made = signature_of(secret, request.body, hook.hex);
    right |= made.size() == said.size() &&
             CRYPTO_memcmp(made.data(), said.data(), made.size()) == 0;
  }
  return right;
}

http::Response refused(int status, std::string text) { return http::text(status, text + "\n"); }

}  // namespace

std::string signature_of(std::string_view secret, std::string_view body, bool hex) {
  const Digest sum = hmac(secret, body);
  return hex ? hospes::hex(view_of(sum)) : base64(view_of(sum));
}

void Desk::handle(http::Request request, http::Responder responder) const {
  constexpr std::string_view root = "/v1/hooks/";
  const auto hook =
      std::ranges::find(hooks_, std::string_view(request.path).substr(root.size()), &Hook::name);
  if (hook == hooks_.end())
    return responder.send(refused(404, "no such hook; each is a file hooks/NAME.toml of the house"));
  if (request.method != "POST") return responder.send(refused(405, "send it with POST"));
  if (!hook->ping.empty() && request.body.size() <= 64 && request.body.starts_with(hook->ping))
    return responder.send(http::json(200, "{}"));
  if (!request.headers.has(hook->signature))
    return responder.send(refused(401, "not signed: the header " + hook->signature + " is missing"));
  if (!signed_right(*hook, request))
    return responder.send(refused(
        401, "the signature does not fit the body: is the shop's secret the one in secret_file?"
    ));
  const std::string topic(request.headers.find(hook->topic));
  const auto mapped = map_payload(*hook, topic, request.body);
  if (!mapped) return responder.send(refused(422, mapped.error().message));
  if (mapped->count == 0)
    return responder.send(http::json(200, "{\"ignored\":" + json_text(topic) + "}"));
  http::Request batch;
  batch.method = "POST";
  batch.path = "/v1/batch";
  batch.headers.add("X-Write-Key", hook->write_key);
  batch.remote = std::move(request.remote);
  batch.body.reserve(mapped->items.size() + 16 + http::body_padding);
  batch.body.append("{\"batch\":[").append(mapped->items).append("]}");
  door_(std::move(batch), std::move(responder));
}

}  // namespace hospes::shops
