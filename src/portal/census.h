// Which events are on anybody's timeline, and which purposes some of each may serve: why a segment
// is empty, and which names a definition may use. Private to portal/.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "portal/console.h"

namespace hospes::portal {

class Census {
 public:
  struct Kind {
    std::uint64_t count = 0;
    Mask visible = 0;  // union over its events, as people's answers stand
  };
  using Kinds = std::map<std::string, Kind, std::less<>>;  // by event name

  explicit Census(const ConsoleDoors& doors) : doors_(doors) {}

  /// Walks everybody (people.h) when the last walk is older than a minute or an event of a new name
  /// came since; else as it was.
  Kinds kinds();

 private:
  static constexpr Duration good_for = std::chrono::minutes(1);

  const ConsoleDoors& doors_;
  std::mutex mutex_;  // the second to ask waits for the walk of the first
  Kinds kinds_;
  Instant walked_ = Instant::beginning();
  std::size_t names_then_ = 0;
};

/// The event names a predicate asks for, those under `not` left out: none of them is needed.
std::vector<std::string> events_of(const segment::Node& node);

}  // namespace hospes::portal
