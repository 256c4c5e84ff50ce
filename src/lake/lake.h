// The lake: what happened, as Parquet files below `lake/` in the data folder, by house, day of receipt and event. Derived
// from the log and disposable. docs/lake.md has its promises and its budget.
//
// A cut is a stretch of the log. Where it ends is written down before its files are, so a crash in between leads to the
// same files with the same rows. A file stands under its name when it is whole and durable, and counts when the manifest
// names it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "clock/clock.h"
#include "diary/diary.h"
#include "disk/disk.h"
#include "lake/cut.h"
#include "lake/duck.h"
#include "lake/manifest.h"

namespace hospes::lake {

/// All outlive the lake.
struct Doors {
  disk::Disk& data;
  log::Log& log;
  seal::KeyStore& keys;
  Names& names;
  const catalog::Catalog& catalog;
  Clock& clock;
  diary::Diary& diary;
};

struct Options {
  std::string data_folder;  // where `data` lies
  std::chrono::milliseconds every = std::chrono::seconds(20);
  std::size_t memory_mb_max = 256;  // of the database that writes
  std::size_t merge_files = 8;      // so many of one size become one
};

/// What everybody permits now, for every purpose: what the sweep goes by.
struct Standings {
  struct Closed {  // nothing of the identity that started up to `through` is seen
    std::int64_t identity = 0;
    PurposeBit purpose = 0;
    Instant through;
  };
  struct Yes {
    std::int64_t identity = 0, component = 0;
    PurposeBit purpose = 0;
    Instant begin, end;
  };
  Instant now;
  Position upto;  // files that reach beyond it hold people who came later, and wait for the next sweep
  Mask heedless = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> living;  // identity and component, the last of several; who is not here is erased
  std::vector<Closed> closed;
  std::vector<Yes> yeses;
  // For the schedules of the house; empty without them.
  std::vector<std::pair<std::int64_t, std::int64_t>> bearers;   // identity and person
  std::vector<std::pair<std::int64_t, Instant>> answered;       // person, and when they last answered, or did what has ended
};

struct Swept {
  std::uint64_t files = 0;  // rewritten or removed
  std::uint64_t rows = 0;   // that left
};

/// How far it is.
struct Extent {
  Position written;
  Instant as_of = Instant::beginning();  // when the last cut was done
  Instant swept = Instant::beginning();
  std::uint64_t files = 0, rows = 0, bytes = 0, gaps = 0;
  Status last;  // why the last cut failed, or success
};

class Lake {
 public:
  /// Reads the manifest, removes what a crash left. DuckDB is not needed before the first cut that has rows.
  static Result<std::unique_ptr<Lake>> open(Doors doors, Options options);
  ~Lake();
  Lake(const Lake&) = delete;
  Lake& operator=(const Lake&) = delete;

  /// Cuts by itself from now on, on a thread that gives way to the others (nice 10).
  void begin();
  /// Everything that is durable now is in files when it returns. Blocks.
  Status cut();
  /// Rewrites the files without what no purpose may see any more: rows of who is erased, rows whose last purpose was
  /// closed, bits of purposes that were. Stopped in between, what was rewritten stays so. Blocks; cuts wait.
  Result<Swept> sweep(const Standings& now, const Watch& watch = {});
  /// Ends after the cut that is being made. Idempotent.
  void close();

  /// The log must keep what follows. Everything is let go after `failures_max` cuts that failed: a lake that cannot be
  /// written must not fill the disk; what is lost then is told as a gap.
  Position kept_after() const;
  Extent extent() const;

  /// The files as they are, none of which goes while this lives.
  class Reading {
   public:
    std::vector<File> files;
    std::string folder;  // absolute; File::path() lies below it

   private:
    friend class Lake;
    std::shared_lock<std::shared_mutex> held_;
  };
  Reading read() const;

 private:
  static constexpr int failures_max = 3;

  Lake(Doors doors, Options options, Manifest manifest);
  void run();
  Result<bool> cut_once();
  Status keep(const Cut& cut, Manifest next);
  Result<std::vector<File>> write(const Cut& cut);
  Result<File> write_file(File file, const std::string& select);
  Status finish(Manifest next);
  Status merge();
  Status merge(const std::vector<File>& olds);
  Status fill_acts(const Standings& now);
  Status rewrite(const File& file, const Standings& now, Swept& out);
  Result<Duck*> duck();
  Status remember();  // fills held_
  void remove_retired();
  std::string below(const std::string& path) const { return house_ + "/" + path; }
  std::string absolute(const std::string& path) const { return options_.data_folder + "/" + path; }

  const Doors doors_;
  const Options options_;
  const std::string house_;  // lake/house=…
  std::mutex cutting_;       // one cut, merge or rewriting at a time; guards what follows
  std::unique_ptr<Duck> duck_;
  std::optional<Held> held_;
  std::vector<std::string> retired_;  // no longer in the manifest
  mutable std::shared_mutex reading_;  // shared by who reads files; alone by who removes them
  mutable std::mutex mutex_;           // guards what follows
  Manifest manifest_;
  Position durable_;  // what the manifest on disk says of `written`
  Instant as_of_ = Instant::beginning();
  Status last_;
  int failures_ = 0;
  bool stop_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace hospes::lake
