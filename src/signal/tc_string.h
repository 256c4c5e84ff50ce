// The IAB's Transparency and Consent string, versions 2.2 and 2.3.
//
//   string    = core ("." segment)*         core first, each other kind at most once
//   core      = 2:6 created:36 updated:36 cmp:12 cmp version:12 screen:6 language:2×6 list:12 policy:6
//               service specific:1 other texts:1 special features:12 consent:24 interest:24
//               one treatment:1 country:2×6 vendors (consent) vendors (interest) restrictions
//   segment   = 1:3 vendors (disclosed)  |  2:3 vendors (allowed, until policy 3)
//             | 3:3 consent:24 interest:24 n:6 custom consent:n custom interest:n    the publisher's own
//   vendors   = max:16 0:1 bit[max]  |  max:16 1:1 ranges
//   ranges    = n:12 (0:1 id:16 | 1:1 first:16 last:16)[n]
//   restrictions = n:12 (purpose:6 kind:2 ranges)[n]
//
// Times are tenths of a second since 1970, letters a = 0. Bit 0 of a list of purposes is purpose 1.
// Source: IAB Tech Lab, "Consent string and vendor list formats v2", and its 2.3 of 2025.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace hospes::signal {

/// Ascending, each once, from 1.
using Vendors = std::vector<std::uint16_t>;
/// Bit n-1: purpose (or special feature) n.
using PurposeSet = std::uint64_t;

struct Restriction {
  enum class Kind : std::uint8_t { forbidden, needs_consent, needs_interest };
  unsigned purpose = 0;
  Kind kind = Kind::forbidden;
  Vendors vendors;
  bool operator==(const Restriction&) const = default;
};

/// What the site itself asked for its own use.
struct PublisherSegment {
  PurposeSet consent = 0, interest = 0;
  unsigned custom = 0;  // purposes of its own
  PurposeSet custom_consent = 0, custom_interest = 0;
  bool operator==(const PublisherSegment&) const = default;
};

struct TcString {
  Instant created, updated;  // to the tenth of a second
  unsigned cmp = 0, cmp_version = 0, screen = 0;
  std::string language = "EN";  // two letters
  unsigned vendor_list = 0, policy = 0;
  bool service_specific = true, other_texts = false, one_treatment = false;
  PurposeSet special_features = 0, consent = 0, interest = 0;
  std::string country = "AA";  // of the publisher
  Vendors vendor_consent, vendor_interest;
  std::vector<Restriction> restrictions;
  std::optional<Vendors> disclosed, allowed;
  std::optional<PublisherSegment> publisher;
  bool operator==(const TcString&) const = default;

  bool consents_to(unsigned purpose) const { return purpose > 0 && (consent >> (purpose - 1) & 1) != 0; }
};

inline constexpr std::size_t tc_bytes_max = 32 * 1024;

/// invalid_input says what is wrong and where. Cost: linear in the text.
Result<TcString> parse_tc(std::string_view text);
/// The shorter form of each list of vendors. Precondition: each field fits into its bits.
std::string write_tc(const TcString& tc);

/// Whether it may be relied on at `now`. Its rules are dated: of a service only (policy 2.2), not
/// older than 13 months, not from the future, made after 2026-02-28 only with its disclosed vendors
/// (2.3), no interest for purposes 1 and 3 to 6 (2.2).
Status check_tc(const TcString& tc, Instant now);
/// When it is dead at the latest: 13 months after it was updated.
Instant tc_ends(const TcString& tc);

}  // namespace hospes::signal
