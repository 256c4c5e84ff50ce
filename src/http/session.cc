#include "http/session.h"

#include <fmt/format.h>

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

namespace hospes::http {
namespace beast = boost::beast;
namespace asio = boost::asio;

namespace {

constexpr std::size_t buffer_bytes =
    64 * 1024;  // one read; also the longest chunk header with its extensions
constexpr std::size_t linger_bytes_max = 16 * 1024 * 1024;
constexpr std::chrono::milliseconds linger_timeout{5'000};

/// Fields of which a second one is an attack or a mistake, never a choice (RFC 9112, section 11.2).
constexpr std::string_view single_fields[] = {
    "Host",         "Content-Length", "Transfer-Encoding", "Content-Encoding",
    "Content-Type", "Authorization",  "X-Write-Key"};

Response refusal_of(const beast::error_code& ec, const ServerOptions& options) {
  namespace e = beast::http;
  if (ec == e::error::header_limit || ec == e::error::buffer_overflow) {
    return text(
        431, fmt::format("the request head is larger than {} bytes\n", options.header_bytes_max)
    );
  }
  if (ec == e::error::body_limit) {
    return text(
        413, fmt::format(
                 "the body is larger than {} bytes; send fewer events per request\n",
                 options.body_bytes_max
             )
    );
  }
  if (ec == e::error::bad_version) return text(505, "only HTTP/1.0 and HTTP/1.1 are spoken here\n");
  return text(400, fmt::format("malformed HTTP: {}\n", ec.message()));
}

/// The app's handle; dropping it ends the stream.
class SessionStream final : public Stream {
 public:
  explicit SessionStream(std::shared_ptr<Session> session) : session_(std::move(session)) {}
  ~SessionStream() override { session_->stream_close(); }
  Status write(std::string chunk) override { return session_->stream_write(std::move(chunk)); }
  bool closed() const override { return session_->stream_closed(); }
  void close() override { session_->stream_close(); }

 private:
  std::shared_ptr<Session> session_;
};

}  // namespace

Session::Session(std::shared_ptr<Loop> loop, std::shared_ptr<Shared> shared, Socket socket)
    : loop_(std::move(loop)), shared_(std::move(shared)), socket_(std::move(socket)) {}

void Session::start() {
  ErrorCode ec;
  const auto peer = socket_.remote_endpoint(ec);
  if (!ec) remote_ = peer.address().to_string();
  socket_.set_option(asio::ip::tcp::no_delay(true), ec);
  buffer_.reset(new char[buffer_bytes]);
  loop_->enter(shared_from_this());
  if (shared_->stopping.load()) return close();
  begin_request();
  expire_in(shared_->options.header_timeout);  // who connects has something to say
  state_ = State::fresh;
  read();
}

void Session::begin_request() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(shared_->options.header_bytes_max));
  parser_->body_limit(shared_->options.body_bytes_max);
  state_ = State::idle;
  expire_in(shared_->options.idle_timeout);
}

void Session::read() {
  if (reading_ || state_ == State::gone) return;
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == buffer_bytes) {
    std::copy(buffer_.get() + begin_, buffer_.get() + end_, buffer_.get());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_bytes) return refuse(text(431, "a chunk header is too long\n"));
  reading_ = true;
  socket_.async_read_some(
      asio::buffer(buffer_.get() + end_, buffer_bytes - end_),
      [self = shared_from_this()](ErrorCode ec, std::size_t n) { self->on_read(ec, n); }
  );
}

void Session::on_read(ErrorCode ec, std::size_t n) {
  reading_ = false;
  if (state_ == State::gone) return;
  if (state_ == State::lingering || state_ == State::streaming) {
    lingered_ += n;
    if (!ec && lingered_ <= linger_bytes_max) return read();
    if (state_ == State::streaming) stream_close();
    return close();
  }
  if (state_ == State::answering || state_ == State::writing)
    return;  // refused while this read was under way
  if (ec) return close();
  end_ += n;
  feed();
}

void Session::feed() {
  while (end_ > begin_ && !parser_->is_done()) {
    if (state_ == State::idle || state_ == State::fresh) {
      state_ = State::head;
      expire_in(shared_->options.header_timeout);
    }
    ErrorCode ec;
    const std::size_t n = parser_->put(asio::buffer(buffer_.get() + begin_, end_ - begin_), ec);
    begin_ += n;
    if (ec == beast::http::error::need_more) break;
    if (ec) return refuse(refusal_of(ec, shared_->options));
    if (state_ == State::head && parser_->is_header_done()) {
      if (auto refused = refuse_head()) return refuse(std::move(*refused));
      on_head();
    }
    if (auto refused = account_body()) return refuse(std::move(*refused));
    if (n == 0) break;
  }
  if (parser_->is_done()) return on_message();
  read();
}

