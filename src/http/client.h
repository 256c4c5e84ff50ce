// A small blocking client: for the command line, tests and benchmarks. Plain HTTP/1.1 over one kept
// connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace hospes::http {

struct ClientOptions {
  std::string host = "127.0.0.1";  // name or address
  std::uint16_t port = 0;
  std::chrono::milliseconds timeout{10'000};  // for connecting, and for each wait on the peer
  std::size_t body_bytes_max = 64 * 1024 * 1024;
};

/// Not thread-safe. Connects when first used; a kept connection that the server closed meanwhile is
/// opened again, but a request whose answer broke off is not sent twice.
class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// unavailable: no connection, time-out, or the connection broke. Any status is an answer, not an
  /// error.
  Result<Response> send(
      std::string_view method, std::string_view target, const Headers& headers,
      std::string_view body
  );
  /// Reads a stream until the peer ends it or `on_chunk` answers false. The head is returned; a
  /// status other than 200 reads its body whole instead. `timeout` is between chunks.
  Result<Response> stream(
      std::string_view target, const Headers& headers,
      const std::function<bool(std::string_view chunk)>& on_chunk
  );

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

/// `http://127.0.0.1:8080/path` into options and target. invalid_input for anything but plain http.
Result<std::pair<ClientOptions, std::string>> parse_url(std::string_view url);

}  // namespace hospes::http
