// Addresses of mail: `local@domain`, and `Name <local@domain>` of a house's own.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace hospes::mail {

struct Mailbox {
  std::string name;     // UTF-8, may be empty
  std::string address;  // local@domain, domain in ASCII
  bool operator==(const Mailbox&) const = default;
};

/// The domain in ASCII (IDNA 2008, RFC 5891): `münchen.example` is `xn--mnchen-3ya.example`.
Result<std::string> ascii_domain(std::string_view domain);
/// One that can be written after `RCPT TO:` without SMTPUTF8 (RFC 6531): the local part is ASCII,
/// at most 64 bytes, unquoted; the domain is put in ASCII. invalid_input says what is wrong, and
/// not the address.
Result<std::string> checked_address(std::string_view address);
/// `Name <local@domain>` or an address alone.
Result<Mailbox> parse_mailbox(std::string_view text);
/// As a header value. Its name is quoted or encoded where it must be.
std::string to_string(const Mailbox& mailbox);

}  // namespace hospes::mail
