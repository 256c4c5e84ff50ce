// Plays a script in a house and compares what it says with what the script expects.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenario/house.h"
#include "scenario/script.h"

namespace hospes::scenario {

struct Played {
  std::vector<std::string> failures;           // one text each, with the line
  std::map<std::size_t, std::string> answers;  // of each `expect`, by line
  Hash128 digest;                              // of the people at the end
};

/// A step that cannot be carried out is a failure.
Played play(const Script& script, const Way& way, std::uint64_t seed);

}  // namespace hospes::scenario
