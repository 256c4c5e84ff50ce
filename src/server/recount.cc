#include "server/recount.h"

#include <algorithm>
#include <utility>

namespace hospes::server {
namespace {

constexpr std::chrono::seconds at_first{10}, at_last = std::chrono::hours(1);

}  // namespace

Recount::Recount(std::function<Status()> count, std::function<void(const Error&)> trouble)
    : count_(std::move(count)), trouble_(std::move(trouble)), thread_([this] { run(); }) {}

Recount::~Recount() { close(); }

void Recount::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Recount::run() {
  std::unique_lock lock(mutex_);
  for (auto pause = at_first; !stop_; pause = std::min(2 * pause, at_last)) {
    if (wake_.wait_for(lock, pause, [this] { return stop_; })) return;
    lock.unlock();
    if (const Status done = count_(); !done) trouble_(done.error());
    lock.lock();
  }
}

}  // namespace hospes::server
