// How much came and passed, minute by minute: what the first page counts. Numbers only, bounded,
// and kept over a restart.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "clock/clock.h"
#include "collect/door.h"
#include "disk/disk.h"
#include "flow/apply.h"
#include "portal/sketch.h"

namespace hospes::portal {

/// Thread-safe; counting takes a short lock and never waits for the disk. A thread of its own writes
/// `folder`/pulse every minute and at close, so a crash loses a minute of counts at most, and says
/// so in `gaps`.
class Pulse {
 public:
  static constexpr std::int64_t minutes_max = 26 * 60;   // a day of any zone, and its change of clock
  static constexpr std::size_t reasons_max = 64;  // of a quarter of an hour; the rest is "other"
  static constexpr std::size_t gaps_max = 64;
  static constexpr std::int64_t segment_minutes = 60;

  struct Counts {
    std::uint64_t events = 0, answers = 0, withheld = 0, refused = 0, duplicates = 0;
    std::uint64_t in = 0, out = 0;
    Counts& operator+=(const Counts& other);
    bool operator==(const Counts&) const = default;
  };
  struct Moved {
    std::uint64_t in = 0, out = 0;
  };
  struct Reason {
    bool simulated = false;
    std::string verdict, source, why;  // purposes that were missing, or the rule
    auto operator<=>(const Reason&) const = default;
  };
  struct Gap {
    Instant from, until;
  };
  static constexpr std::int64_t visitor_days_max = 400;
  /// Visitors of a page whose events were withheld, by day of the house: without a cookie, told apart by marks that
  /// die with the day (collect/visitor.h).
  struct Visitors {
    std::int64_t day = 0;  // since 1970-01-01
    std::uint64_t people = 0, views = 0;
    bool at_most = false;  // the program was started within the day: who came before and after counts twice
    bool operator==(const Visitors&) const = default;
  };

  /// Reads what an earlier run left. A file that cannot be read is an empty past, not an error.
  static Result<std::unique_ptr<Pulse>> open(disk::Disk& disk, std::string folder, Clock& clock);
  ~Pulse();

  void arrived(const collect::Arrival& arrival);
  void passed(const std::vector<flow::Transition>& transitions);
  void repeated(bool simulated);

  /// Sum of the whole minutes that begin in [from, until).
  Counts sum(Instant from, Instant until, bool real_only) const;
  /// `n` sums of `step` minutes each, the last one ends with the running minute.
  std::vector<Counts> by(std::int64_t step, std::size_t n, bool real_only) const;
  /// Since `from`, the most frequent first.
  std::vector<std::pair<Reason, std::uint64_t>> reasons(Instant from, bool real_only) const;
  /// Of one source, the latest day first, `days` at most.
  std::vector<Visitors> visitors(std::string_view source, std::size_t days) const;
  /// By segment, over the last hour, since the start at most.
  std::map<segment::SegmentIndex, Moved> moved(bool real_only) const;
  Instant started() const { return started_; }
  /// Beginning of the oldest minute that is kept.
  Instant since() const;
  std::vector<Gap> gaps() const;

  /// Writes now.
  Status save();
  void close();

 private:
  struct Minute {
    Counts real, simulated;
  };
  /// A day of one source that is still running, or was the last.
  struct Today {
    std::int64_t day = 0;
    std::uint64_t before = 0;  // counted under another salt, by an earlier run
    Sketch marks;
  };
  struct Moves {
    std::map<segment::SegmentIndex, Moved> real, simulated;
  };

  Pulse(disk::Disk& disk, std::string folder, Clock& clock);
  void read(std::string_view text);
  bool read_line(std::string_view line);
  std::string written() const;  // under mutex_
  Counts& counts(bool simulated);
  void forget(std::int64_t minute);
  void visited(const collect::Arrival& arrival);
  /// As it stands, the running day counted.
  Visitors counted(const std::string& source, Visitors day) const;
  void run();

  disk::Disk& disk_;
  const std::string folder_;
  Clock& clock_;
  const Instant started_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::int64_t, Minute> minutes_;  // by minutes since 1970
  std::map<std::int64_t, std::map<Reason, std::uint64_t>> reasons_;  // by quarter of an hour
  std::map<std::int64_t, Moves> moves_;                              // by minute
  std::map<std::string, std::map<std::int64_t, Visitors>, std::less<>> visitors_;  // by source, then day
  std::map<std::string, Today, std::less<>> today_;                                // by source
  std::deque<Gap> gaps_;
  Instant since_;
  Instant last_saved_ = Instant::never();  // by the run before
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace hospes::portal
