// What tells a house that its mail was opened or a link of it followed: a picture of one point, and
// links that are counted. Only for who said yes to that (CNIL, deliberation 2026-042: individual
// tracking of mail falls under art. 82 of the law of 6 January 1978). A link is signed with where it
// leads, so that the house redirects to what its own messages held and to nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mail/token.h"

namespace hospes::mail {

/// Purposes of their own, in a house that measures its mail: it lists them in purposes.toml.
inline constexpr std::string_view opens_purpose = "measure_email_open";
inline constexpr std::string_view clicks_purpose = "measure_email_click";

/// Below the house's public address.
inline constexpr std::string_view opens_folder = "/o/";
inline constexpr std::string_view clicks_folder = "/c/";
inline constexpr std::string_view picture_ending = ".gif";

/// Afterwards a link still leads where it did, and nothing is recorded any more.
inline constexpr std::uint32_t tracked_days = 90;

struct Tracking {
  bool opens = false, clicks = false;  // as this person permits
  bool any() const { return opens || clicks; }
};

struct TrackedMessage {
  AtomId address;
  Hash128 effect;
  std::string_view public_url;  // without a slash at its end; links that begin so stay as they are
  Instant now;
};

/// `html` with what the person permits: each http and https link of an <a href> counted, the picture
/// at its end. A link that is longer than `leads_to_max`, or holds more than printable ASCII, stays.
/// Linear, and one HMAC a link.
std::string with_tracking(
    std::string_view html, Tracking permitted, const TrackedMessage& message, const TokenKey& key
);

}  // namespace hospes::mail
