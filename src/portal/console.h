// What the console listener answers: counts, segments, one person whole, the live stream. Who may
// ask is access.h; every path, its answers and limits stand in docs/http_api.md.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "catalog/catalog.h"
#include "clock/clock.h"
#include "diary/diary.h"
#include "http/responder.h"
#include "node/node.h"
#include "portal/access.h"
#include "portal/attempts.h"
#include "portal/definitions.h"
#include "portal/feed.h"
#include "portal/health.h"
#include "portal/pulse.h"
#include "portal/sourcebook.h"
#include "receipt/notary.h"
#include "seal/keys.h"

namespace hospes::activate {
class Sender;
}
namespace hospes::collect {
class Redelivery;
class Tombstones;
}
namespace hospes::evidence {
class Evidence;
}
namespace hospes::lake {
class Lake;
}

namespace hospes::portal {

/// All outlive the console.
struct GuestLink {
  std::string path;
  Instant until;
};

struct ConsoleDoors {
  node::Node& node;
  seal::KeyStore& keys;
  const catalog::Catalog& catalog;  // but for its sources
  Names& names;
  Clock& clock;
  Access& access;
  Feed& feed;
  Pulse& pulse;
  const Health& health;
  const collect::Shapes& shapes;
  diary::Diary& diary;
  receipt::TransparencyLog& receipts;
  const receipt::Notary& notary;
  Definitions& definitions;
  Sourcebook& sources;
  const activate::Sender* sender = nullptr;  // none: the house does not act
  dead_letter::Letters* letters = nullptr;
  collect::Redelivery* redelivery = nullptr;
  Campaigns* campaigns = nullptr;            // none: it keeps none
  lake::Lake* lake = nullptr;               // none: the house keeps no lake
  std::string public_url = {};  // where the world reaches the public listener; no slash at its end
  /// Makes a link to the guest's own pages, given by `via`; none: the house has no such pages.
  std::function<GuestLink(const Atom& login, std::string_view via)> guest_link = {};
  collect::Sink* sink = nullptr;        // where answers and requests go
  collect::Tombstones* tombstones = nullptr;  // of whom an erasure is added to
  evidence::Evidence* evidence = nullptr;     // what an erasure leaves; none: nothing
  std::function<void()> erasures = {};  // one more counts down: whoever waits for them looks again
  std::function<std::string()> tees = {};  // how what goes on to old pipelines is, as JSON; none: nothing does
};

class Pressure;
class Live;
class Census;
class Attendance;
class History;
class Insights;
class Queue;
class Sql;

class Console {
 public:
  static constexpr std::size_t questions_max = 256;  // waiting; beyond: 503
  static constexpr unsigned threads = 2;             // so that a preview does not hold up a profile

  explicit Console(ConsoleDoors doors);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// Never blocks: threads of its own ask the partitions.
  void handle(http::Request request, http::Responder responder);
  /// Answers what waits, ends the streams. The node must still be open. Idempotent.
  void close();

 private:
  http::Response answer(const http::Request& request);
  http::Response enter(std::string_view code);
  http::Response preview_alone(const http::Request& request);
  http::Response sign_in_alone(const http::Request& request);

  ConsoleDoors doors_;
  std::unique_ptr<Live> live_;
  std::unique_ptr<Census> census_;
  std::unique_ptr<Attendance> attendance_;
  std::unique_ptr<History> history_;
  std::unique_ptr<Pressure> pressure_;
  std::unique_ptr<Insights> insights_;
  std::unique_ptr<Sql> sql_;
  std::mutex previewing_;  // held by the one preview at a time: the other thread stays free
  std::mutex hashing_;     // held by the one who signs in
  Attempts attempts_;      // guarded by hashing_
  std::unique_ptr<Queue> queue_;  // its threads use the others
};

}  // namespace hospes::portal
