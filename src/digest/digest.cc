#include "digest/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <cstring>

#include "base/check.h"

namespace hospes {
namespace {

const unsigned char* bytes(std::string_view v) {
  return reinterpret_cast<const unsigned char*>(v.data());
}

}  // namespace

Digest sha256(std::string_view text) {
  Digest out;
  SHA256(bytes(text), text.size(), out.data());
  return out;
}

Digest hmac(std::string_view key, std::string_view text) {
  Digest out;
  const auto size = static_cast<int>(key.size());
  check(
      HMAC(EVP_sha256(), key.data(), size, bytes(text), text.size(), out.data(), nullptr) != nullptr,
      "OpenSSL offers no HMAC-SHA256"
  );
  return out;
}

std::string_view view_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string hex(std::string_view in) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * in.size());
  for (const unsigned char byte : in) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string base64(std::string_view in) {
  std::string out((in.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(out.data()), bytes(in), static_cast<int>(in.size())
  );
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > (1u << 20)) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(
      reinterpret_cast<unsigned char*>(out.data()), bytes(text), static_cast<int>(text.size())
  );
  if (size < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  out.resize(static_cast<std::size_t>(size) - (out.empty() ? 0 : padding));
  return out;
}

std::optional<std::string> base64_read(std::string_view text) {
  auto out = base64_decoded(text);
  if (out && base64(*out) != text) return std::nullopt;
  return out;
}

std::optional<Digest> digest_read(std::string_view text) {
  const auto plain = base64_read(text);
  Digest out;
  if (!plain || plain->size() != out.size()) return std::nullopt;
  std::memcpy(out.data(), plain->data(), out.size());
  return out;
}

}  // namespace hospes
