// A link to one's own pages, by mail: whoever has the mailbox has the link. The page says the same
// to everybody, so that nobody learns whose address is known (OWASP, forgot password).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "guest/acts.h"

namespace hospes::guest {

class LinkByMail {
 public:
  static constexpr unsigned an_hour_max = 3;    // of one address
  static constexpr unsigned a_minute_max = 60;  // of the house
  static constexpr std::size_t addresses_max = 10'000;

  /// Whether the house sends mail at all.
  static bool possible(const Doors& doors);
  /// `link`: makes one for that login, as a path. Sends it when the address is somebody's and was
  /// not asked for too often. Says nothing of it: what goes wrong is noted in the diary.
  void ask(
      const Doors& doors, std::string_view address, std::string_view lang,
      const std::function<std::string(const Atom& login)>& link
  );

 private:
  bool may(const std::string& name, Instant now);

  std::mutex mutex_;
  std::map<std::string, std::deque<Instant>> asked_;  // by the address's name; guarded
  std::deque<Instant> all_;                           // of the last minute; guarded
};

}  // namespace hospes::guest
