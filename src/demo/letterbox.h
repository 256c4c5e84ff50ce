// The destination of the demo's letters: a small server on this machine that takes each and shows the
// last ones, so that nothing leaves it and yet everything is sent.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "http/server.h"

namespace hospes::demo {

class Letterbox {
 public:
  static constexpr std::size_t kept_max = 100;
  static constexpr std::string_view usual = "127.0.0.1:8098";

  /// On its usual port, or on a free one when that is taken.
  static Result<std::unique_ptr<Letterbox>> open();
  ~Letterbox();

  std::uint16_t port() const { return server_->port(); }
  std::uint64_t letters();

 private:
  explicit Letterbox(std::unique_ptr<http::Server> server) : server_(std::move(server)) {}
  http::Response answer(const http::Request& request);

  std::mutex mutex_;
  std::uint64_t letters_ = 0;
  std::deque<std::string> newest_;  // as they came, the newest first
  std::unique_ptr<http::Server> server_;
};

}  // namespace hospes::demo
