// How many were in a segment, as today's definition and today's knowledge tell it: each timeline run
// through the segment engine up to each moment. Nothing is noted down on the way. Private to portal/.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "portal/console.h"
#include "segment/engine.h"

namespace hospes::portal {

struct HistoryPoint {
  std::uint64_t members = 0, in = 0, out = 0;  // in and out: since the point before
  bool operator==(const HistoryPoint&) const = default;
};

/// Adds one person's past to `points`, which lie `step` apart, the last at `now`; `in` and `out` of
/// the first are those of the step before it. What of the timeline is visible is judged as of now.
void add_past(
    const segment::Engine& engine, segment::SegmentIndex segment, const segment::Person& person,
    Instant now, Duration step, std::vector<HistoryPoint>& points
);

class History {
 public:
  static constexpr std::size_t points_max = 400;
  static constexpr std::uint64_t people_max = 200'000;  // looked at; of more, one in so many
  static constexpr std::size_t kept_max = 64;           // answers, for a minute

  explicit History(const ConsoleDoors& doors) : doors_(doors) {}
  /// GET /v1/segments/{id}/history
  http::Response read(const http::Request& request);

 private:
  struct Asked {
    std::string id;
    Duration step{0};
    std::size_t points = 0;
    bool real_only = false;
    auto operator<=>(const Asked&) const = default;
  };
  struct Kept {
    Instant at;
    std::uint64_t version = 0;  // of the definitions
    std::string body;
  };
  static Result<Asked> asked(const http::Request& request);
  std::string computed(
      const Asked& asked, const segment::Engine& engine, segment::SegmentIndex segment
  );

  const ConsoleDoors& doors_;
  std::mutex alone_;  // one at a time
  std::mutex mutex_;  // guards kept_
  std::map<Asked, Kept> kept_;
};

}  // namespace hospes::portal
