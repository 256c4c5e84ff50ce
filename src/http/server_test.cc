#include "http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "http/client.h"

namespace hospes::http {
namespace {

using namespace std::chrono_literals;

/// A bare connection: what a client library would not send.
class Wire {
 public:
  explicit Wire(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval tv{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  }
  ~Wire() { ::close(socket_); }
  void say(std::string_view text) {
    while (!text.empty()) {
      const auto n = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void half_close() { ::shutdown(socket_, SHUT_WR); }
  std::string hear_until(std::string_view end) {
    while (heard_.find(end) == std::string::npos && more()) {
    }
    return heard_;
  }
  std::string hear_all() {
    while (more()) {
    }
    return heard_;
  }

 private:
  bool more() {
    char bytes[4096];
    const auto n = ::recv(socket_, bytes, sizeof bytes, 0);
    if (n > 0) heard_.append(bytes, static_cast<std::size_t>(n));
    return n > 0;
  }
  int socket_;
  std::string heard_;
};

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++n;
  return n;
}

/// Answers at once with what it got; `/later` waits for `release`, `/drop` never answers, `/events`
/// opens a stream.
struct Echo {
  std::unique_ptr<Server> server;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Responder> waiting;
  std::shared_ptr<Stream> stream;

  explicit Echo(ServerOptions options = {}) {
    auto opened = Server::open(options);
    EXPECT_TRUE(opened) << opened.error().message;
    server = std::move(*opened);
    server->start([this](Request request, Responder responder) {
      handle(std::move(request), std::move(responder));
    });
  }
  ~Echo() { server->stop(0ms); }
  void handle(Request request, Responder responder) {
    EXPECT_GE(request.body.capacity(), request.body.size() + body_padding);
    const std::lock_guard lock(mutex);
    if (request.path == "/later") {
      waiting.push_back(std::move(responder));
    } else if (request.path == "/events") {
      stream = responder.stream(Response{200, {{"Content-Type", "text/event-stream"}}, {}});
    } else if (request.path != "/drop") {
      responder.send(text(
          200,
          request.method + " " + request.path + " " + std::to_string(request.body.size()) + "\n"
      ));
    }
    changed.notify_all();
  }
  Responder release() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !waiting.empty(); });
    Responder first = std::move(waiting.front());
    waiting.pop_front();
    return first;
  }
  std::shared_ptr<Stream> opened() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stream != nullptr; });
    return stream;
  }
  Client client() { return Client({.port = server->port()}); }
  std::string one(std::string_view raw) {
    Wire wire(server->port());
    wire.say(raw);
    return wire.hear_all();
  }
};

