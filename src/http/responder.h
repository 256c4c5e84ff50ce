// How a handler answers: once, from any thread, now or later; or with a stream that stays open
// (server-sent events).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/result.h"
#include "http/message.h"

namespace hospes::http {

/// An answer that goes on. All calls are thread-safe. It ends when the client leaves, the server
/// stops, or `close`.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Queues a chunk. over_limit when `stream_queue_bytes_max` is waiting (the chunk is dropped, the
  /// stream lives on, so tell the reader that something is missing), unavailable when it is closed.
  virtual Status write(std::string chunk) = 0;
  virtual bool closed() const = 0;
  /// What was queued is still sent.
  virtual void close() = 0;
};

/// What a Responder speaks to; the session behind it, or a test's.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void send(Response response) = 0;
  virtual std::shared_ptr<Stream> open_stream(Response head) = 0;
};

/// Move-only; used up by its first answer. Dropped without one, it answers 500: no client waits for
/// ever.
class Responder {
 public:
  Responder() = default;
  explicit Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  Responder(Responder&&) = default;
  Responder& operator=(Responder&& other) noexcept {
    if (this != &other) {
      drop();
      exchange_ = std::move(other.exchange_);
    }
    return *this;
  }
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder() { drop(); }

  /// Precondition of both: not yet answered. The body of `head` is ignored.
  void send(Response response) { take()->send(std::move(response)); }
  std::shared_ptr<Stream> stream(Response head) { return take()->open_stream(std::move(head)); }

 private:
  std::shared_ptr<Exchange> take() {
    check(exchange_ != nullptr, "a request is answered once");
    return std::exchange(exchange_, nullptr);
  }
  void drop() {
    if (exchange_) take()->send(text(500, "the request was dropped without an answer\n"));
  }

  std::shared_ptr<Exchange> exchange_;
};

/// Called on a network thread: must not block.
using Handler = std::function<void(Request, Responder)>;

}  // namespace hospes::http
