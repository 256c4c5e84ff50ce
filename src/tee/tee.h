// All that goes on to old pipelines: tee.toml in motion. See README.md.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "activate/address.h"
#include "activate/flights.h"
#include "catalog/catalog.h"
#include "clock/clock.h"
#include "collect/live_sources.h"
#include "diary/diary.h"
#include "disk/disk.h"
#include "log/log.h"
#include "model/names.h"
#include "node/node.h"
#include "seal/keys.h"

namespace hospes::tee {

/// All outlive it; `flights`: where a withdrawal looks for what is leaving.
struct Doors {
  disk::Disk& data;
  log::Log& log;
  seal::KeyStore& keys;
  Names& names;
  const catalog::Catalog& catalog;
  const collect::LiveSources& sources;
  activate::Flights& flights;
  Clock& clock;
  diary::Diary& diary;
};

struct Options {
  std::string house_folder;  // where key files lie
  Duration held_max = std::chrono::hours(24);  // older than that it does not leave any more, and holds no log
  std::uint64_t free_bytes_min = 0;            // less room on the disk: the log is held for nobody here
};

class Stream;  // private: one tee

class Tees {
 public:
  /// Reads the keys and how far each one was. unavailable names file and tee.
  static Result<std::unique_ptr<Tees>> open(Doors doors, Options options, activate::Allowed allowed);
  ~Tees();
  Tees(const Tees&) = delete;
  Tees& operator=(const Tees&) = delete;

  /// One that is new begins with what comes from now on.
  void begin(node::Node& node);
  /// Lets what is under way end, two seconds at most; the rest leaves after the next start. Idempotent.
  void close();

  /// The log must keep what follows. Thread-safe.
  Position kept_after() const;
  /// `[{"name","source","host","purpose","standing","sent","again","not_sent":[{"reason","times"}],"lag_s","trouble"}]`.
  std::string told() const;

 private:
  Tees(Doors doors, activate::Allowed allowed);

  const Doors doors_;
  const activate::Allowed allowed_;
  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace hospes::tee
