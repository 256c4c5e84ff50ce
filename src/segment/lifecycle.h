// A life cycle: an ordered family of segments of which nobody is in two. Who leaves one and enters
// another at the same instant passes from stage to stage; who is in none stands outside.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "segment/definition.h"

namespace hospes::segment {

inline constexpr unsigned stages_max = 32;      // of one life cycle
inline constexpr unsigned lifecycles_max = 16;  // of one house

struct Lifecycle {
  std::string id;  // slug, as a segment's
  std::string name_en, name_fr;
  std::vector<std::string> stages;  // ids of segments, in order
  Place place;
  std::vector<Place> stage_places;
  bool operator==(const Lifecycle& other) const {
    return id == other.id && name_en == other.name_en && name_fr == other.name_fr &&
           stages == other.stages;
  }
};

/// The canonical text.
std::string format(const Lifecycle& lifecycle);

/// Whether the two say in so many words that nobody meets both: a condition of one is `not` a
/// condition of the other, or that other itself; or both ask about the same number or the same age,
/// and nothing answers both. True is a proof; false is none.
bool exclude_each_other(const Definition& a, const Definition& b);

/// The first thing that does not hold: two stages or more, each once, each of `definitions`, all of
/// one purpose, every two excluding each other; a segment is a stage of one life cycle at most.
std::optional<Mistake> validate(
    const std::vector<Lifecycle>& lifecycles, const std::vector<Definition>& definitions,
    const std::vector<bool>& retired = {}
);

}  // namespace hospes::segment
