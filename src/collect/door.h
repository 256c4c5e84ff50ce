// The door for what comes in over HTTP: checks the key, parses, resolves identifiers, stamps
// permission, and answers when everything is durable. docs/permission.md; design.md section 2.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "catalog/catalog.h"
#include "clock/clock.h"
#include "collect/live_sources.h"
#include "collect/shapes.h"
#include "consent/permissions.h"
#include "consent/stamp.h"
#include "dead_letter/letters.h"
#include "http/responder.h"
#include "model/names.h"
#include "record/record.h"
#include "seal/keys.h"

namespace hospes::collect {

struct Outgoing {
  AtomId anchor;  // decides the lane
  std::shared_ptr<const record::Record> record;
};

/// Where records go: the node.
class Sink {
 public:
  virtual ~Sink() = default;
  /// All or nothing, with one sync. `done` is called once when durable or failed, on any thread;
  /// not at all when this refuses at once (over_limit, unavailable).
  virtual Status append(std::vector<Outgoing> records, std::function<void(Status)> done) = 0;
  /// The receipt of an answer that `append` made durable, as JSON; empty when none is given.
  virtual std::string receipt(Hash128) { return {}; }
  /// Effects that had left, and not ended, when the answer against of that message was done.
  virtual std::size_t in_flight(Hash128) { return 0; }
};

enum class Verdict : std::uint8_t { accepted, withheld, rejected };

/// A visitor of one day, whom nothing ties to another day or to a person (visitor.h).
struct Visit {
  std::int64_t day = 0;    // of the house, since 1970-01-01
  std::uint64_t mark = 0;
};

/// What the live stream shows of one event: never its payload.
struct Arrival {
  Verdict verdict = Verdict::accepted;
  Instant at;
  std::string_view type;  // of the call: "track", …, "consent"
  std::string name;  // of the event, "consent" for an answer; rejected: `type`, unless catalogued
  std::string source;
  std::string owner;       // atom, hex; accepted only
  std::string message_id;  // accepted only: what is withheld leaves no text of its sender's
  Hash128 message;         // by which it is asked for again; none when it brought no messageId
  std::vector<std::string> missing;  // withheld: the purposes that stayed closed
  std::vector<consent::Why> closed;  // why, for each of them
  std::string_view rule;             // rejected: the code the sender was told (rejects.h)
  std::size_t bytes = 0;             // rejected: of the item
  std::optional<Hash128> letter;     // rejected: it is among the dead letters under this name
  std::string detail;  // withheld: why each of them did, and what to change; rejected: why
  Duration lag{};      // accepted only: from its happening to its receipt
  Instant original, sent;  // accepted only: the two times of its client that no timeline keeps
  bool simulated = false;
  std::optional<Visit> visit;  // withheld, and sent by a page
};

/// A request of which nothing was taken: never its body, nor a key.
struct TurnedAway {
  const catalog::Source* source = nullptr;  // whose key it bore, where one was known
  int status = 0;
  Instant at;
  std::string_view reason;  // as its sender was told
  std::string_view origin;  // of the page that sent it, if one did
};

/// A request that was let in by its key, whatever becomes of its events.
struct Admitted {
  const catalog::Source& source;
  const catalog::WriteKey& key;
  Instant at;
};

/// Called on the door's or the log's thread: be quick.
class Arrivals {
 public:
  virtual ~Arrivals() = default;
  /// Of one request, in its order.
  virtual void arrived(std::vector<Arrival> arrivals) = 0;
  virtual void turned_away(const TurnedAway&) {}
  virtual void admitted(const Admitted&) {}
};

class Tombstones;

/// The source of what the house itself saw: no key opens it.
inline constexpr std::string_view own_source_name = "hospes";

struct DoorOptions {
  std::size_t requests_max = 1'024;  // waiting; beyond: 429
  std::size_t group_max = 64;        // requests that share one sync
  // Of bodies, inflated. Their records are some four times as large, so that a few large requests
  // fill a group, and the next ones wait in the queue.
  std::size_t group_bytes_max = 1024 * 1024;           // beyond: the group is closed
  std::size_t under_way_bytes_max = 16 * 1024 * 1024;  // parsed and not yet durable
  bool tls_in_front = false;  // pages come back by https: a proxy ends it
};

/// What the door needs. All outlive it.
struct Doors {
  const catalog::Catalog& catalog;  // but for its sources
  const LiveSources& sources;
  Names& names;
  seal::KeyStore& keys;
  consent::Permissions& permissions;
  Sink& sink;
  Clock& clock;
  Arrivals& arrivals;
  Shapes& shapes;
  dead_letter::Letters* letters = nullptr;  // none: what is refused is told, and not kept
  const Tombstones* tombstones = nullptr;  // none: nobody was ever erased
};

class Desk;  // private: one request after another

class Door {
 public:
  Door(DoorOptions options, Doors doors);
  /// As close().
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// The paths of paths.h and their preflights; 404 for others. Never blocks: what is to be kept is
  /// answered later, from another thread.
  void handle(http::Request request, http::Responder responder);
  /// What the house itself saw somebody do, as an item of /v1/track: of a source that no key opens,
  /// judged like any other, with nothing but the ledger to open it. Nobody waits for the answer.
  /// False: too many wait.
  bool tell(std::string item, bool simulated);
  /// Whether `path` is one of the door's.
  static bool serves(std::string_view path);
  /// Takes nothing more, answers what waits, returns when all answers are sent. Idempotent. The
  /// sink must still be alive.
  void close();

 private:
  struct Waiting {
    http::Request request;
    http::Responder responder;
    const catalog::Source* own = nullptr;  // of the house itself
  };
  struct Group;

  void run();
  std::optional<Waiting> next(bool wait, std::size_t& load);
  void take(Desk& desk, Waiting waiting, std::size_t load, Group& group);
  void commit(std::shared_ptr<Group> group);
  void done(Group& group, const Status& durable);

  const DoorOptions options_;
  Doors doors_;
  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::deque<Waiting> waiting_;      // guarded by mutex_
  std::size_t under_way_ = 0;        // groups not yet answered; guarded by mutex_
  std::size_t under_way_bytes_ = 0;  // of their bodies; guarded by mutex_
  bool stop_ = false;                // guarded by mutex_
  std::thread thread_;
};

}  // namespace hospes::collect
