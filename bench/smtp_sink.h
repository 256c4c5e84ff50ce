// A relay that takes everything, for benchmarks: as little SMTP (RFC 5321) as libcurl speaks, on
// loopback.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "base/result.h"

namespace hospes::bench {

class SmtpSink {
 public:
  static Result<std::unique_ptr<SmtpSink>> open();
  ~SmtpSink();
  SmtpSink(const SmtpSink&) = delete;
  SmtpSink& operator=(const SmtpSink&) = delete;

  std::uint16_t port() const { return port_; }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  SmtpSink(int listener, std::uint16_t port);
  void accept();
  void serve(int peer);

  const int listener_;
  const std::uint16_t port_;
  std::atomic<std::uint64_t> messages_{0}, bytes_{0};
  std::mutex mutex_;
  std::list<std::thread> peers_;  // guarded
  std::list<int> open_;           // guarded
  bool stop_ = false;             // guarded
  std::thread thread_;
};

}  // namespace hospes::bench
