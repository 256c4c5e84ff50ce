#include "collect/consent_token.h"

#include <openssl/evp.h>
#include <simdjson.h>

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "base/json_text.h"
#include "collect/credentials.h"

namespace hospes::collect {
namespace {

constexpr std::string_view header = R"({"alg":"EdDSA","typ":"consent+jwt"})";
constexpr std::size_t signature_bytes = 64;

using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype([](EVP_MD_CTX* c) { EVP_MD_CTX_free(c); })>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string for_urls(std::string_view text) {
  std::string out = hospes::base64(text);
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  out.erase(out.find_last_not_of('=') + 1);
  return out;
}

/// Nothing unless it is what `for_urls` writes.
std::optional<std::string> from_url(std::string_view text) {
  auto out = collect::base64(text);
  if (!out || for_urls(*out) != text) return std::nullopt;
  return out;
}

Key private_key(const Digest& seed) {
  Key out(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  check(out != nullptr, "32 bytes are a private key of Ed25519");
  return out;
}

bool is_signed(const Key& key, std::string_view text, std::string_view signature) {
  const Context context(EVP_MD_CTX_new());
  return signature.size() == signature_bytes && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
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
  const std::string text = for_urls(header) + "." + for_urls(payload);
  const Key key = private_key(seed_);
  const Context context(EVP_MD_CTX_new());
  std::string signature(signature_bytes, '\0');
  std::size_t size = signature.size();
  check(
      context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
          EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes(text), text.size()) == 1,
      "signing with Ed25519"
  );
  return text + "." + for_urls(signature);
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
  if (text.substr(0, first) != for_urls(header)) return no_token("its header is another");
  const auto signature = from_url(text.substr(last + 1));
  const auto payload = from_url(text.substr(first + 1, last - first - 1));
  if (!signature || !payload) return no_token("it is not base64url");
  if (!is_signed(private_key(seed_), text.substr(0, last), *signature)) return no_token("its signature is not ours");
  return payload_of(*payload, house_);
}

}  // namespace hospes::collect
