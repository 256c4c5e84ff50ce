// The four times of an event: the client's time of the call and of the request, receipt, and the
// happening that follows from them. Stamped once, here, and never again.
#pragma once

#include <expected>
#include <unordered_map>

#include "base/hash.h"
#include "base/time.h"
#include "catalog/sources.h"
#include "collect/parse.h"
#include "dead_letter/letter.h"

namespace hospes::collect {

inline constexpr Duration skew_ignored = std::chrono::seconds(30);  // network and batching
inline constexpr Duration skew_remembered = std::chrono::hours(1);  // then measured afresh
inline constexpr std::size_t skews_max = 100'000;

/// How far behind the clock of a device is: the running minimum of receipt - sending, so that a
/// slow network does not move events. One thread.
class Skews {
 public:
  /// Learns from one request; gives the correction, zero below skew_ignored.
  Duration learn(Hash128 device, Instant sent, Instant received);
  std::size_t size() const { return seen_.size(); }

 private:
  struct Seen {
    Duration least;
    Instant since;
  };
  std::unordered_map<Hash128, Seen, HashOfHash> seen_;
};

struct Times {
  Instant happened, original, sent;
  bool clamped = false;
};

/// `device`: by whose clock a public key speaks; a server's clock is taken at its word.
std::expected<Times, const Reject*> times_of(
    const Item& item, catalog::KeyUse key, Hash128 device, Instant received, Skews& skews
);

/// Of a letter that is sent again: its own, as they were read; or as it says now, and where it says
/// none, its receipt.
std::expected<Times, const Reject*> times_again(
    const Item& item, const dead_letter::Letter& letter, bool retimed
);

}  // namespace hospes::collect
