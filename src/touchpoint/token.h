// What a decision was, sealed until it is seen. Whoever holds a token can say once that it was; they
// cannot read it, make one, or change it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "decide/exposure.h"
#include "model/ids.h"
#include "seal/keys.h"

namespace hospes::touchpoint {

inline constexpr Duration token_good_for = std::chrono::hours(24);
/// Of an offer that a journey sent: mail is opened days later. Within the window of de-duplication, so that what is
/// said counts once.
inline constexpr Duration sent_good_for = std::chrono::days(30);

struct Ticket {
  Atom atom;  // that was asked about; id 0: nobody
  decide::Exposure exposure;
  std::optional<Instant> sent = std::nullopt;  // by a journey: the exposure was counted when it decided
};

/// base64url (RFC 4648 section 5) of version:u8 and AES-256-GCM under a key that only the house
/// secret gives. Thread-safe. Cost: about 1 µs each way.
class Tokens {
 public:
  explicit Tokens(const HashSecret& house_secret);
  std::string make(const Ticket& ticket) const;
  /// `form`: flow::ticket_form of the journey's decision.
  std::string make_sent(std::string form, Instant sent) const;
  /// invalid_input: not ours, or older than token_good_for, or sent_good_for.
  Result<Ticket> read(std::string_view token, Instant now) const;

 private:
  std::string sealed(std::string plain) const;

  seal::Key key_;
};

}  // namespace hospes::touchpoint