std::optional<Response> Session::refuse_head() {
  headers_ = Headers();
  for (const auto& field : parser_->get()) headers_.add(field.name_string(), field.value());
  for (const auto name : single_fields) {
    if (headers_.count(name) > 1)
      return text(400, fmt::format("the header {} comes twice\n", name));
  }
  if (headers_.has("Transfer-Encoding") &&
      !same_text(headers_.find("Transfer-Encoding"), "chunked")) {
    return text(501, "the only Transfer-Encoding spoken here is chunked\n");
  }
  http_1_0_ = parser_->get().version() < 11;
  if (http_1_0_ && headers_.has("Transfer-Encoding"))
    return text(400, "Transfer-Encoding needs HTTP/1.1\n");
  if (!http_1_0_ && !headers_.has("Host")) return text(400, "the header Host is missing\n");
  const auto length = parser_->content_length();
  if (length && *length > shared_->options.body_bytes_max) {
    return refusal_of(beast::http::error::body_limit, shared_->options);
  }
  return std::nullopt;
}

void Session::on_head() {
  state_ = State::body;
  body_began_ = Steady::now();
  expire_in(shared_->options.body_timeout);
  if (!same_text(headers_.find("Expect"), "100-continue") || parser_->is_done() || http_1_0_)
    return;
  // Twenty-five bytes into an empty socket buffer: written at once or not at all; a client goes on
  // without it after a while.
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  ErrorCode ec;
  socket_.non_blocking(true, ec);
  socket_.write_some(asio::buffer(go_on.data(), go_on.size()), ec);
}

std::optional<Response> Session::account_body() {
  const std::size_t size = parser_->get().body().size();
  const std::size_t more = size - body_bytes_;
  if (more == 0) return std::nullopt;
  body_bytes_ = size;
  const auto total = shared_->body_bytes.fetch_add(more) + more;
  using std::chrono::milliseconds;
  deadline_ = body_began_ + shared_->options.body_timeout +
              milliseconds(size * 1000 / shared_->options.body_bytes_per_second_min);
  if (total <= shared_->options.bodies_bytes_max) return std::nullopt;
  Response busy = text(503, "too many request bodies at once; try again\n");
  busy.headers.add("Retry-After", "1");
  return busy;
}

Request Session::take_request() {
  auto message = parser_->release();
  Request request;
  request.method = std::string(message.method_string());
  const std::string_view target(message.target().data(), message.target().size());
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = percent_decode(target.substr(0, mark), false);
  request.query = std::string(target.substr(std::min(mark + 1, target.size())));
  request.headers = std::move(headers_);
  request.body = std::move(message.body());
  request.body.reserve(request.body.size() + body_padding);
  request.remote = remote_;
  return request;
}

void Session::on_message() {
  keep_alive_ = parser_->get().keep_alive() && !shared_->stopping.load();
  head_only_ = parser_->get().method() == beast::http::verb::head;
  state_ = State::answering;
  deadline_ = Steady::time_point::max();
  shared_->handler(take_request(), Responder(shared_from_this()));
}

/// Answers what went wrong and ends the connection: after a malformed request nobody knows where
/// the next one begins.
void Session::refuse(Response response) {
  keep_alive_ = false;
  head_only_ = false;
  state_ = State::answering;
  write(std::move(response));
}

void Session::send(Response response) {
  loop_->run([self = shared_from_this(), answer = std::move(response)]() mutable {
    self->write(std::move(answer));
  });
}

std::string Session::head_of(const Response& response, bool with_length) const {
  std::string out = fmt::format(
      "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_of(response.status), loop_->date()
  );
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    fmt::format_to(
        std::back_inserter(out), "{}: {}\r\n", response.headers.name(i), response.headers.value(i)
    );
  }
  if (with_length && response.status != 204 && response.status != 304) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
  }
  if (!keep_alive_) out += "Connection: close\r\n";
  if (keep_alive_ && http_1_0_) out += "Connection: keep-alive\r\n";
  return out;
}

void Session::write(Response response) {
  if (state_ != State::answering) return;
  state_ = State::writing;
  if (shared_->stopping.load()) keep_alive_ = false;
  head_out_ = head_of(response, true) + "\r\n";
  const bool bodiless = head_only_ || response.status == 204 || response.status == 304;
  body_out_ = bodiless ? std::string() : std::move(response.body);
  expire_in(
      shared_->options.write_timeout +
      std::chrono::milliseconds(
          body_out_.size() * 1000 / shared_->options.body_bytes_per_second_min
      )
  );
  const std::array<asio::const_buffer, 2> out{asio::buffer(head_out_), asio::buffer(body_out_)};
  asio::async_write(socket_, out, [self = shared_from_this()](ErrorCode ec, std::size_t) {
    self->on_written(ec);
  });
}

