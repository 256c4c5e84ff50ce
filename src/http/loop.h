// One network thread and what lives on it. Private to http/.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>

#include "http/server.h"

namespace hospes::http {

class Session;
using Steady = std::chrono::steady_clock;

/// What all loops of one server share.
struct Shared {
  ServerOptions options;
  Handler handler;
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> body_bytes{0};
  std::atomic<bool> stopping{false};
  std::function<void()> on_leave;  // a connection ended: the acceptor may go on
};

/// Sessions keep their loop alive; a responder may outlive the server, and then speaks to a loop
/// that is shut.
class Loop : public std::enable_shared_from_this<Loop> {
 public:
  Loop() : sweep_timer_(context_) {}

  boost::asio::io_context& context() { return context_; }
  bool here() const {
    return std::this_thread::get_id() == thread_id_.load(std::memory_order_relaxed);
  }
  /// Runs `task` on the loop's thread, at once when called from it. Dropped once the loop is shut.
  template <class Task>
  void run(Task task) {
    if (here()) return task();
    const std::lock_guard lock(mutex_);
    if (!shut_) boost::asio::post(context_, std::move(task));
  }

  void start();
  /// Ends the thread, then drops what still waits in the queue. Sessions must have been told to
  /// close.
  void shut();

  void enter(const std::shared_ptr<Session>& session) { sessions_.insert(session); }
  void leave(const std::shared_ptr<Session>& session) { sessions_.erase(session); }
  /// Loop thread only: asks each session to end (`now`: without waiting for its answer).
  void close_sessions(bool now);
  /// The Date header's value, refreshed by the sweep. Loop thread only.
  const std::string& date() const { return date_; }

 private:
  void sweep();

  boost::asio::io_context context_{1};
  boost::asio::steady_timer sweep_timer_;
  std::unordered_set<std::shared_ptr<Session>> sessions_;
  std::string date_;
  std::thread thread_;
  std::atomic<std::thread::id> thread_id_;
  std::mutex mutex_;  // guards shut_ against posts
  bool shut_ = false;
};

}  // namespace hospes::http
