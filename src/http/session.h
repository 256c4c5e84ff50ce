// One connection: reads a request, waits for its answer, writes it, and again. Private to http/.
//
//   fresh ─▶ head ─▶ body ─▶ answering ─▶ writing ─▶ idle ─▶ head …
//                               └▶ streaming      └▶ lingering ─▶ gone
//
// Everything but `send`, `open_stream` and the stream's own calls runs on the loop's thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/parser.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "http/loop.h"

namespace hospes::http {

/// Body type for Beast's parser: a string with room for the padding, never larger than the parser's
/// body limit.
struct PaddedBody {
  using value_type = std::string;
  class reader {
   public:
    template <bool is_request, class Fields>
    reader(boost::beast::http::header<is_request, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>& length, boost::beast::error_code& ec) {
      ec = {};
      if (length) body_.reserve(static_cast<std::size_t>(*length) + body_padding);
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::beast::error_code& ec) {
      ec = {};
      std::size_t n = 0;
      for (auto it = boost::asio::buffer_sequence_begin(buffers);
           it != boost::asio::buffer_sequence_end(buffers); ++it) {
        body_.append(static_cast<const char*>(it->data()), it->size());
        n += it->size();
      }
      return n;
    }
    void finish(boost::beast::error_code& ec) { ec = {}; }

   private:
    value_type& body_;
  };
};

class Session final : public Exchange, public std::enable_shared_from_this<Session> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  Session(std::shared_ptr<Loop> loop, std::shared_ptr<Shared> shared, Socket socket);

  void start();
  /// Called by the sweep: cuts off whoever is too slow.
  void check_deadline(Steady::time_point now);
  /// Idle: ends. Busy: ends after its answer, or at once with `now`.
  void wind_down(bool now);

  void send(Response response) override;
  std::shared_ptr<Stream> open_stream(Response head) override;

  Status stream_write(std::string chunk);
  bool stream_closed() const;
  void stream_close();

 private:
  enum class State { fresh, head, body, answering, writing, idle, streaming, lingering, gone };
  using Parser = boost::beast::http::request_parser<PaddedBody>;
  using ErrorCode = boost::system::error_code;

  void begin_request();
  void read();
  void on_read(ErrorCode ec, std::size_t n);
  void feed();
  /// Checks that need only the head. Nothing, or the answer that ends the connection.
  std::optional<Response> refuse_head();
  void on_head();
  std::optional<Response> account_body();
  void on_message();
  Request take_request();
  void refuse(Response response);
  void write(Response response);
  void on_written(ErrorCode ec);
  void begin_stream(Response head);
  void pump();
  void on_pumped(ErrorCode ec);
  void linger();
  void close();
  void expire_in(std::chrono::milliseconds wait) { deadline_ = Steady::now() + wait; }
  std::string head_of(const Response& response, bool with_length) const;

  const std::shared_ptr<Loop> loop_;
  const std::shared_ptr<Shared> shared_;
  Socket socket_;
  std::string remote_;

  State state_ = State::fresh;
  Steady::time_point deadline_ = Steady::time_point::max();
  Steady::time_point body_began_;
  std::optional<Parser> parser_;
  Headers headers_;  // copied before trailers may come
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // what of buffer_ is read and not yet parsed
  std::size_t body_bytes_ = 0;       // charged to shared_->body_bytes
  std::size_t lingered_ = 0;
  bool reading_ = false;
  bool keep_alive_ = true;
  bool head_only_ = false;
  bool http_1_0_ = false;

  std::string head_out_, body_out_;

  mutable std::mutex stream_mutex_;
  std::deque<std::string> stream_queue_;
  std::size_t stream_bytes_ = 0;
  bool stream_ended_ = false;    // close() was called or the client left
  bool stream_pumping_ = false;  // a write is under way, or the head is not yet out
  bool stream_last_sent_ = false;
};

}  // namespace hospes::http
