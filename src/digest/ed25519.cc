#include "digest/ed25519.h"

#include <openssl/evp.h>

#include <memory>

#include "base/check.h"

namespace hospes::ed25519 {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype([](EVP_MD_CTX* c) { EVP_MD_CTX_free(c); })>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Key private_key(const Digest& seed) {
  Key out(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  check(out != nullptr, "OpenSSL offers no Ed25519");
  return out;
}

}  // namespace

Digest public_key(const Digest& seed) {
  Digest out{};
  std::size_t size = out.size();
  check(
      EVP_PKEY_get_raw_public_key(private_key(seed).get(), out.data(), &size) == 1,
      "a private key has a public one"
  );
  return out;
}

std::string sign(const Digest& seed, std::string_view text) {
  const Key key = private_key(seed);
  const Context context(EVP_MD_CTX_new());
  std::string out(signature_bytes, '\0');
  std::size_t size = out.size();
  check(
      context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
          EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes(text), text.size()) == 1,
      "signing with Ed25519"
  );
  return out;
}

bool is_signed(const Digest& public_key, std::string_view text, std::string_view signature) {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), public_key.size()));
  const Context context(EVP_MD_CTX_new());
  return signature.size() == signature_bytes && key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
}

}  // namespace hospes::ed25519
