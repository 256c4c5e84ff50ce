#include "http/client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace hospes::http {
namespace beast = boost::beast;

/// The socket and what was read from it beyond the last answer.
class Client::Connection {
 public:
  using Parser = beast::http::response_parser<beast::http::string_body>;

  explicit Connection(ClientOptions options) : options_(std::move(options)) {}
  ~Connection() { disconnect(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<Response> send(
      std::string_view method, std::string_view target, const Headers& headers,
      std::string_view body
  );
  Result<Response> stream(
      std::string_view target, const Headers& headers,
      const std::function<bool(std::string_view)>& on_chunk
  );

 private:
  Status connect();
  Status connect_to(const addrinfo& at);
  void disconnect();
  /// A kept connection on which the server has already said good-bye.
  bool stale() const;
  Status write_all(std::string_view bytes);
  /// Reads at least one byte more, or fails; 0 bytes: the peer ended.
  Result<std::size_t> read_more();
  /// Parses what is there; reads until `done` says so.
  Status advance(Parser& parser, const std::function<bool()>& done);
  Status request(
      std::string_view method, std::string_view target, const Headers& headers,
      std::string_view body
  );
  Response take(Parser& parser);
  std::string peer() const { return fmt::format("{}:{}", options_.host, options_.port); }

  ClientOptions options_;
  int socket_ = -1;
  std::string in_;
};

namespace {

void set_timeout(int socket, std::chrono::milliseconds timeout) {
  timeval tv{};
  tv.tv_sec = timeout.count() / 1000;
  tv.tv_usec = (timeout.count() % 1000) * 1000;
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);  // connect heeds it too
  const int one = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

}  // namespace

Status Client::Connection::connect_to(const addrinfo& at) {
  socket_ = ::socket(at.ai_family, at.ai_socktype | SOCK_CLOEXEC, at.ai_protocol);
  if (socket_ < 0)
    return fail(Code::unavailable, fmt::format("no socket: {}", std::strerror(errno)));
  set_timeout(socket_, options_.timeout);
  if (::connect(socket_, at.ai_addr, at.ai_addrlen) == 0) return {};
  const int error = errno;
  disconnect();
  return fail(Code::unavailable, fmt::format("cannot reach {}: {}", peer(), std::strerror(error)));
}

Status Client::Connection::connect() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code =
      getaddrinfo(options_.host.c_str(), std::to_string(options_.port).c_str(), &hints, &found);
  if (code != 0) return fail(Code::unavailable, fmt::format("{}: {}", peer(), gai_strerror(code)));
  Status status = fail(Code::unavailable, fmt::format("cannot reach {}", peer()));
  for (const addrinfo* at = found; at != nullptr && !status; at = at->ai_next)
    status = connect_to(*at);
  freeaddrinfo(found);
  return status;
}

void Client::Connection::disconnect() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  in_.clear();
}

bool Client::Connection::stale() const {
  pollfd p{socket_, POLLIN, 0};
  return ::poll(&p, 1, 0) != 0;  // between requests nothing may arrive but the end
}

Status Client::Connection::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return fail(
          Code::unavailable,
          fmt::format("sending to {} broke off: {}", peer(), std::strerror(errno))
      );
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<std::size_t> Client::Connection::read_more() {
  const std::size_t before = in_.size();
  in_.resize(before + 64 * 1024);
  ssize_t n = 0;
  do {
    n = ::recv(socket_, in_.data() + before, in_.size() - before, 0);
  } while (n < 0 && errno == EINTR);
  const int error = errno;
  in_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  if (n >= 0) return static_cast<std::size_t>(n);
  const bool late = error == EAGAIN || error == EWOULDBLOCK;
  return fail(
      Code::unavailable,
      fmt::format("{} {}", peer(), late ? "did not answer in time" : std::strerror(error))
  );
}

Status Client::Connection::advance(Parser& parser, const std::function<bool()>& done) {
  while (!done()) {
    beast::error_code ec;
    const std::size_t used = in_.empty() ? 0 : parser.put(boost::asio::buffer(in_), ec);
    in_.erase(0, used);
    if (ec && ec != beast::http::error::need_more) {
      return fail(
          Code::unavailable, fmt::format("{} does not speak HTTP: {}", peer(), ec.message())
      );
    }
    if (done() || (used > 0 && !ec)) continue;
    if (TRY(read_more()) > 0) continue;
    parser.put_eof(ec);
    if (ec || !parser.is_done())
      return fail(Code::unavailable, fmt::format("{} ended in mid-answer", peer()));
  }
  return {};
}

