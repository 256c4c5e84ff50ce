#include "bench/load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

namespace hospes::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
  int fd = -1;
  bool busy = false;
  std::uint64_t tag = 0;
  Clock::time_point due;
  std::string out;
  std::size_t sent = 0;
  std::string in;
};

/// Status and whole size of the answer at the beginning of `in`; nothing while it is not whole.
std::optional<std::pair<int, std::size_t>> whole_answer(std::string_view in) {
  const auto head_end = in.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return std::nullopt;
  int status = 0;
  std::from_chars(in.data() + 9, in.data() + 12, status);
  std::size_t body = 0;
  for (std::size_t at = in.find("\r\n"); at < head_end; at = in.find("\r\n", at + 2)) {
    static constexpr std::string_view key = "content-length:";
    const std::string_view line = in.substr(at + 2);
    if (line.size() < key.size() || strncasecmp(line.data(), key.data(), key.size()) != 0) continue;
    const auto digits = line.find_first_not_of(' ', key.size());
    std::from_chars(line.data() + digits, line.data() + line.size(), body);
  }
  if (in.size() < head_end + 4 + body) return std::nullopt;
  return std::pair(status, head_end + 4 + body);
}

class Generator {
 public:
  Generator(const LoadOptions& options, const Next& next, const Answered& answered)
      : options_(options),
        next_(next),
        answered_(answered),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        connections_(options.connections) {}
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator() {
    for (const Connection& c : connections_) {
      if (c.fd >= 0) close(c.fd);
    }
    close(epoll_);
  }

  Status open() {
    for (std::size_t i = 0; i < connections_.size(); ++i) TRY(connect_one(i));
    return {};
  }

  LoadResult run() {
    began_ = last_ = Clock::now();
    while (alive_ > 0) {
      offer();
      if (ended_ && busy_ == 0) break;
      if (ended_ && Clock::now() > last_ + options_.patience) break;
      wait();
    }
    for (Connection& c : connections_) {
      if (c.busy) lost(c);
    }
    result_.seconds = std::chrono::duration<double>(last_ - began_).count();
    return std::move(result_);
  }

 private:
  Status connect_one(std::size_t index) {
    Connection& c = connections_[index];
    c.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(options_.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (c.fd < 0 || connect(c.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      return fail(
          Code::unavailable, "nobody listens on port " + std::to_string(options_.port) +
                                 " of this machine: " + std::strerror(errno)
      );
    }
    const int on = 1;
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event);
    ++alive_;
    return {};
  }

  /// Gives idle connections what is due.
  void offer() {
    const auto now = Clock::now();
    if (now - began_ >= options_.lasts || offered_ >= options_.requests_max) ended_ = true;
    for (std::size_t tried = 0; tried < connections_.size() && !ended_; ++tried) {
      Connection& c = connections_[turn_++ % connections_.size()];
      if (c.fd < 0 || c.busy) continue;
      c.due = due(offered_, now);
      if (c.due > now) break;
      if (offered_ >= options_.requests_max || !next_(c.out, offered_)) {
        ended_ = true;
        break;
      }
      c.tag = offered_++;
      c.busy = true;
      c.sent = 0;
      ++busy_;
      write_more(c);
    }
  }

  Clock::time_point due(std::uint64_t number, Clock::time_point now) const {
    if (options_.requests_per_second <= 0) return now;
    const std::chrono::duration<double> after(
        static_cast<double>(number) / options_.requests_per_second
    );
    return began_ + std::chrono::duration_cast<Clock::duration>(after);
  }

  /// How long only answers are waited for: until the next request is due, if one could be sent.
  Clock::duration until_next() const {
    constexpr Clock::duration at_most = std::chrono::milliseconds(20);
    if (options_.requests_per_second <= 0 || ended_ || busy_ == alive_) return at_most;
    const auto now = Clock::now();
    return std::clamp<Clock::duration>(due(offered_, now) - now, {}, at_most);
  }

  void wait() {
    std::array<epoll_event, 64> events;
    const auto patience = std::chrono::nanoseconds(until_next());
    const timespec t{patience.count() / 1'000'000'000, patience.count() % 1'000'000'000};
    const int n = epoll_pwait2(epoll_, events.data(), events.size(), &t, nullptr);
    for (int i = 0; i < n; ++i) {
      Connection& c = connections_[events[static_cast<std::size_t>(i)].data.u64];
      if (events[static_cast<std::size_t>(i)].events & EPOLLOUT) write_more(c);
      if (c.fd >= 0) read_more(c);
    }
  }

  void write_more(Connection& c) {
    while (c.sent < c.out.size()) {
      const ssize_t n =
          send(c.fd, c.out.data() + c.sent, c.out.size() - c.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno == EAGAIN) return watch(c, EPOLLIN | EPOLLOUT);
      if (n < 0) return broke(c);
      c.sent += static_cast<std::size_t>(n);
      if (c.sent == c.out.size()) watch(c, EPOLLIN);
    }
  }

  void watch(Connection& c, std::uint32_t what) {
    epoll_event event{
        .events = what, .data = {.u64 = static_cast<std::uint64_t>(&c - connections_.data())}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, c.fd, &event);
  }

  void read_more(Connection& c) {
    std::array<char, 16 * 1024> bytes;
    const ssize_t n = recv(c.fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return broke(c);
    c.in.append(bytes.data(), static_cast<std::size_t>(n));
    const auto answer = whole_answer(c.in);
    if (!answer || !c.busy) return;
    if (answer->first / 100 != 2 && result_.refusal.empty())
      result_.refusal = c.in.substr(0, answer->second);
    c.in.erase(0, answer->second);
    c.busy = false;
    --busy_;
    last_ = Clock::now();
    ++result_.answered;
    if (answer->first / 100 == 2) {
      ++result_.accepted;
      result_.waits_ms.push_back(std::chrono::duration<double, std::milli>(last_ - c.due).count());
    }
    if (answered_) answered_(c.tag, answer->first);
  }

  void lost(Connection& c) {
    c.busy = false;
    --busy_;
    ++result_.broken;
    if (answered_) answered_(c.tag, 0);
  }

  void broke(Connection& c) {
    close(c.fd);
    c.fd = -1;
    --alive_;
    if (c.busy) lost(c);
  }

  const LoadOptions& options_;
  const Next& next_;
  const Answered& answered_;
  int epoll_;
  std::vector<Connection> connections_;
  std::size_t turn_ = 0;
  std::size_t alive_ = 0;
  std::size_t busy_ = 0;
  std::uint64_t offered_ = 0;
  bool ended_ = false;
  Clock::time_point began_, last_;
  LoadResult result_;
};

}  // namespace

Result<LoadResult> send_load(
    const LoadOptions& options, const Next& next, const Answered& answered
) {
  Generator generator(options, next, answered);
  TRY(generator.open());
  return generator.run();
}

}  // namespace hospes::bench