TEST(Server, AnswersOverOneKeptConnection) {
  Echo echo;
  Client client = echo.client();
  for (int i = 0; i < 3; ++i) {
    const auto got = client.send("POST", "/a%20b?x=1", {}, std::string(100'000, 'x'));
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(got->body, "POST /a b 100000\n");
  }
  EXPECT_EQ(echo.server->connections(), 1U);
}

TEST(Server, PipelinedRequestsAreAnsweredInOrderThoughTheFirstIsSlow) {
  Echo echo;
  Wire wire(echo.server->port());
  wire.say(
      "GET /later HTTP/1.1\r\nHost: h\r\n\r\nGET /second HTTP/1.1\r\nHost: h\r\nConnection: "
      "close\r\n\r\n"
  );
  echo.release().send(text(200, "first\n"));
  const std::string heard = wire.hear_all();
  EXPECT_LT(heard.find("first"), heard.find("GET /second"));
  EXPECT_EQ(count(heard, "HTTP/1.1 200"), 2U);
}

TEST(Server, ChunkedBodyAndExpectContinue) {
  Echo echo;
  EXPECT_NE(
      echo.one("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: "
               "close\r\n\r\n"
               "5\r\nhello\r\n6;x=1\r\n world\r\n0\r\n\r\n")
          .find("POST /c 11"),
      std::string::npos
  );
  Wire wire(echo.server->port());
  wire.say(
      "POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: "
      "close\r\n\r\n"
  );
  EXPECT_TRUE(wire.hear_until("\r\n\r\n").starts_with("HTTP/1.1 100 Continue"));
  wire.say("abc");
  EXPECT_NE(wire.hear_all().find("POST /e 3"), std::string::npos);
}

TEST(Server, AmbiguousFramingIsRefusedAndTheConnectionEnds) {
  Echo echo;
  const std::string tail = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string heads[] = {
      "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
      "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
      "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
      "Content-Length: -1\r\n\r\n",
      "Content-Length: 3 3\r\n\r\nabc",
      "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
      "Authorization: Basic YTo=\r\nAuthorization: Basic Yjo=\r\nContent-Length: 0\r\n\r\n"};
  for (const auto& head : heads) {
    const std::string heard = echo.one("POST /x HTTP/1.1\r\nHost: h\r\n" + head + tail);
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 400 ")) << head << heard;
    EXPECT_EQ(count(heard, "HTTP/1.1"), 1U) << head;
    EXPECT_NE(heard.find("Connection: close"), std::string::npos);
  }
  EXPECT_TRUE(echo.one("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
                  .starts_with("HTTP/1.1 501"));
  EXPECT_TRUE(echo.one("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(echo.one("hello there\r\n\r\n").starts_with("HTTP/1.1 400"));
}

TEST(Server, BodiesAndHeadsBeyondTheirBoundAreRefusedAndReadableByTheClient) {
  Echo echo({.header_bytes_max = 4096, .body_bytes_max = 100'000});
  Client client = echo.client();
  const auto big = client.send("POST", "/b", {}, std::string(5'000'000, 'x'));
  ASSERT_TRUE(big) << big.error().message;
  EXPECT_EQ(big->status, 413);
  Headers headers;
  headers.add("X-Long", std::string(5000, 'x'));
  EXPECT_EQ(client.send("GET", "/", headers, "")->status, 431);
  EXPECT_TRUE(echo.one("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n"
  )
                  .starts_with("HTTP/1.1 413"));
  Echo small({.bodies_bytes_max = 1000});
  const auto busy = small.client().send("POST", "/", {}, std::string(2000, 'x'));
  ASSERT_TRUE(busy);
  EXPECT_EQ(busy->status, 503);
  EXPECT_EQ(busy->headers.find("retry-after"), "1");
  EXPECT_EQ(small.client().send("POST", "/", {}, "x")->status, 200);
}

TEST(Server, SlowClientsAreCutOff) {
  Echo echo({.idle_timeout = 300ms, .header_timeout = 300ms, .body_timeout = 300ms});
  EXPECT_EQ(echo.one(""), "");
  EXPECT_TRUE(echo.one("GET / HTTP/1.1\r\nHo").starts_with("HTTP/1.1 408"));
  EXPECT_TRUE(echo.one("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab")
                  .starts_with("HTTP/1.1 408"));
  EXPECT_EQ(count(echo.one("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), "HTTP/1.1 200"), 1U);
}

TEST(Server, HalfClosedClientStillGetsItsAnswer) {
  Echo echo;
  Wire wire(echo.server->port());
  wire.say("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  wire.half_close();
  echo.release().send(text(200, "here\n"));
  EXPECT_NE(wire.hear_all().find("here"), std::string::npos);
}

TEST(Server, DroppedResponderAnswers500AndHeadHasNoBody) {
  Echo echo;
  EXPECT_TRUE(echo.one("GET /drop HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                  .starts_with("HTTP/1.1 500"));
  const std::string heard = echo.one("HEAD /h HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(heard.find("Content-Length: 10"), std::string::npos) << heard;
  EXPECT_TRUE(heard.ends_with("\r\n\r\n"));
  EXPECT_EQ(count(echo.one("GET /o HTTP/1.0\r\n\r\n"), "HTTP/1.1 200"), 1U);
}

TEST(Server, StreamReachesTheReaderAndEndsWithEither) {
  Echo echo;
  auto reading = std::async(std::launch::async, [&] {
    std::string heard;
    const auto head = echo.client().stream("/events", {}, [&](std::string_view chunk) {
      heard += chunk;
      return true;
    });
    EXPECT_TRUE(head) << head.error().message;
    return heard;
  });
  const auto stream = echo.opened();
  std::string said;
  for (int i = 0; i < 100; ++i) {
    said += "data: " + std::to_string(i) + "\n\n";
    EXPECT_TRUE(stream->write("data: " + std::to_string(i) + "\n\n"));
  }
  stream->close();
  EXPECT_EQ(reading.get(), said);
  EXPECT_FALSE(stream->write("x"));
}

TEST(Server, StreamLearnsThatItsReaderLeft) {
  Echo echo;
  {
    Wire wire(echo.server->port());
    wire.say("GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto stream = echo.opened();
    EXPECT_TRUE(stream->write("data: 1\n\n"));
    wire.hear_until("data: 1");
    EXPECT_FALSE(stream->closed());
  }
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (!echo.opened()->closed() && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  EXPECT_TRUE(echo.opened()->closed());
}

TEST(Server, StreamQueueIsBounded) {
  Echo echo({.stream_queue_bytes_max = 1000});
  Wire wire(echo.server->port());
  wire.say("GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto stream = echo.opened();
  const auto refused = stream->write(std::string(1001, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::over_limit);
  EXPECT_TRUE(stream->write("data: still here\n\n"));
  EXPECT_NE(wire.hear_until("still here").find("still here"), std::string::npos);
}

TEST(Server, StopLetsRequestsInFlightFinish) {
  Echo echo({.threads = 2});
  Wire wire(echo.server->port());
  wire.say("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  Responder responder = echo.release();
  Wire idle(echo.server->port());
  auto stopping = std::async(std::launch::async, [&] { echo.server->stop(10s); });
  EXPECT_EQ(idle.hear_all(), "");
  responder.send(text(200, "finished\n"));
  const std::string heard = wire.hear_all();
  EXPECT_NE(heard.find("finished"), std::string::npos);
  EXPECT_NE(heard.find("Connection: close"), std::string::npos);
  stopping.get();
}

TEST(Server, ResponderOutlivesTheServer) {
  std::optional<Echo> echo(std::in_place);
  Wire wire(echo->server->port());
  wire.say("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  Responder responder = echo->release();
  echo.reset();
  responder.send(text(200, "nobody hears\n"));
}

TEST(Server, ManyConnectionsAndThreads) {
  Echo echo({.threads = 2});
  std::vector<std::unique_ptr<Wire>> wires;
  for (int i = 0; i < 400; ++i) wires.push_back(std::make_unique<Wire>(echo.server->port()));
  for (const auto& wire : wires) wire->say("GET /m HTTP/1.1\r\nHost: h\r\n\r\n");
  for (const auto& wire : wires) EXPECT_TRUE(wire->hear_until("GET /m").ends_with("GET /m 0\n"));
  EXPECT_EQ(echo.server->connections(), 400U);
}

TEST(Server, ConnectionsBeyondTheBoundWaitTheirTurn) {
  Echo echo({.connections_max = 2});
  auto first = std::make_unique<Wire>(echo.server->port());
  Wire second(echo.server->port());
  Wire third(echo.server->port());
  first->say("GET /1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  second.say("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  third.say("GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
  second.hear_until("GET /2");
  EXPECT_LE(echo.server->connections(), 2U);
  first->hear_until("GET /1");
  first.reset();
  EXPECT_NE(third.hear_until("GET /3").find("GET /3"), std::string::npos);
}

TEST(Server, TakenPortNamesItsHolder) {
  Echo echo;
  const auto second = Server::open({.listen = "127.0.0.1:" + std::to_string(echo.server->port())});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::unavailable);
  EXPECT_NE(
      second.error().message.find("(pid " + std::to_string(getpid()) + ")"), std::string::npos
  ) << second.error().message;
  EXPECT_EQ(Server::open({.listen = "localhost:8080"}).error().code, Code::invalid_input);
}

}  // namespace
}  // namespace hospes::http
