// What a house knows, held against a definition: names that nobody ever sent, and the nearest that
// somebody did.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "segment/text.h"

namespace hospes::segment {

struct Known {
  std::string name;
  std::uint64_t count = 0;
  std::string note;  // said behind the name: "69,659 events, last 2 s ago"; may be empty
};

/// A list left out is not checked.
struct Vocabulary {
  std::optional<std::vector<Known>> events, traits, segments, purposes, kinds;
  std::map<std::string, std::vector<Known>>
      properties;  // by event; events not listed are not checked
};

/// Every unknown name, in order of place. Segments of `definitions` know each other. `source`: the
/// text they were read from, for the lines of the mistakes; may be empty.
std::vector<Mistake> check(
    const std::vector<Definition>& definitions, const Vocabulary& vocabulary,
    std::string_view source
);

}  // namespace hospes::segment
