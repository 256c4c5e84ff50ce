#include "touchpoint/pending.h"

#include <utility>

namespace hospes::touchpoint {

Pending::~Pending() { all_.ended(); }

void Pending::answer(http::Response response) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(answered_, true)) return;
  }
  responder_.send(std::move(response));
}

bool Pending::answered() const {
  const std::lock_guard lock(mutex_);
  return answered_;
}

bool Pending::keep(http::Response instead) {
  const std::lock_guard lock(mutex_);
  if (!answered_) instead_ = std::move(instead);
  return !answered_;
}

void Pending::end(const std::function<http::Response()>& late) {
  std::optional<http::Response> instead;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(answered_, true)) return;
    instead = std::move(instead_);
  }
  responder_.send(instead ? std::move(*instead) : late());
}

std::shared_ptr<Pending> Pendings::open(http::Responder& responder, Duration deadline, Late late) {
  const std::lock_guard lock(mutex_);
  if (closing_ || under_way_ >= most_) return nullptr;
  ++under_way_;
  auto out = std::make_shared<Pending>(*this, std::move(responder));
  const auto at = Clock::now() + deadline;
  const bool sooner = due_.empty() || at < due_.begin()->first;
  due_.emplace(at, Due{out, std::move(late)});
  if (sooner) wake_.notify_one();
  return out;
}

void Pendings::ended() {
  const std::lock_guard lock(mutex_);
  --under_way_;
  idle_.notify_all();
}

void Pendings::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (due_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const auto next = due_.begin()->first;
    if (Clock::now() < next) {
      wake_.wait_until(lock, next);
      continue;
    }
    Due due = std::move(due_.begin()->second);
    due_.erase(due_.begin());
    // Outside of the lock: the last one who holds a question says so under it.
    lock.unlock();
    if (const auto pending = due.pending.lock()) pending->end(due.late);
    due = {};
    lock.lock();
  }
}

void Pendings::close() {
  std::unique_lock lock(mutex_);
  closing_ = true;
  idle_.wait(lock, [this] { return under_way_ == 0; });
  stop_ = true;
  wake_.notify_all();
  lock.unlock();
  if (thread_.joinable()) thread_.join();
}

}  // namespace hospes::touchpoint
