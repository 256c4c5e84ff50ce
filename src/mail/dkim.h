// DomainKeys Identified Mail: who answers for a message, and that nobody changed it (RFC 6376;
// ed25519-sha256: RFC 8463).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "mail/message.h"

namespace hospes::mail {

/// A private key with the selector under which its public half stands in DNS.
class DkimKey {
 public:
  /// PEM. invalid_input: neither Ed25519 nor RSA of 2048 bits or more.
  static Result<DkimKey> read(std::string selector, std::string_view pem);

  const std::string& selector() const { return selector_; }
  std::string_view algorithm() const;
  /// What is to stand at `SELECTOR._domainkey.DOMAIN` as TXT.
  std::string dns_record() const;
  /// Of the canonical header block. Cost: RSA-2048 some 300 µs, Ed25519 some 35.
  Result<std::string> sign(std::string_view block) const;

 private:
  struct Held;
  DkimKey(std::string selector, std::shared_ptr<const Held> held)
      : selector_(std::move(selector)), held_(std::move(held)) {}
  std::string selector_;
  std::shared_ptr<const Held> held_;
};

/// Relaxed forms, RFC 6376 section 3.4.
std::string relaxed_field(std::string_view field);
std::string relaxed_body(std::string_view body);

/// Puts one signature by each key in front, over every field of ours and the whole body; From, To
/// and Subject are named once more than they occur, so that none can be added. Never `l=`.
Status sign(
    Message& message, std::string_view domain, const std::vector<DkimKey>& keys, Instant at
);

}  // namespace hospes::mail
