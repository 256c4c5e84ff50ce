// The dead letters of a house: kept, listed, opened, ended. docs/dead_letters.md.
//
// Invariants:
// 1. A message is one letter, however often it comes.
// 2. What stands on the disk can be read with the key of its owner only, and not after `days`.
// 3. No letter names an erased atom once `forget` has returned.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "dead_letter/letter.h"
#include "disk/disk.h"
#include "seal/keys.h"

namespace hospes::dead_letter {

struct Options {
  std::string folder = "letters";  // below the disk's root
  std::int64_t days = 7;           // kept; the day of UTC on which it came not counted
  std::uint64_t bytes_max = std::uint64_t{64} << 20;  // of all; of one source half of it
  std::uint64_t free_bytes_min = std::uint64_t{64} << 20;
};

/// How a letter ended.
enum class End : std::uint8_t { resent = 1, discarded = 2, withheld = 3 };
inline constexpr std::size_t ends = 4;

/// Empty fields match everything.
struct Wanted {
  std::string source, rule, event;
};

struct Listed {
  Head head;
  std::uint64_t times = 1;  // it came; since the start
  std::uint64_t bytes = 0;
};

/// Letters of one source, rule and event.
struct Group {
  std::string source, rule, event;
  std::uint64_t letters = 0, bytes = 0;
  Instant first, last;  // receipt
  Hash128 newest;
};

struct Totals {
  std::uint64_t letters = 0, bytes = 0;  // bytes: of the files
  std::uint64_t full = 0;     // not kept since the start, for there was no room
  std::uint64_t failed = 0;   // or for the disk refused
  std::uint64_t damaged = 0;  // files whose end could not be read
  std::array<std::uint64_t, ends> ended{};  // since the start, by End
};

/// Thread-safe. Keeping is a write without a sync: its sender was refused whatever comes of it, and a
/// crash of the process loses nothing; `sync` makes it outlive the machine's.
class Letters {
 public:
  static constexpr std::size_t letters_max = 500'000;

  /// Reads the heads of all files; those whose owner is erased are dropped. Cost: 1 s for 64 MB.
  static Result<std::unique_ptr<Letters>> open(
      disk::Disk& disk, seal::KeyStore& keys, Options options, Instant now
  );

  /// Seals and writes. One that is known (ended ones too, until their day is over) is counted.
  void keep(std::span<const Letter> letters);
  /// Everything so far outlives a power cut. No-op when nothing is pending.
  Status sync();
  /// Removes the files past their days.
  Status sweep(Instant now);
  /// Rewrites the files in which a letter names the atom. Cost: those files, read and written.
  Status forget(AtomId atom);

  /// The newest first, those after `after` in that order. `more`: there are others.
  std::vector<Listed> list(
      const Wanted& wanted, std::optional<Hash128> after, std::size_t limit, bool& more
  ) const;
  /// The largest first.
  std::vector<Group> groups() const;
  /// not_found: no such letter, it has ended, or its owner is erased.
  Result<Letter> read(Hash128 message) const;
  /// Durable when it returns. Unknown and ended ones are passed over; gives how many it ended.
  Result<std::size_t> end(std::span<const Hash128> messages, End how);
  Totals totals() const;
  const Options& options() const { return options_; }

 private:
  struct Place {
    std::int64_t day = 0;
    std::uint64_t at = 0;  // of its frame
    std::uint32_t size = 0;
    std::uint64_t times = 1;
    bool ended = false;
    Head head;
  };
  struct Day {
    std::unique_ptr<disk::File> file;
    std::uint64_t end = 0;
    bool dirty = false;
    std::vector<Hash128> order;
  };

  Letters(disk::Disk& disk, seal::KeyStore& keys, Options options)
      : disk_(disk), keys_(keys), options_(std::move(options)) {}
  std::string path(std::int64_t day) const;
  Status load(std::int64_t day);
  bool load_frame(std::int64_t day, std::uint64_t at, std::string_view payload);
  Result<Day*> day_of(Instant received);
  Status keep_one(const Letter& letter, std::uint64_t free);
  Status append(Day& day, std::string_view payload);
  Result<std::string> frame_at(const Place& place) const;
  Status rewrite(std::int64_t day);
  bool fits(const Head& head, std::uint64_t bytes) const;
  void drop(Hash128 message);
  static bool is(const Place& place, const Wanted& wanted);

  disk::Disk& disk_;
  seal::KeyStore& keys_;
  const Options options_;
  mutable std::mutex mutex_;  // guards all below
  std::map<std::int64_t, Day> days_;
  std::unordered_map<Hash128, Place, HashOfHash> places_;
  std::unordered_map<std::string, std::uint64_t> bytes_of_;  // of letters that have not ended, by source
  std::uint64_t bytes_ = 0;                                  // of the files
  Totals totals_;
};

}  // namespace hospes::dead_letter
