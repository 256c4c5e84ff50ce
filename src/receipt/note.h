// Ed25519 (RFC 8032) and the signed note (C2SP signed-note): a text, an empty line, one line of
// signature that names who signed.
//
//   note      = text "\n" "— " name " " base64(key id ‖ signature) "\n"     text ends with "\n"
//   verifier  = name "+" key id as 8 hex "+" base64(0x01 ‖ public key)
//   key id    = first 4 bytes of SHA-256(name "\n" 0x01 ‖ public key)
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "digest/digest.h"

namespace hospes::receipt {

/// Who signs: the name of a log and a public key.
struct Verifier {
  std::string name;
  Digest key;

  std::string text() const;
  bool operator==(const Verifier&) const = default;
};
/// Nothing unless it is what `text` writes.
std::optional<Verifier> parse_verifier(std::string_view text);

/// A private key: its 32-byte seed. Zeroed at the end.
class Signer {
 public:
  Signer(std::string name, const Digest& seed);
  Signer(Signer&&) = default;
  Signer& operator=(Signer&&) = default;
  ~Signer();

  const Verifier& verifier() const { return verifier_; }
  const Digest& seed() const { return seed_; }
  /// Precondition: `text` ends with a line break. Cost: about 40 µs.
  std::string sign(std::string_view text) const;

 private:
  Digest seed_;
  Verifier verifier_;
};

/// The text of a note that has exactly one signature, and that by `who`. Nothing otherwise.
std::optional<std::string> open_note(std::string_view note, const Verifier& who);

}  // namespace hospes::receipt
