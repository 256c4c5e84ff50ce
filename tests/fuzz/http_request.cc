// Bytes on a connection, against a real server on loopback in this process.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "http/server.h"
#include "target.h"

namespace {

using namespace hospes;

/// Answers every request with what it saw.
http::Server& server() {
  static const auto running = [] {
    http::ServerOptions options;
    options.body_bytes_max = 32 * 1024;
    options.header_bytes_max = 4 * 1024;
    auto opened = http::Server::open(options);
    fuzz::must(opened.has_value(), "a free port");
    (*opened)->start([](http::Request request, http::Responder responder) {
      fuzz::must(request.body.capacity() >= request.body.size() + http::body_padding, "padded");
      fuzz::must(request.body.size() <= 32 * 1024, "within its size");
      std::string told = request.method + " " + request.path + "\n";
      for (std::size_t i = 0; i < request.headers.size(); ++i)
        told.append(request.headers.name(i)).append(": ").append(request.headers.value(i)) += '\n';
      told += request.query_value("writeKey").value_or("");
      responder.send(http::text(200, told));
    });
    return std::move(*opened);
  }();
  return *running;
}

int connect_to(std::uint16_t port) {
  const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  const int connected = ::connect(s, reinterpret_cast<const sockaddr*>(&at), sizeof at);
  fuzz::must(connected == 0, "the server still takes connections");
  return s;
}

/// Sends all, says that it was all, and reads to the end.
std::string exchange(std::string_view bytes) {
  const int s = connect_to(server().port());
  while (!bytes.empty()) {
    const auto n = ::send(s, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) break;  // it was refused meanwhile
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  ::shutdown(s, SHUT_WR);
  std::string out;
  char buffer[16 * 1024];
  for (;;) {
    const auto n = ::recv(s, buffer, sizeof buffer, 0);
    if (n <= 0) break;
    out.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(s);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const std::string answer = exchange(bytes);
  fuzz::must(answer.empty() || answer.starts_with("HTTP/1.1 "), "an answer is HTTP");
  static unsigned runs = 0;
  if (++runs % 16 != 0) return 0;
  const std::string still =
      exchange("GET /still?writeKey=a%20b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  fuzz::must(still.starts_with("HTTP/1.1 200 ") && still.ends_with("a b"), "the server goes on");
  return 0;
}
