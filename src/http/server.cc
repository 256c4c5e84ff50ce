#include "http/server.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <ctime>
#include <vector>

#include "base/check.h"
#include "http/address.h"
#include "http/loop.h"
#include "http/session.h"

namespace hospes::http {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds sweep_every{100};
constexpr std::chrono::milliseconds accept_pause{
    100};  // after an error such as "too many open files"
constexpr rlim_t files_wanted = 65'536;

/// Connections, log segments and tables share one table of files, and the usual soft limit is
/// 1,024.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= files_wanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, files_wanted);
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

void Loop::start() {
  sweep();
  thread_ = std::thread([this] {
    thread_id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    const auto guard = asio::make_work_guard(context_);
    context_.run();
  });
}

void Loop::sweep() {
  std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  date_ = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", utc);
  const std::vector<std::shared_ptr<Session>> all(sessions_.begin(), sessions_.end());
  for (const auto& session : all) session->check_deadline(Steady::now());
  sweep_timer_.expires_after(sweep_every);
  sweep_timer_.async_wait([this](error_code ec) {
    if (!ec) sweep();
  });
}

void Loop::close_sessions(bool now) {
  const std::vector<std::shared_ptr<Session>> all(sessions_.begin(), sessions_.end());
  for (const auto& session : all) session->wind_down(now);
}

void Loop::shut() {
  {
    const std::lock_guard lock(mutex_);
    shut_ = true;
  }
  context_.stop();
  if (thread_.joinable()) thread_.join();
  sweep_timer_.cancel();
  context_.restart();
  context_.poll();  // cancelled operations let go of their sessions
}

namespace {

class BeastServer final : public Server {
 public:
  BeastServer(ServerOptions options) : shared_(std::make_shared<Shared>()) {
    shared_->options = std::move(options);
    for (unsigned i = 0; i < std::max(1U, shared_->options.threads); ++i) {
      loops_.push_back(std::make_shared<Loop>());
    }
    acceptor_.emplace(loops_[0]->context());
    pause_.emplace(loops_[0]->context());
  }
  ~BeastServer() override { stop(std::chrono::milliseconds(0)); }

  Status bind();
  void start(Handler handler) override;
  std::uint16_t port() const override { return port_; }
  void stop(std::chrono::milliseconds grace) override;
  std::size_t connections() const override { return shared_->connections.load(); }

 private:
  void accept();
  void on_accept(error_code ec, tcp::socket socket, const std::shared_ptr<Loop>& loop);
  void on_leave();

  std::shared_ptr<Shared> shared_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::optional<tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> pause_;
  std::uint16_t port_ = 0;
  std::size_t next_loop_ = 0;
  bool started_ = false;
  bool stopped_ = false;
  bool full_ = false;  // loop 0 only: accepting waits until somebody leaves
  std::mutex mutex_;
  std::condition_variable left_;
};

Status BeastServer::bind() {
  const Address address = TRY(parse_address(shared_->options.listen));
  const tcp::endpoint at(asio::ip::make_address(address.host), address.port);
  error_code ec;
  acceptor_->open(at.protocol(), ec);
  if (!ec) acceptor_->set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor_->bind(at, ec);
  if (!ec) acceptor_->listen(1024, ec);
  if (ec == asio::error::address_in_use) {
    return fail(
        Code::unavailable,
        fmt::format("{} is taken by {}", shared_->options.listen, port_holder(address.port))
    );
  }
  if (ec)
    return fail(
        Code::unavailable,
        fmt::format("cannot listen on {}: {}", shared_->options.listen, ec.message())
    );
  port_ = acceptor_->local_endpoint().port();
  return {};
}

void BeastServer::start(Handler handler) {
  check(!std::exchange(started_, true), "a server starts once");
  raise_file_limit();
  shared_->handler = std::move(handler);
  shared_->on_leave = [this] { on_leave(); };
  for (const auto& loop : loops_) loop->start();
  loops_[0]->run([this] { accept(); });
}

void BeastServer::accept() {
  if (shared_->stopping.load()) return;
  full_ = shared_->connections.load() >= shared_->options.connections_max;
  if (full_) return;
  const auto loop = loops_[next_loop_++ % loops_.size()];
  acceptor_->async_accept(loop->context(), [this, loop](error_code ec, tcp::socket socket) {
    on_accept(ec, std::move(socket), loop);
  });
}

void BeastServer::on_accept(error_code ec, tcp::socket socket, const std::shared_ptr<Loop>& loop) {
  if (shared_->stopping.load()) return;
  if (ec) {
    pause_->expires_after(accept_pause);
    pause_->async_wait([this](error_code cancelled) {
      if (!cancelled) accept();
    });
    return;
  }
  shared_->connections.fetch_add(1);
  loop->run([session = std::make_shared<Session>(loop, shared_, std::move(socket))] {
    session->start();
  });
  accept();
}

void BeastServer::on_leave() {
  {
    const std::lock_guard lock(mutex_);
    left_.notify_all();
  }
  if (shared_->stopping.load()) return;
  loops_[0]->run([this] {
    if (full_) accept();
  });
}

void BeastServer::stop(std::chrono::milliseconds grace) {
  if (std::exchange(stopped_, true)) return;
  shared_->stopping.store(true);
  if (!started_) return;
  loops_[0]->run([this] {
    error_code ec;
    acceptor_->close(ec);
    pause_->cancel();
  });
  for (const auto& loop : loops_) loop->run([loop] { loop->close_sessions(false); });
  const auto wait_until_empty = [this](std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    left_.wait_for(lock, at_most, [this] { return shared_->connections.load() == 0; });
  };
  wait_until_empty(grace);
  for (const auto& loop : loops_) loop->run([loop] { loop->close_sessions(true); });
  wait_until_empty(std::chrono::milliseconds(1000));
  for (const auto& loop : loops_) loop->shut();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::open(ServerOptions options) {
  auto server = std::make_unique<BeastServer>(std::move(options));
  TRY(server->bind());
  return Result<std::unique_ptr<Server>>(std::move(server));
}

}  // namespace hospes::http
