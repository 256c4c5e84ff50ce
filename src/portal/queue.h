// Questions that wait for threads which may wait for partitions themselves.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/responder.h"

namespace hospes::portal {

class Queue {
 public:
  using Answer = std::function<http::Response(const http::Request&)>;

  /// `answer` runs on `threads` threads. Beyond `waiting_max` a question is refused with 503 and `full`.
  Queue(unsigned threads, std::size_t waiting_max, std::string full, Answer answer);
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  /// Never blocks.
  void put(http::Request request, http::Responder responder);
  /// Answers what waits, then ends. Idempotent.
  void close();

 private:
  struct Waiting {
    http::Request request;
    http::Responder responder;
  };
  void run();

  const std::size_t waiting_max_;
  const std::string full_;
  const Answer answer_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> waiting_;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace hospes::portal
