// What stands before the door and the console: "still starting", readiness, the console's pages, the
// counts of answers, and the diary of who looked at whom. Requests pass through; their content is
// never kept.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"
#include "diary/diary.h"
#include "http/responder.h"
#include "pages/pages.h"
#include "portal/access.h"

namespace hospes::server {

/// Answers by status, without locks; statuses that are not in the list count as 0.
class Answers {
 public:
  static constexpr std::array<int, 17> statuses = {200, 204, 303, 304, 400, 401, 403, 404, 405,
                                                   408, 413, 415, 421, 429, 500, 503, 0};
  void count(int status);
  std::uint64_t of(std::size_t i) const { return counts_[i].load(); }
  std::uint64_t refused() const;  // 4xx and 5xx

 private:
  std::array<std::atomic<std::uint64_t>, statuses.size()> counts_{};
};

/// Where the world reaches the public listener: `[public] url` without a slash at its end, else this
/// machine at `port`.
std::string reached_at(std::string url, unsigned port);

class Front {
 public:
  /// What is behind it once the house is open. `ready`: why nothing is taken, or success; cheap.
  struct Rooms {
    http::Handler door, console;
    std::function<Status()> ready;
    std::function<std::optional<portal::Refused>(const http::Request&)> check_place;
  };

  Front(diary::Diary& diary, const pages::Pages& pages);
  ~Front();

  /// Until `open`: 503 with Retry-After for every path but /healthz and the pages, and how far
  /// recovery is.
  void recovering(std::uint64_t records) { records_ = records; }
  void open(Rooms rooms);
  /// Writes the last counts to the diary; nothing is watched any more. Idempotent.
  void close();

  void from_public(http::Request request, http::Responder responder);
  void from_console(http::Request request, http::Responder responder);

 private:
  void watch();
  void tell_turn(const Status& ready);
  void tell_refused();
  std::string metrics() const;
  http::Response starting() const;
  http::Response before_open(const http::Request& request) const;
  void welcome(http::Response& response, const http::Request& request) const;

  diary::Diary& diary_;
  const pages::Pages& pages_;
  std::atomic<std::uint64_t> records_{0};
  std::unique_ptr<const Rooms> rooms_;       // set once
  std::atomic<const Rooms*> open_{nullptr};  // what requests see of it
  Answers public_answers_, console_answers_;
  std::uint64_t public_told_ = 0, console_told_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::string refusal_;  // as last told; empty: ready
  std::thread watcher_;
};

}  // namespace hospes::server
