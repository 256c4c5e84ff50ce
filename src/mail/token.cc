#include "mail/token.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "base/bytes.h"
#include "digest/base64url.h"
#include "digest/digest.h"

namespace hospes::mail {
namespace {

constexpr char version = 1;
constexpr std::size_t mac_bytes = 16;
constexpr std::size_t body_bytes = 2 + 16 + 16 + 2 + 4;
constexpr std::size_t text_bytes_max = (body_bytes + leads_to_max + mac_bytes) * 4 / 3 + 4;

std::optional<std::string> bytes_of(std::string_view url) {
  std::string text(url);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return base64_read(text);
}

void put(std::string& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0) out += static_cast<char>(value >> 8 * bytes & 0xff);
}

std::uint64_t take(std::string_view& in, unsigned bytes) {
  std::uint64_t out = 0;
  for (unsigned i = 0; i < bytes; ++i) out = out << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(bytes);
  return out;
}

}  // namespace

bool is_over(const Token& token, Instant now) {
  constexpr std::int64_t day_us = 86'400'000'000;
  return token.until != 0 && now.us / day_us > token.until;
}

TokenKey::TokenKey(const HashSecret& house) {
  const std::string_view secret(
      reinterpret_cast<const char*>(house.bytes.data()), house.bytes.size()
  );
  tokens_ = view_of(hmac(secret, "hospes mail token 1"));
  addresses_ = view_of(hmac(secret, "hospes mail address 1"));
}

std::string TokenKey::seal(const Token& token) const {
  std::string body;
  body += version;
  body += static_cast<char>(token.kind);
  put(body, token.address.hi, 8);
  put(body, token.address.lo, 8);
  put(body, token.effect.hi, 8);
  put(body, token.effect.lo, 8);
  put(body, token.link, 2);
  put(body, token.until, 4);
  body += token.leads_to;
  body += view_of(hmac(tokens_, body)).substr(0, mac_bytes);
  return base64url(body);
}

std::optional<Token> TokenKey::open(std::string_view text, Token::Kind kind, Instant now) const {
  auto out = read(text, kind);
  if (out && is_over(*out, now)) return std::nullopt;
  return out;
}

std::optional<Token> TokenKey::read(std::string_view text, Token::Kind kind) const {
  const auto held = text.size() > text_bytes_max ? std::nullopt : bytes_of(text);
  if (!held || held->size() < body_bytes + mac_bytes) return std::nullopt;
  std::string_view body(*held);
  const std::string_view mac = body.substr(body.size() - mac_bytes);
  body.remove_suffix(mac_bytes);
  const Digest want = hmac(tokens_, body);
  if (CRYPTO_memcmp(mac.data(), want.data(), mac_bytes) != 0) return std::nullopt;
  if (body[0] != version || body[1] != static_cast<char>(kind)) return std::nullopt;
  body.remove_prefix(2);
  Token out{.kind = kind};
  out.address.hi = take(body, 8);
  out.address.lo = take(body, 8);
  out.effect.hi = take(body, 8);
  out.effect.lo = take(body, 8);
  out.link = static_cast<std::uint16_t>(take(body, 2));
  out.until = static_cast<std::uint32_t>(take(body, 4));
  out.leads_to = body;
  if (out.leads_to.empty() != (kind != Token::Kind::click)) return std::nullopt;
  return out;
}

std::string TokenKey::name_of(std::string_view address) const {
  return hex(view_of(hmac(addresses_, address)).substr(0, 12));
}

}  // namespace hospes::mail
