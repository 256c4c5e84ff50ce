#include "collect/consent_token.h"

#include <simdjson.h>

#include "base/check.h"
#include "base/json_text.h"
#include "collect/credentials.h"
#include "digest/base64url.h"
#include "digest/ed25519.h"

namespace hospes::collect {
namespace {

constexpr std::string_view header = R"({"alg":"EdDSA","typ":"consent+jwt"})";
/// Nothing unless it is what `base64url` writes.
std::optional<std::string> from_url(std::string_view text) {
  auto out = collect::base64(text);
  if (!out || base64url(*out) != text) return std::nullopt;
  return out;
}

std::unexpected<Error> no_token(std::string_view why) {
  return fail(Code::invalid_input, "this is no consent token of this house: " + std::string(why));
}

/// Written by `make` alone, so a payload of another shape was never signed by us.
Result<ConsentToken> payload_of(const std::string& json, std::string_view house) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view device, of, purpose, id, version;
  std::int64_t issued = 0, expires = 0;
  const bool read = parser.parse(json).get(root) == simdjson::SUCCESS && root["atom"].get(device) == simdjson::SUCCESS &&
                    root["house"].get(of) == simdjson::SUCCESS && root["purpose"].get(purpose) == simdjson::SUCCESS &&
                    root["iat"].get(issued) == simdjson::SUCCESS && root["exp"].get(expires) == simdjson::SUCCESS &&
                    root["notice"]["id"].get(id) == simdjson::SUCCESS && root["notice"]["version"].get(version) == simdjson::SUCCESS;
  constexpr std::int64_t second = 1'000'000;
  constexpr std::int64_t seconds_max = 253'402'300'799;  // the year 9999
  if (!read || issued < 0 || expires < issued || expires > seconds_max) return no_token("its payload is not read");
  if (of != house) return no_token("another house made it");
  return ConsentToken{
      .device = std::string(device), .purpose = std::string(purpose), .notice_id = std::string(id),
      .notice_version = std::string(version), .issued = {issued * second}, .expires = {expires * second}};
}

}  // namespace

ConsentTokens::ConsentTokens(const HashSecret& secret, std::string house)
    : secret_(secret), house_(std::move(house)) {
  const auto* raw = reinterpret_cast<const char*>(secret.bytes.data());
  seed_ = hmac(std::string_view(raw, secret.bytes.size()), "hospes consent token 1");
  public_ = ed25519::public_key(seed_);
}

std::string ConsentTokens::device(const Identifier& identifier) const {
  const auto* raw = reinterpret_cast<const char*>(secret_.bytes.data());
  const std::string named = "hospes consent device 1\n" + std::to_string(identifier.kind) + "\n" + identifier.value;
  return hex(view_of(hmac(std::string_view(raw, secret_.bytes.size()), named))).substr(0, 32);
}

std::string ConsentTokens::make(const ConsentToken& token) const {
  const std::string payload =
      "{\"atom\":" + std::string(json_text(token.device)) + ",\"exp\":" + std::to_string(token.expires.us / 1'000'000) +
      ",\"house\":" + std::string(json_text(house_)) + ",\"iat\":" + std::to_string(token.issued.us / 1'000'000) +
      ",\"notice\":{\"id\":" + std::string(json_text(token.notice_id)) + ",\"version\":" + std::string(json_text(token.notice_version)) +
      "},\"purpose\":" + std::string(json_text(token.purpose)) + "}";
  const std::string text = base64url(header) + "." + base64url(payload);
  return text + "." + base64url(ed25519::sign(seed_, text));
}

Result<ConsentToken> ConsentTokens::read(std::string_view text) {
  if (const auto known = remembered_.find(std::string(text)); known != remembered_.end()) return known->second;
  ConsentToken out = TRY(verified(text));
  if (remembered_.size() >= remembered_max) remembered_.clear();
  remembered_.emplace(text, out);
  return out;
}

Result<ConsentToken> ConsentTokens::verified(std::string_view text) const {
  if (text.size() > token_bytes_max) return no_token("it is too long");
  const auto first = text.find('.'), last = text.rfind('.');
  if (first == text.npos || first == last) return no_token("it has not three parts");
  // One algorithm and one type: nothing in a token chooses how it is verified (RFC 8725, section 3.1).
  if (text.substr(0, first) != base64url(header)) return no_token("its header is another");
  const auto signature = from_url(text.substr(last + 1));
  const auto payload = from_url(text.substr(first + 1, last - first - 1));
  if (!signature || !payload) return no_token("it is not base64url");
  if (!ed25519::is_signed(public_, text.substr(0, last), *signature)) return no_token("its signature is not ours");
  return payload_of(*payload, house_);
}

}  // namespace hospes::collect
