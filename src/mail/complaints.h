// How many of those who were written to complained, by destination: the breaker of marketing mail.
// Mailbox providers refuse a sender whom too many complain about, and its service mail with it, so
// the house stops before they do. Lines in the data folder, appended; the standing is their sum, so
// it is the same after a restart:
//   begun all µs | sent NAME DAY COUNT | complaint NAME DAY COUNT | stopped NAME µs | reopened NAME µs WHO
// A file that is lost is counted anew from what the partitions hold (server/mail_known.h).
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
#include "mail/lines.h"

namespace hospes::mail {

class Complaints {
 public:
  /// Google's and Yahoo's rules for senders (February 2024): below 0.1 %, never 0.3 %.
  static constexpr std::uint64_t per_thousand_max = 3;
  static constexpr std::uint64_t least = 5;  // fewer say nothing about a rate
  static constexpr std::int64_t days = 7;    // today (UTC) and the six before

  /// corrupt: a line that is none, with its number.
  static Result<std::unique_ptr<Complaints>> open(disk::Disk& disk, const std::string& folder, Instant now);

  /// Its lines are lost, or it is the first start: what is known elsewhere may be counted again, before
  /// anything else is said.
  bool fresh() const { return !begun_ && held_.empty(); }
  /// One who was written to, or who complained, on that day (UTC, since 1970-01-01).
  struct Counted {
    std::string destination;
    std::int64_t day = 0;
    std::uint64_t sent = 0, complaints = 0;
  };
  /// Durable when it returns. Whom that would stop is stopped since now.
  Status restore(const std::vector<Counted>& counted, Instant now);

  struct Standing {
    std::uint64_t sent = 0, complaints = 0;  // of marketing, in the window, since the last reopening
    bool stopped = false;
    Instant since;            // of the stop
    std::string reopened_by;  // the last time; empty: never
    Instant reopened;
  };

  // All are thread-safe.

  /// A marketing mail was taken by that destination. Written with the next complaint, or 500 at a
  /// time: what a kill takes away makes the rate look higher, never lower.
  void sent(std::string_view destination, Instant now);
  /// Durable when it returns. True: it stopped the destination.
  Result<bool> complained(std::string_view destination, Instant now);
  /// Durable when it returns; what was counted counts no more. conflict: nothing is stopped.
  Status reopen(std::string_view destination, std::string_view who, Instant now);
  bool stopped(std::string_view destination) const;
  Standing of(std::string_view destination, Instant now) const;

 private:
  struct Day {
    std::uint64_t sent = 0, complaints = 0;
  };
  struct Held {
    std::map<std::int64_t, Day> days;
    std::uint64_t unwritten = 0;  // of the last day's `sent`
    bool stopped = false;
    Instant since, reopened;
    std::string reopened_by;
  };
  Complaints() = default;
  bool take(std::string_view line);
  std::string compact(std::int64_t today) const;
  std::string unwritten(std::string_view name, Held& held);
  static bool stop_if_many(Held& held, Instant now);
  static Standing sum(const Held& held, std::int64_t today);

  mutable std::mutex mutex_;
  std::optional<Lines> lines_;  // set once opened
  std::optional<Instant> begun_;
  std::map<std::string, Held, std::less<>> held_;
};

}  // namespace hospes::mail
