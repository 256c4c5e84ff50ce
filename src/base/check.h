// A bug stops the process; the log replays it. Never check() what a guest, a disk or a network can cause.
#pragma once

#include <source_location>

namespace hospes {

[[noreturn]] void check_failed(const char* what, std::source_location where);

inline void check(bool truth, const char* what = "invariant",
                  std::source_location where = std::source_location::current()) {
  if (!truth) [[unlikely]] check_failed(what, where);
}

}  // namespace hospes
