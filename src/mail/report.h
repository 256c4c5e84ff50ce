// What comes back about a message: bounces (RFC 3464) and complaints (RFC 5965), as the relay hands
// them on. Strangers write them: every length is bounded, and nothing in them is believed but by
// the name that only this house can make.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hospes::mail {

struct Report {
  enum class Kind : std::uint8_t { bounce, complaint } kind = Kind::bounce;
  bool permanent = false;  // of a bounce: Action failed, and a status of class 5
  std::string status;      // `5.1.1` (RFC 3463); empty: none
  std::string address;     // whom it was written to, as the report says; may be empty
  std::string effect;        // 16 to 32 hexadecimal digits that its key begins with
  std::string address_name;  // TokenKey::name_of; empty: not a message of ours
};

inline constexpr std::size_t report_bytes_max = 1 << 20;

/// Nothing: neither a bounce nor a complaint. Found by the return path (VERP), then the
/// Message-ID of the message it is about.
std::optional<Report> parse_report(std::string_view message);

/// A status after which the address takes no mail: the mailbox is not there, moved or closed (RFC
/// 3463).
bool ends_address(std::string_view status);

}  // namespace hospes::mail
