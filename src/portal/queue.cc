#include "portal/queue.h"

#include "portal/reads.h"

namespace hospes::portal {

Queue::Queue(unsigned threads, std::size_t waiting_max, std::string full, Answer answer)
    : waiting_max_(waiting_max), full_(std::move(full)), answer_(std::move(answer)) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Queue::~Queue() { close(); }

void Queue::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_all();
  }
  for (std::thread& t : threads_)
    if (t.joinable()) t.join();
}

void Queue::put(http::Request request, http::Responder responder) {
  const std::lock_guard lock(mutex_);
  if (stop_ || waiting_.size() >= waiting_max_)
    return responder.send(problem(503, "over_limit", full_));
  waiting_.push_back({std::move(request), std::move(responder)});
  wake_.notify_one();
}

void Queue::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    next.responder.send(answer_(next.request));
  }
}

}  // namespace hospes::portal
