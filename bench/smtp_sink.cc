#include "bench/smtp_sink.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace hospes::bench {
namespace {

bool say(int peer, std::string_view text) {
  return ::send(peer, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

}  // namespace

Result<std::unique_ptr<SmtpSink>> SmtpSink::open() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || ::bind(listener, any, size) != 0 || ::listen(listener, 64) != 0 ||
      ::getsockname(listener, any, &size) != 0)
    return fail(Code::unavailable, "the sink cannot listen on 127.0.0.1");
  return std::unique_ptr<SmtpSink>(new SmtpSink(listener, ntohs(address.sin_port)));
}

SmtpSink::SmtpSink(int listener, std::uint16_t port)
    : listener_(listener), port_(port), thread_([this] { accept(); }) {}

SmtpSink::~SmtpSink() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    for (const int peer : open_) ::shutdown(peer, SHUT_RDWR);
  }
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  for (std::thread& peer : peers_) peer.join();
  ::close(listener_);
}

void SmtpSink::accept() {
  for (;;) {
    const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) return;
    const int on = 1;
    ::setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    if (stop_) {
      ::close(peer);
      return;
    }
    open_.push_back(peer);
    peers_.emplace_back([this, peer] { serve(peer); });
  }
}

void SmtpSink::serve(int peer) {
  std::string held;
  bool content = false, good = say(peer, "220 sink\r\n");
  char block[65'536];
  while (good) {
    const ssize_t got = ::recv(peer, block, sizeof block, 0);
    if (got <= 0) break;
    held.append(block, static_cast<std::size_t>(got));
    while (good) {
      const std::string_view ending = content ? "\r\n.\r\n" : "\r\n";
      const std::size_t end = held.find(ending);
      if (end == held.npos) break;
      if (content) {
        ++messages_;
        bytes_ += end;
        good = say(peer, "250 taken\r\n");
        content = false;
      } else if (held.starts_with("EHLO")) {
        good = say(peer, "250-sink\r\n250-8BITMIME\r\n250 SIZE 35882577\r\n");
      } else if (held.starts_with("DATA")) {
        good = say(peer, "354 go on\r\n");
        content = true;
      } else {
        good = say(peer, held.starts_with("QUIT") ? "221 bye\r\n" : "250 yes\r\n");
      }
      held.erase(0, end + ending.size());
    }
  }
  const std::lock_guard lock(mutex_);
  open_.remove(peer);
  ::close(peer);
}

}  // namespace hospes::bench
