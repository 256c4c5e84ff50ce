// Which files the lake consists of, and how far they reach. One small text file, replaced atomically: what it does not
// name does not exist.
//
//   manifest = "hospes lake 1\n" line* "end " count "\n"        a torn one has no end
//   line     = "written " epoch offset | "planned " epoch offset | "gap " epoch from to | "swept " µs
//            | "file " table day event epoch from to tier generation rows bytes
// Fields are separated by one space; an event's name is percent-encoded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"

namespace hospes::lake {

/// One Parquet file: what the records after `from` up to `upto` say of one table, day and event.
struct File {
  std::string table;  // events
  std::string day;    // 2026-11-27, of receipt, UTC
  std::string event;  // as it is
  Position from, upto;
  unsigned tier = 0;        // how often small ones were merged into it
  unsigned generation = 0;  // how often it was rewritten without somebody
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;

  /// Below the house's folder in the lake: `events/day=2026-11-27/event=Order%20Completed/1-4096-9210.parquet`.
  std::string folder() const;
  std::string path() const;
  bool operator==(const File&) const = default;
};

struct Manifest {
  Position written;                // everything up to here is in the files
  std::optional<Position> planned;  // where the cut that is being written ends
  std::vector<std::pair<Position, Position>> gaps;  // released before it was read
  Instant swept = Instant::beginning();
  std::vector<File> files;

  bool operator==(const Manifest&) const = default;
};

std::string to_text(const Manifest& manifest);
/// corrupt says which line.
Result<Manifest> read_manifest(std::string_view text);

/// As the name of a folder: letters, digits and `-_.` stay, all else is %XX; beyond 200 bytes a hash.
std::string folder_text(std::string_view name);

}  // namespace hospes::lake
