// The Global Privacy Platform string of the IAB: several signals in one, each a section.
//
//   string   = header ("~" section)*             one section for each id of the header, in its order
//   header   = 3:6 1:6 n:12 (0:1 step:fib | 1:1 step:fib length:fib)[n]
//
// A step counts from the last id so far; fib is Fibonacci coding, whose last two bits are 1. Section
// 2 is Europe's TC string. Source: IAB Tech Lab, "Global Privacy Platform", core document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "signal/tc_string.h"

namespace hospes::signal {

inline constexpr unsigned gpp_europe = 2;
inline constexpr unsigned gpp_ids_max = 4'095;

struct GppSection {
  unsigned id = 0;
  std::string text;  // not read here, but for Europe's (parse_tc)
  bool operator==(const GppSection&) const = default;
};

/// In order of id. invalid_input says what is wrong.
Result<std::vector<GppSection>> parse_gpp(std::string_view text);
/// Precondition: ids ascend, from 1.
std::string write_gpp(const std::vector<GppSection>& sections);
/// A GPP header begins with the letters `DB`: no TC string does, their version is 2 (`C`).
bool looks_like_gpp(std::string_view text);

}  // namespace hospes::signal
