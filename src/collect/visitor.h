// Private to collect/: visitors of one day told apart without a cookie, and without knowing whom. Used by the door's thread.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include "collect/door.h"
#include "http/message.h"
#include "zones/zones.h"

namespace hospes::collect {

/// Where the house's days begin and end.
const zones::Zone& day_zone(const catalog::House& house);

/// Where a request comes from, as far as the network says it. Borrows from the request.
struct Whence {
  std::string_view remote, agent;  // address and User-Agent
};
/// `behind_proxy`: the address is the last of X-Forwarded-For, which the proxy itself wrote.
Whence whence_of(const http::Request& request, bool behind_proxy);

/// Marks under a salt that is drawn when the house's day begins (or this program does), lies in memory alone and is gone when
/// the day is: then no mark can be tried against an address any more, and none meets one of another day.
class DayMarks {
 public:
  /// `zone` outlives it: where the house's day begins and ends.
  explicit DayMarks(const zones::Zone& zone) : zone_(zone) {}
  /// The first 64 bits of HMAC-SHA256 over both and the source. Cost: some 0.5 µs.
  Visit of(const Whence& whence, std::string_view source, Instant at);

 private:
  const zones::Zone& zone_;
  std::int64_t day_ = std::numeric_limits<std::int64_t>::min();
  std::array<unsigned char, 32> salt_{};
};

}  // namespace hospes::collect
