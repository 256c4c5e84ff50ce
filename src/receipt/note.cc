#include "receipt/note.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

#include "base/check.h"

namespace hospes::receipt {
namespace {

constexpr std::size_t signature_bytes = 64;
constexpr std::size_t id_bytes = 4;
constexpr char algorithm = 1;  // Ed25519
constexpr std::string_view mark = "\n\xe2\x80\x94 ";  // line break, em dash, space

struct Free {
  void operator()(EVP_PKEY* k) const { EVP_PKEY_free(k); }
  void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

const unsigned char* bytes(std::string_view v) {
  return reinterpret_cast<const unsigned char*>(v.data());
}

Key private_key(const Digest& seed) {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  check(key != nullptr, "OpenSSL offers no Ed25519");
  return key;
}

std::string id_of(const Verifier& who) {
  const Digest d = sha256(who.name + '\n' + algorithm + std::string(view_of(who.key)));
  return std::string(view_of(d).substr(0, id_bytes));
}

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 128) return false;
  for (const char c : name)
    if (c <= ' ' || c == '+' || c > '~') return false;
  return true;
}

}  // namespace

std::string Verifier::text() const {
  return name + '+' + hex(id_of(*this)) + '+' + base64(algorithm + std::string(view_of(key)));
}

std::optional<Verifier> parse_verifier(std::string_view text) {
  const auto plus = text.find('+');
  if (plus == text.npos || text.size() < plus + 10) return std::nullopt;
  const auto plain = base64_read(text.substr(plus + 10));
  Verifier out{.name = std::string(text.substr(0, plus)), .key = {}};
  if (!plain || plain->size() != out.key.size() + 1 || !is_name(out.name)) return std::nullopt;
  for (std::size_t i = 0; i < out.key.size(); ++i)
    out.key[i] = static_cast<unsigned char>((*plain)[i + 1]);
  if (out.text() != text) return std::nullopt;
  return out;
}

Signer::Signer(std::string name, const Digest& seed) : seed_(seed) {
  check(is_name(name), "the name of a signer has no spaces and no plus");
  verifier_.name = std::move(name);
  std::size_t size = verifier_.key.size();
  check(
      EVP_PKEY_get_raw_public_key(private_key(seed).get(), verifier_.key.data(), &size) == 1,
      "a private key has a public one"
  );
}

Signer::~Signer() { OPENSSL_cleanse(seed_.data(), seed_.size()); }

std::string Signer::sign(std::string_view text) const {
  check(text.ends_with('\n'), "a note's text ends with a line break");
  const Key key = private_key(seed_);
  const Context context(EVP_MD_CTX_new());
  std::string signature(signature_bytes, '\0');
  std::size_t size = signature.size();
  check(
      context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
          EVP_DigestSign(
              context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes(text),
              text.size()
          ) == 1,
      "signing with Ed25519"
  );
  return std::string(text)
      .append(mark)
      .append(verifier_.name)
      .append(" ")
      .append(base64(id_of(verifier_) + signature))
      .append("\n");
}

std::optional<std::string> open_note(std::string_view note, const Verifier& who) {
  const auto at = note.rfind(mark);
  if (at == note.npos || at == 0 || note[at - 1] != '\n' || !note.ends_with('\n'))
    return std::nullopt;
  const std::string_view text = note.substr(0, at);
  const std::string head = std::string(mark) + who.name + ' ';
  const std::string_view line = note.substr(at);
  if (!line.starts_with(head)) return std::nullopt;
  const auto plain = base64_read(line.substr(head.size(), line.size() - head.size() - 1));
  if (!plain || plain->size() != id_bytes + signature_bytes || !plain->starts_with(id_of(who)))
    return std::nullopt;
  const Key key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, who.key.data(), who.key.size())
  );
  const Context context(EVP_MD_CTX_new());
  const auto signature = std::string_view(*plain).substr(id_bytes);
  if (!key || !context ||
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestVerify(
          context.get(), bytes(signature), signature.size(), bytes(text), text.size()
      ) != 1)
    return std::nullopt;
  return std::string(text);
}

}  // namespace hospes::receipt
