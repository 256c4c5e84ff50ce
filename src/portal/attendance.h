// Who is here: how many people are known, how many of them are new, and how many may be written to.
// Private to portal/.
#pragma once

#include <mutex>

#include "portal/console.h"

namespace hospes::portal {

class Attendance {
 public:
  struct Heads {
    std::uint64_t known = 0, new_today = 0, reachable = 0;
  };
  struct Count {
    Heads real, simulated;
    Instant as_of;
    bool asks_email = false;  // the house has the purpose contact:email
  };

  explicit Attendance(const ConsoleDoors& doors) : doors_(doors) {}

  /// Walks everybody (people.h) when the last walk is older than ten seconds and than a hundred
  /// times what it took, or of another day; else as it was. `day_began`: in the house's zone.
  Count count(Instant day_began);

 private:
  static constexpr Duration good_for = std::chrono::seconds(10);
  static constexpr int times_walk = 100;

  const ConsoleDoors& doors_;
  std::mutex mutex_;  // the second to ask waits for the walk of the first
  Count last_;
  Instant day_ = Instant::never();
  Duration took_{0};
};

}  // namespace hospes::portal
