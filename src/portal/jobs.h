// Work that is done by the clock or when somebody asks for it: one at a time, on a thread that gives way to the
// others. Private to portal/.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "clock/clock.h"
#include "diary/diary.h"
#include "lake/duck.h"

namespace hospes::portal {

/// From here on the calling thread gets a tenth of the time that another one gets which wants to run too (nice 10; on Linux
/// priorities are by thread).
void give_way();

struct Job {
  std::string name;
  std::string means_en, means_fr;
  Duration every{0};  // 0: only when asked for
  /// One sentence on what was done. Asks `stop` and tells `progress` as it goes.
  std::function<Result<std::string>(const lake::Watch&)> run;
  Instant last = Instant::beginning();  // when it was done before this start
};

class Jobs {
 public:
  Jobs(Clock& clock, diary::Diary& diary, std::vector<Job> jobs);
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// `{"jobs":[{"name","means","every_s","state","progress","began","ended","result","error"}]}`
  std::string json() const;
  /// It is done as soon as the one before it is; not_found with the nearest name. A job that waits or runs is not asked
  /// for twice.
  Status ask(std::string_view name);
  /// conflict when it neither waits nor runs.
  Status cancel(std::string_view name);
  /// Ends what runs. Idempotent.
  void close();

 private:
  enum class State : std::uint8_t { idle, waiting, running };
  struct Entry {
    Job job;
    State state = State::idle;
    bool cancelled = false;
    double progress = 0;
    std::optional<Instant> began, ended;
    std::string result;
    std::optional<Error> error;
  };
  void run();
  void run_one(Entry& entry, std::unique_lock<std::mutex>& lock);
  Entry* due();
  Result<Entry*> find(std::string_view name);

  Clock& clock_;
  diary::Diary& diary_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::vector<Entry> entries_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace hospes::portal