void Session::on_written(ErrorCode ec) {
  shared_->body_bytes.fetch_sub(std::exchange(body_bytes_, 0));
  body_out_ = std::string();
  if (state_ == State::gone) return;
  if (ec) return close();
  if (!keep_alive_) return parser_->is_done() && begin_ == end_ ? close() : linger();
  begin_request();
  feed();
}

/// The client may still be sending: closing now would reset the connection and take the answer away
/// from it.
void Session::linger() {
  ErrorCode ec;
  socket_.shutdown(Socket::shutdown_send, ec);
  state_ = State::lingering;
  begin_ = end_ = 0;
  expire_in(linger_timeout);
  read();
}

void Session::close() {
  if (state_ == State::gone) return;
  state_ = State::gone;
  shared_->body_bytes.fetch_sub(std::exchange(body_bytes_, 0));
  {
    const std::lock_guard lock(stream_mutex_);
    stream_ended_ = true;
  }
  ErrorCode ec;
  socket_.close(ec);
  parser_.reset();
  loop_->leave(shared_from_this());
  shared_->connections.fetch_sub(1);
  shared_->on_leave();
}

void Session::check_deadline(Steady::time_point now) {
  if (now < deadline_) return;
  deadline_ = Steady::time_point::max();
  if (state_ == State::head || state_ == State::body) {
    return refuse(text(408, "the request came too slowly\n"));
  }
  close();
}

void Session::wind_down(bool now) {
  keep_alive_ = false;
  if (now || state_ == State::idle || state_ == State::fresh) return close();
  if (state_ == State::streaming) stream_close();
}

std::shared_ptr<Stream> Session::open_stream(Response head) {
  {
    const std::lock_guard lock(stream_mutex_);
    stream_pumping_ = true;
  }
  loop_->run([self = shared_from_this(), first = std::move(head)]() mutable {
    self->begin_stream(std::move(first));
  });
  return std::make_shared<SessionStream>(shared_from_this());
}

void Session::begin_stream(Response head) {
  if (state_ != State::answering) return;
  state_ = State::streaming;
  keep_alive_ = false;
  head_out_ = head_of(head, false);
  head_out_ += http_1_0_ ? "\r\n" : "Transfer-Encoding: chunked\r\n\r\n";
  expire_in(shared_->options.write_timeout);
  asio::async_write(
      socket_, asio::buffer(head_out_),
      [self = shared_from_this()](ErrorCode ec, std::size_t) { self->on_pumped(ec); }
  );
  lingered_ = 0;
  begin_ = end_ = 0;
  read();  // only to learn that the client left
  if (shared_->stopping.load()) stream_close();
}

Status Session::stream_write(std::string chunk) {
  if (chunk.empty()) return {};
  {
    const std::lock_guard lock(stream_mutex_);
    if (stream_ended_) return fail(Code::unavailable, "the stream is closed");
    if (stream_bytes_ + chunk.size() > shared_->options.stream_queue_bytes_max) {
      return fail(Code::over_limit, "the reader of the stream is too slow");
    }
    stream_bytes_ += chunk.size();
    stream_queue_.push_back(std::move(chunk));
    if (std::exchange(stream_pumping_, true)) return {};
  }
  loop_->run([self = shared_from_this()] { self->pump(); });
  return {};
}

bool Session::stream_closed() const {
  const std::lock_guard lock(stream_mutex_);
  return stream_ended_;
}

void Session::stream_close() {
  {
    const std::lock_guard lock(stream_mutex_);
    if (std::exchange(stream_ended_, true)) return;
    if (std::exchange(stream_pumping_, true)) return;
  }
  loop_->run([self = shared_from_this()] { self->pump(); });
}

/// Writes all that waits as one chunk; at the end, the last chunk. Precondition: stream_pumping_ is
/// ours.
void Session::pump() {
  if (state_ != State::streaming) return;
  std::string data;
  bool last = false;
  {
    const std::lock_guard lock(stream_mutex_);
    for (const auto& chunk : stream_queue_) data += chunk;
    stream_queue_.clear();
    stream_bytes_ = 0;
    last = stream_ended_;
    if (data.empty() && !last) {
      stream_pumping_ = false;
      deadline_ = Steady::time_point::max();
      return;
    }
  }
  body_out_ =
      http_1_0_ ? std::move(data)
                : (data.empty() ? std::string() : fmt::format("{:x}\r\n{}\r\n", data.size(), data));
  if (last && !http_1_0_) body_out_ += "0\r\n\r\n";
  stream_last_sent_ = last;
  expire_in(shared_->options.write_timeout);
  asio::async_write(
      socket_, asio::buffer(body_out_),
      [self = shared_from_this()](ErrorCode ec, std::size_t) { self->on_pumped(ec); }
  );
}

void Session::on_pumped(ErrorCode ec) {
  if (state_ != State::streaming) return;
  if (ec) return close();
  if (stream_last_sent_) return linger();
  pump();
}

}  // namespace hospes::http
