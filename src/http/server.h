// A small HTTP/1.1 server: keep-alive, pipelining (answers in order), bodies bounded and padded,
// slow clients cut off. HTTP/2, HTTP/3 and certificates belong to the proxy in front.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/responder.h"

namespace hospes::http {

struct ServerOptions {
  std::string listen = "127.0.0.1:0";            // address:port; port 0 takes a free one
  unsigned threads = 1;                          // one loop each
  std::size_t header_bytes_max = 16 * 1024;      // beyond: 431
  std::size_t body_bytes_max = 4 * 1024 * 1024;  // as sent; beyond: 413
  std::size_t bodies_bytes_max =
      96 * 1024 * 1024;                // of all requests being read or answered; beyond: 503
  std::size_t connections_max = 4096;  // beyond: accepted late
  std::size_t stream_queue_bytes_max = 1024 * 1024;  // per stream
  std::chrono::milliseconds idle_timeout{75'000};    // between requests
  std::chrono::milliseconds header_timeout{10'000};  // first byte to last header byte
  std::chrono::milliseconds body_timeout{
      10'000};  // grace for a body, on top of its bytes at the rate below
  std::size_t body_bytes_per_second_min = 4 * 1024;  // slower bodies are cut off (408)
  std::chrono::milliseconds write_timeout{30'000};   // one answer to a client that does not read
};

class Server {
 public:
  /// Binds, so that a taken port is told at once and by whom: unavailable, "127.0.0.1:8080 is taken
  /// by nginx (pid 4121)". invalid_input when `listen` is no numeric address and port.
  static Result<std::unique_ptr<Server>> open(ServerOptions options);
  virtual ~Server() = default;

  /// Starts answering. Once.
  virtual void start(Handler handler) = 0;
  virtual std::uint16_t port() const = 0;
  /// Stops accepting, lets requests in flight finish for at most `grace`, closes streams, joins the
  /// threads. Idempotent.
  virtual void stop(std::chrono::milliseconds grace) = 0;
  /// Connections open now.
  virtual std::size_t connections() const = 0;
};

}  // namespace hospes::http