Status Client::Connection::request(
    std::string_view method, std::string_view target, const Headers& headers, std::string_view body
) {
  if (socket_ >= 0 && stale()) disconnect();
  if (socket_ < 0) TRY(connect());
  std::string out = fmt::format("{} {} HTTP/1.1\r\n", method, target);
  if (!headers.has("Host")) out += fmt::format("Host: {}\r\n", peer());
  for (std::size_t i = 0; i < headers.size(); ++i)
    out += fmt::format("{}: {}\r\n", headers.name(i), headers.value(i));
  if (!body.empty() || method == "POST") out += fmt::format("Content-Length: {}\r\n", body.size());
  out += "\r\n";
  out.append(body);
  return write_all(out);
}

Response Client::Connection::take(Parser& parser) {
  const bool keep = parser.keep_alive() && parser.is_done();
  auto message = parser.release();
  Response response{.status = static_cast<int>(message.result_int())};
  for (const auto& field : message) response.headers.add(field.name_string(), field.value());
  response.body = std::move(message.body());
  if (!keep) disconnect();
  return response;
}

Result<Response> Client::Connection::send(
    std::string_view method, std::string_view target, const Headers& headers, std::string_view body
) {
  Parser parser;
  parser.body_limit(options_.body_bytes_max);
  parser.skip(method == "HEAD");
  parser.eager(true);
  // A server that refuses early answers before it has read all: the answer is worth more than the
  // broken pipe.
  const Status sent = request(method, target, headers, body);
  if (!sent && socket_ < 0) return std::unexpected(sent.error());
  const Status read = advance(parser, [&] { return parser.is_done(); });
  if (!read) {
    disconnect();
    return std::unexpected(sent ? read.error() : sent.error());
  }
  return take(parser);
}

Result<Response> Client::Connection::stream(
    std::string_view target, const Headers& headers,
    const std::function<bool(std::string_view)>& on_chunk
) {
  Parser parser;
  parser.body_limit(boost::none);
  if (const Status sent = request("GET", target, headers, {}); !sent)
    return std::unexpected(sent.error());
  Status read = advance(parser, [&] { return parser.is_header_done(); });
  const bool streams = read && parser.get().result_int() == 200;
  bool wanted = true;
  while (read && !parser.is_done() && wanted) {
    std::string& body = parser.get().body();
    read = advance(parser, [&] { return parser.is_done() || (streams && !body.empty()); });
    if (streams && !body.empty()) wanted = on_chunk(std::exchange(body, {}));
  }
  if (!read) {
    disconnect();
    return std::unexpected(read.error());
  }
  if (!parser.is_done()) disconnect();
  return take(parser);
}

Client::Client(ClientOptions options)
    : connection_(std::make_unique<Connection>(std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<Response> Client::send(
    std::string_view method, std::string_view target, const Headers& headers, std::string_view body
) {
  return connection_->send(method, target, headers, body);
}

Result<Response> Client::stream(
    std::string_view target, const Headers& headers,
    const std::function<bool(std::string_view chunk)>& on_chunk
) {
  return connection_->stream(target, headers, on_chunk);
}

Result<std::pair<ClientOptions, std::string>> parse_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  const auto refuse = [&] {
    return fail(
        Code::invalid_input,
        fmt::format("\"{}\" is no address; write it like http://127.0.0.1:8080", url)
    );
  };
  if (!url.starts_with(scheme)) return refuse();
  const std::string_view rest = url.substr(scheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view authority = rest.substr(0, slash);
  const std::size_t colon = authority.rfind(':');
  ClientOptions options{.host = std::string(authority.substr(0, colon)), .port = 80};
  if (colon != std::string_view::npos) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), options.port);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return refuse();
  }
  if (options.host.empty()) return refuse();
  return std::pair(
      std::move(options), slash == rest.size() ? std::string("/") : std::string(rest.substr(slash))
  );
}

}  // namespace hospes::http
