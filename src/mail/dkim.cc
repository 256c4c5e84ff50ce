#include "mail/dkim.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "digest/digest.h"

namespace hospes::mail {
namespace {

constexpr int rsa_bits_least = 2048;
// Once more than they occur: what a reader is shown.
constexpr std::array<std::string_view, 3> oversigned{"From", "To", "Subject"};

template <auto F>
struct Free {
  template <class T>
  void operator()(T* it) const {
    F(it);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

bool is_blank(char c) { return c == ' ' || c == '\t'; }
char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// Runs of blanks as one, none at the end.
void put_line(std::string& out, std::string_view line) {
  // Nearly every line is so already, and is copied in one piece.
  std::size_t good = 0;
  while (good < line.size() && line[good] != '\t' &&
         (line[good] != ' ' || (good + 1 < line.size() && !is_blank(line[good + 1]))))
    ++good;
  out += line.substr(0, good);
  bool blank = false;
  for (const char c : line.substr(good)) {
    if (is_blank(c)) {
      blank = true;
      continue;
    }
    if (std::exchange(blank, false)) out += ' ';
    out += c;
  }
}

}  // namespace

struct DkimKey::Held {
  Pkey key;
  bool ed25519 = false;
};

Result<DkimKey> DkimKey::read(std::string selector, std::string_view pem) {
  const auto bad = [&](std::string_view what) {
    return fail(
        Code::invalid_input, "the DKIM key of selector \"" + selector + "\" " + std::string(what)
    );
  };
  std::unique_ptr<BIO, Free<BIO_free>> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))
  );
  auto held = std::make_shared<Held>();
  held->key.reset(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  if (!held->key)
    return bad("is no private key in PEM; make one with: openssl genpkey -algorithm ed25519");
  const int kind = EVP_PKEY_get_base_id(held->key.get());
  held->ed25519 = kind == EVP_PKEY_ED25519;
  if (!held->ed25519 && kind != EVP_PKEY_RSA) return bad("is neither Ed25519 nor RSA");
  if (kind == EVP_PKEY_RSA && EVP_PKEY_get_bits(held->key.get()) < rsa_bits_least)
    return bad("has less than 2048 bits");
  return DkimKey(std::move(selector), std::move(held));
}

std::string_view DkimKey::algorithm() const {
  return held_->ed25519 ? "ed25519-sha256" : "rsa-sha256";
}

std::string DkimKey::dns_record() const {
  std::string raw;
  if (held_->ed25519) {
    std::array<unsigned char, 32> bytes{};
    std::size_t size = bytes.size();
    EVP_PKEY_get_raw_public_key(held_->key.get(), bytes.data(), &size);
    raw.assign(reinterpret_cast<const char*>(bytes.data()), size);
  } else {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(held_->key.get(), &der);
    if (size > 0) raw.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
  }
  return std::string("v=DKIM1; k=") + (held_->ed25519 ? "ed25519" : "rsa") + "; p=" + base64(raw);
}

Result<std::string> DkimKey::sign(std::string_view block) const {
  std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  // RFC 8463: Ed25519 signs the SHA-256 of what RSA signs.
  const Digest digest = sha256(block);
  const std::string_view what = held_->ed25519 ? view_of(digest) : block;
  const EVP_MD* hash = held_->ed25519 ? nullptr : EVP_sha256();
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(held_->key.get())), '\0');
  std::size_t size = out.size();
  const bool good =
      EVP_DigestSignInit(context.get(), nullptr, hash, nullptr, held_->key.get()) == 1 &&
      EVP_DigestSign(
          context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
          reinterpret_cast<const unsigned char*>(what.data()), what.size()
      ) == 1;
  if (!good)
    return fail(
        Code::unavailable,
        "OpenSSL could not sign with the DKIM key of selector \"" + selector_ + "\""
    );
  out.resize(size);
  return out;
}

std::string relaxed_field(std::string_view field) {
  const std::size_t colon = field.find(':');
  std::string out;
  for (const char c : field.substr(0, colon))
    if (!is_blank(c)) out += small(c);
  out += ':';
  std::string value;
  for (const char c : field.substr(colon + 1)) value += c == '\r' || c == '\n' ? ' ' : c;
  const std::size_t first = value.find_first_not_of(" \t");
  if (first != value.npos) put_line(out, std::string_view(value).substr(first));
  return out;
}

std::string relaxed_body(std::string_view body) {
  std::string out;
  out.reserve(body.size());
  std::size_t full = 0;  // to the end of the last line that is not empty
  while (!body.empty()) {
    const std::size_t end = std::min(body.find("\r\n"), body.size());
    const std::size_t before = out.size();
    put_line(out, body.substr(0, end));
    const bool empty = out.size() == before;
    out += "\r\n";
    if (!empty) full = out.size();
    body.remove_prefix(std::min(end + 2, body.size()));
  }
  out.resize(full);
  return out;
}

Status sign(
    Message& message, std::string_view domain, const std::vector<DkimKey>& keys, Instant at
) {
  const std::string body_hash = base64(view_of(sha256(relaxed_body(message.body))));
  std::string block, names;
  for (const auto& [name, line] : message.fields) {
    block += relaxed_field(std::string_view(line).substr(0, line.size() - 2)) + "\r\n";
    names += (names.empty() ? "" : ":") + name;
    // The second mention finds nothing, and is the signature of that nothing.
    if (std::ranges::find(oversigned, name) != oversigned.end()) names += ":" + name;
  }
  std::vector<std::pair<std::string, std::string>> signatures;
  for (const DkimKey& key : keys) {
    std::string field =
        "DKIM-Signature: v=1; a=" + std::string(key.algorithm()) + "; c=relaxed/relaxed; d=";
    field += std::string(domain) + ";\r\n s=" + key.selector() +
             "; t=" + std::to_string(at.us / 1'000'000) + ";\r\n h=";
    std::size_t line = 3;
    std::string_view rest = names;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(':'), rest.size() - 1) + 1;
      if (line + end > 74) {
        field += "\r\n  ";
        line = 2;
      }
      field += rest.substr(0, end);
      line += end;
      rest.remove_prefix(end);
    }
    field += ";\r\n bh=" + body_hash + ";\r\n b=";
    const std::string signature = base64(TRY(key.sign(block + relaxed_field(field))));
    for (std::size_t i = 0; i < signature.size(); i += 72)
      field += (i == 0 ? "" : "\r\n  ") + signature.substr(i, 72);
    signatures.emplace_back("DKIM-Signature", field + "\r\n");
  }
  message.fields.insert(message.fields.begin(), signatures.begin(), signatures.end());
  return {};
}

}  // namespace hospes::mail
