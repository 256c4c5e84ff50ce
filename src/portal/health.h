// How each source is: what it sent lately, how late, what was wrong. Fed on the door's thread, so adding
// costs a short lock and never waits; read by GET /v1/sources.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "collect/door.h"

namespace hospes::portal {

class Health {
 public:
  static constexpr std::size_t minutes = 60;    // of counts
  static constexpr std::size_t lags_max = 256;  // newest accepted events, for the lag

  struct Counts {
    std::uint64_t accepted = 0, withheld = 0, refused = 0;
  };
  /// Requests that were turned away whole, by status.
  struct Errors {
    std::uint64_t times = 0;
    Instant last;
    std::string reason;  // of the last
    std::string origin;  // of the page it came from, when a page sent it
  };
  struct Last {
    Instant at;
    std::string event;
    std::string_view verdict;
  };
  struct Report {
    Counts since_start, last_hour;
    std::uint64_t per_min = 0;  // events accepted in the last minute
    std::optional<Last> last;
    std::optional<Duration> lag_median, lag_max;  // from happening to receipt
    std::map<int, Errors> errors;
    std::map<std::string, std::uint64_t> rules;  // refused events by their code
  };

  void arrived(const collect::Arrival& arrival);
  void turned_away(const collect::TurnedAway& request);

  void admitted(const collect::Admitted& request);
  /// When a request that bore this key was let in last, since the start.
  std::optional<Instant> last_use(std::string_view source, const catalog::KeyHash& key) const;

  /// Of one source; of nobody's requests (unknown keys, a full queue) with an empty name.
  Report report(std::string_view source, Instant now) const;

 private:
  struct Minute {
    std::int64_t number = 0;
    Counts counts;
  };
  struct Row {
    Counts total;
    std::array<Minute, minutes> lately;
    std::optional<Last> last;
    std::deque<Duration> lags;
    std::map<int, Errors> errors;
    std::map<std::string, std::uint64_t> rules;
    std::map<catalog::KeyHash, Instant> keys;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Row, std::less<>> rows_;  // sources are the house's own: bounded
};

}  // namespace hospes::portal
