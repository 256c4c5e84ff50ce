#include "receipt/note.h"

#include <openssl/crypto.h>

#include "base/check.h"
#include "digest/ed25519.h"

namespace hospes::receipt {
namespace {

constexpr std::size_t id_bytes = 4;
constexpr char algorithm = 1;  // Ed25519
constexpr std::string_view mark = "\n\xe2\x80\x94 ";  // line break, em dash, space

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
  verifier_.key = ed25519::public_key(seed);
}

Signer::~Signer() { OPENSSL_cleanse(seed_.data(), seed_.size()); }

std::string Signer::sign(std::string_view text) const {
  check(text.ends_with('\n'), "a note's text ends with a line break");
  return std::string(text)
      .append(mark)
      .append(verifier_.name)
      .append(" ")
      .append(base64(id_of(verifier_) + ed25519::sign(seed_, text)))
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
  if (!plain || plain->size() != id_bytes + ed25519::signature_bytes || !plain->starts_with(id_of(who)))
    return std::nullopt;
  if (!ed25519::is_signed(who.key, text, std::string_view(*plain).substr(id_bytes))) return std::nullopt;
  return std::string(text);
}

}  // namespace hospes::receipt
