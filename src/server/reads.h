// What the console listener reads: health, counts, segments, one person whole. Everything but
// health and the owner link needs a session or the staff token (portal/access.h).
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "catalog/catalog.h"
#include "clock/clock.h"
#include "http/responder.h"
#include "node/node.h"
#include "portal/access.h"
#include "seal/keys.h"

namespace hospes::server {

/// All outlive the reads.
struct ReadDoors {
  node::Node& node;
  seal::KeyStore& keys;
  const catalog::Catalog& catalog;
  Names& names;
  Clock& clock;
  portal::Access& access;
  const std::atomic<std::uint64_t>& withheld;
};

class Reads {
 public:
  explicit Reads(ReadDoors doors);
  ~Reads();
  /// Never blocks: one thread of its own asks the partitions. 503 when 256 questions wait.
  void handle(http::Request request, http::Responder responder);

 private:
  void run();
  http::Response answer(const http::Request& request);
  http::Response profile(const http::Request& request);
  http::Response segments();
  http::Response metrics();

  ReadDoors doors_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::pair<http::Request, http::Responder>> waiting_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace hospes::server
