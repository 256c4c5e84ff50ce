// A yes as a device carries it: made when a server records it, presented by the device's events at
// `context.consent.token`. docs/permission.md.
//
//   token   = base64url(header) "." base64url(payload) "." base64url(signature)      RFC 7515, compact
//   header  = {"alg":"EdDSA","typ":"consent+jwt"}                                     nothing else is read
//   payload = {"atom","exp","house","iat","notice":{"id","version"},"purpose"}        RFC 8037, Ed25519
// `atom` is a keyed hash of the device's identifier: the token of one device is no other's.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "digest/digest.h"
#include "model/ids.h"

namespace hospes::collect {

struct ConsentToken {
  std::string device;  // ConsentTokens::device
  std::string purpose;
  std::string notice_id, notice_version;
  Instant issued, expires;  // whole seconds
  bool operator==(const ConsentToken&) const = default;
};

/// Used by one thread. The key follows from the house secret, so every node of a house makes and
/// reads the same.
class ConsentTokens {
 public:
  static constexpr std::size_t remembered_max = 4'096;
  static constexpr std::size_t token_bytes_max = 2'048;

  ConsentTokens(const HashSecret& secret, std::string house);

  std::string device(const Identifier& identifier) const;
  /// Cost: about 50 µs.
  std::string make(const ConsentToken& token) const;
  /// invalid_input: it is no token, or not of this house. Its times are the caller's to judge. Cost:
  /// about 150 µs, then a look-up.
  Result<ConsentToken> read(std::string_view text);

 private:
  Result<ConsentToken> verified(std::string_view text) const;

  const HashSecret& secret_;
  const std::string house_;
  Digest seed_{}, public_{};
  std::unordered_map<std::string, ConsentToken> remembered_;
};

}  // namespace hospes::collect
