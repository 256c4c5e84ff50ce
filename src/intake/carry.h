// Carries one file into a house: batches to /v1/import, a position after every answer, a report of
// every line that was not taken.
//
//   FILE.import/position   what a later run needs to go on
//   FILE.import/report.tsv line, verdict, code, reason: of every line not accepted
//   FILE.import/lock       one import of a file at a time
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "clock/clock.h"
#include "http/patient.h"
#include "intake/manifest.h"

namespace hospes::intake {

/// Lines of a file on their way: what a batch holds, and what did not fit.
struct Batch {
  struct Left {
    std::uint64_t line = 0;
    std::string code, reason;
  };
  std::string items;                 // JSON objects with commas between
  std::vector<std::uint64_t> lines;  // of each item
  std::vector<Left> unfit;
  std::uint64_t rows = 0, last_line = 0;
  double share = 0;  // of the file, read so far
};

/// What makes batches of a file. Used by one thread.
class Supply {
 public:
  virtual ~Supply() = default;
  /// False at the end; lines up to `after` are passed over.
  virtual Result<bool> next(std::uint64_t after, Batch& out) = 0;
};

struct CarryOptions {
  std::string path;       // of the file
  std::string sha256;     // of its bytes
  std::string meaning;    // how its lines are read and where they go: other than before is a conflict
  std::string write_key;
  std::string context;    // JSON object that all events of a request bear
  bool again = false;     // from the first line, though it has been imported
};

struct Carried {
  std::uint64_t lines = 0;                                // in all runs together
  std::uint64_t accepted = 0, withheld = 0, refused = 0;  // a line may be an event and an answer
  std::uint64_t here = 0;                                            // lines of this run
  std::uint64_t resumed_at = 0;                                      // line, 0: from the start
  double share = 0;
  std::uint64_t lines_per_s = 0;
  std::uint64_t seconds_left = 0;
  bool nothing_left = false;  // it had been imported whole
};

/// conflict: another import of this file is under way, or it was begun with another meaning.
/// unavailable: told to stop, or the server takes nothing; what is done stays done.
Result<Carried> carry(
    http::Client& client, Supply& supply, Clock& clock, const CarryOptions& options,
    const http::Patience& patience, const std::function<void(const Carried&)>& progress
);

/// `FILE.import`.
std::string folder_of(const std::string& path);

inline constexpr std::size_t batch_items_max = 2'000;
inline constexpr std::size_t batch_bytes_max = 768 * 1024;

}  // namespace hospes::intake
