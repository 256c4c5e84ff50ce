// After an erasure its keys are gone at once; what they sealed is overwritten within a stated time,
// so that even who kept the keys finds nothing: log, receipts and store are written anew without it.
// docs/rights.md.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "clock/clock.h"
#include "diary/diary.h"
#include "disk/disk.h"
#include "log/local_log.h"
#include "node/node.h"
#include "receipt/transparency_log.h"
#include "store/rocks.h"

namespace hospes::server {

class Scrub {
 public:
  /// All outlive it.
  struct Doors {
    node::Node& node;
    log::LocalLog& log;
    store::RocksStore& store;
    receipt::TransparencyLog& receipts;
    disk::Disk& data;
    Clock& clock;
    diary::Diary& diary;
    std::function<Status()> rewrite_lake;  // what reads the log behind it, and holds a copy
  };
  /// `within`: how long an erasure may wait for it, so that many share one.
  Scrub(Doors doors, Duration within);
  /// As close().
  ~Scrub();
  Scrub(const Scrub&) = delete;
  Scrub& operator=(const Scrub&) = delete;

  /// Somebody was erased, or something ended. Never blocks.
  void look();
  /// Idempotent. A scrub at hand is given up between its steps, and begins again at the next start.
  void close();

 private:
  void run();
  /// Everything erased up to now is in no file; durable.
  Status scrub();
  Status clear_log();
  /// Up to when it was done, and since when something waits for it; never(): nothing does.
  Instant done_through() const;
  Instant waits_since(Instant done);
  /// When anything last left by the schedules.
  Instant last_ended();

  Doors doors_;
  const Duration within_;
  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  bool wanted_ = true, stop_ = false;
  std::thread thread_;
};

}  // namespace hospes::server
