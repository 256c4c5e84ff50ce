// How people pass through the stages of a life cycle: counted as it happens, in every partition, and
// added up by whoever reads. A passage is a fact: nothing that is learnt later takes it back.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace hospes::flow {

inline constexpr Duration stage_late_max = std::chrono::hours(24);  // an event that is older moves nobody now
inline constexpr std::int32_t stage_days_max = 400;  // of which passages are kept by day

/// Lengths of time in classes of less than 0.8 %: as HdrHistogram does, 128 in each power of two of
/// microseconds. A value read back is the middle of its class, so it is off by 0.4 % at most.
std::uint16_t class_of(Duration stay);
Duration middle_of(std::uint16_t a_class);

/// Passages from one stage to another.
struct Passages {
  std::uint64_t moved = 0;      // by what they did or answered, or by time alone
  std::uint64_t regrouped = 0;  // they were joined, parted, erased, restricted, it was redefined, or an
                                // event came more than a day late
  std::map<std::uint16_t, std::uint64_t> stays;  // class → how many stayed so long before they moved
  std::map<std::int32_t, std::uint64_t> days;    // day since 1970, UTC → of `moved`
  bool operator==(const Passages&) const = default;
  void add(const Passages& other);
  /// Of the stays, the ⌈n / 2⌉-th in order; nothing when there is none.
  std::uint64_t measured() const;
  Duration median() const;
};

/// Of one life cycle in one partition.
struct StageSums {
  /// 0: outside all stages; else 1 + its place.
  struct Way {
    std::uint16_t from = 0, to = 0;
    bool simulated = false;
    auto operator<=>(const Way&) const = default;
  };
  std::vector<std::string> stages;  // ids; counting begins anew when they change
  Instant since;                    // when counting began
  std::map<Way, Passages> ways;
  bool operator==(const StageSums&) const = default;
};

/// By id of the life cycle.
using Stages = std::map<std::string, StageSums>;

std::string stages_form(const Stages& stages);
/// False when it does not read to its end.
bool read_stages(std::string_view form, Stages& into);

}  // namespace hospes::flow
