#include "seal/envelope.h"

#include <openssl/evp.h>

#include <memory>

#include "base/check.h"
#include "seal/random.h"

namespace hospes::seal {
namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
static_assert(nonce_bytes + tag_bytes == overhead_bytes);

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

/// A context that knows its cipher already: looking the cipher up costs more than sealing 500 B.
Context make_context(bool sealing) {
  Context c(EVP_CIPHER_CTX_new());
  check(
      c && EVP_CipherInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr, sealing) == 1,
      "OpenSSL offers no AES-256-GCM"
  );
  return c;
}

const unsigned char* bytes(std::string_view v) {
  return reinterpret_cast<const unsigned char*>(v.data());
}
unsigned char* bytes(char* v) { return reinterpret_cast<unsigned char*>(v); }

/// GCM takes `int` sizes; everything sealed here is bounded far below.
int size_of(std::string_view v) {
  check(v.size() < (1u << 30), "seal: more than 1 GiB at once");
  return static_cast<int>(v.size());
}

}  // namespace

void seal(const Key& key, std::string_view associated, std::string_view plain, std::string& out) {
  thread_local const Context context = make_context(true);
  EVP_CIPHER_CTX* c = context.get();
  const std::size_t start = out.size();
  out.resize(start + overhead_bytes + plain.size());
  unsigned char* nonce = bytes(out.data() + start);
  unsigned char* body = nonce + nonce_bytes;
  random_bytes(nonce, nonce_bytes);
  int n = 0;
  bool ok = EVP_EncryptInit_ex(c, nullptr, nullptr, key.bytes.data(), nonce) == 1;
  ok = ok && EVP_EncryptUpdate(c, nullptr, &n, bytes(associated), size_of(associated)) == 1;
  ok = ok && EVP_EncryptUpdate(c, body, &n, bytes(plain), size_of(plain)) == 1;
  ok = ok && EVP_EncryptFinal_ex(c, body + plain.size(), &n) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, tag_bytes, body + plain.size()) == 1;
  check(ok, "AES-256-GCM refuses to seal");
}

Result<std::string> open(const Key& key, std::string_view associated, std::string_view sealed) {
  thread_local const Context context = make_context(false);
  EVP_CIPHER_CTX* c = context.get();
  if (sealed.size() < overhead_bytes) return fail(Code::corrupt, "sealed text is too short");
  const std::string_view body = sealed.substr(nonce_bytes, sealed.size() - overhead_bytes);
  std::string tag(sealed.substr(sealed.size() - tag_bytes));
  std::string plain(body.size(), '\0');
  int n = 0;
  bool ok = EVP_DecryptInit_ex(c, nullptr, nullptr, key.bytes.data(), bytes(sealed)) == 1;
  ok = ok && EVP_DecryptUpdate(c, nullptr, &n, bytes(associated), size_of(associated)) == 1;
  ok = ok && EVP_DecryptUpdate(c, bytes(plain.data()), &n, bytes(body), size_of(body)) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) == 1;
  check(ok, "AES-256-GCM refuses to open");
  unsigned char rest[16];
  if (EVP_DecryptFinal_ex(c, rest, &n) != 1) {
    return fail(Code::corrupt, "sealed text does not open: wrong key, other context, or damaged");
  }
  return plain;
}

}  // namespace hospes::seal
