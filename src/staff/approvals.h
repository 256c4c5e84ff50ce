// A second person's yes: what leaves the house in numbers, or changes its rules, waits until somebody else has looked
// at it. docs/staff.md.
//
// Kept in `folder`/approvals, replaced whole and durably with each change:
//   file     = "hospes approvals 1\n" approval* "end\n"
//   approval = id TAB kind TAB state TAB asked TAB ends TAB people TAB by TAB answered_by TAB answered TAB exactly TAB what "\n"
//
// Invariants:
// 1. A yes is of exactly what was asked (`exactly`, a hash), good once, for a day.
// 2. Nobody says yes to what they asked themselves.
// 3. A yes is used up, durably, before what it was for begins.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "disk/disk.h"

namespace hospes::staff {

inline constexpr Duration approval_good_for = std::chrono::hours(24);  // to be given, and then to be used
inline constexpr std::size_t approvals_max = 1'000;                    // kept; the oldest that is over makes room

struct Wanted {
  std::string kind;     // `export`, `pack`, …
  std::string what;     // one line for whoever decides
  std::string exactly;  // a hash of all that would be done
  std::uint64_t people = 0;
  std::string by;       // the account that asks
};

struct Approval {
  enum class State : std::uint8_t { waiting, given, refused, used };
  Wanted wanted;
  std::string id;
  State state = State::waiting;
  Instant asked, ends;
  std::string answered_by;
  std::optional<Instant> answered;

  bool over(Instant now) const { return state == State::refused || state == State::used || ends <= now; }
};
std::string_view to_string(Approval::State state);

/// Thread-safe. Time is the caller's.
class Approvals {
 public:
  /// corrupt when the file cannot be read.
  static Result<std::unique_ptr<Approvals>> open(disk::Disk& disk, std::string folder);

  /// Uses up the yes that was given to exactly this. Nothing: there is none.
  Result<std::optional<Approval>> take(const Wanted& wanted, Instant now);
  /// It waits for somebody else from now on; the same that waits already is not asked twice.
  Result<Approval> ask(const Wanted& wanted, Instant now);
  /// not_found; conflict: it is over, answered already, or `by` asked for it.
  Result<Approval> answer(std::string_view id, std::string_view by, bool yes, Instant now);
  /// Newest first.
  std::vector<Approval> all() const;

  /// Counts what somebody takes out on their own; how many within a day, these included. In memory alone.
  std::uint64_t alone(std::string_view by, std::uint64_t people, Instant now);

  /// The code of a link by which whoever has it answers, good once. For a house of one person. not_found.
  Result<std::string> new_link(std::string_view id, Instant now);
  std::optional<Approval> by_link(std::string_view code, Instant now) const;

 private:
  Approvals(disk::Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}
  Status load();
  Status save() const;  // under mutex_

  disk::Disk& disk_;
  const std::string folder_;
  mutable std::mutex mutex_;
  std::vector<Approval> all_;                 // in the order they were asked
  struct Taken {
    Instant since;
    std::uint64_t people = 0;
  };
  std::map<std::string, Taken, std::less<>> alone_;
  std::map<std::string, std::string> links_;  // hash of a code → id; in memory alone
};

}  // namespace hospes::staff
