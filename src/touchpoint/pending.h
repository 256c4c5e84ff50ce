// Questions under way: how many there are, and their deadlines. Whoever comes first answers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/time.h"
#include "http/responder.h"

namespace hospes::touchpoint {

class Pendings;

/// One question. Lives as long as anybody works on it, which may be longer than until its answer.
class Pending {
 public:
  Pending(Pendings& all, http::Responder responder) : all_(all), responder_(std::move(responder)) {}
  ~Pending();
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

  /// The first call answers; later ones are too late. From any thread.
  void answer(http::Response response);
  bool answered() const;
  /// From now on the deadline answers `instead`. False: it has come, and nothing of this question may be written.
  bool keep(http::Response instead);

 private:
  friend class Pendings;
  void end(const std::function<http::Response()>& late);

  Pendings& all_;
  http::Responder responder_;
  mutable std::mutex mutex_;
  bool answered_ = false;                  // guarded by mutex_
  std::optional<http::Response> instead_;  // guarded by mutex_
};

class Pendings {
 public:
  explicit Pendings(std::size_t most) : most_(most), thread_([this] { run(); }) {}
  ~Pendings() { close(); }
  Pendings(const Pendings&) = delete;
  Pendings& operator=(const Pendings&) = delete;

  using Late = std::function<http::Response()>;
  /// Null when there are too many, or it is closing; `responder` is not used up then. `late` makes
  /// the answer of the deadline.
  std::shared_ptr<Pending> open(http::Responder& responder, Duration deadline, Late late);
  /// Opens no more; returns when nobody works on any. Idempotent.
  void close();

 private:
  friend class Pending;
  using Clock = std::chrono::steady_clock;
  struct Due {
    std::weak_ptr<Pending> pending;
    Late late;
  };
  void ended();
  void run();

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::multimap<Clock::time_point, Due> due_;  // guarded by mutex_
  std::size_t under_way_ = 0;                  // guarded by mutex_
  bool closing_ = false, stop_ = false;        // guarded by mutex_
  std::thread thread_;
};

}  // namespace hospes::touchpoint
