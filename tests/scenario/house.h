// A whole house on twins: the real rooms from the door to the console's reads, over a disk, a store
// and keys in memory and a clock set by hand.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/dice.h"
#include "catalog/catalog.h"
#include "clock/clock.h"
#include "collect/door.h"
#include "consent/permissions.h"
#include "diary/diary.h"
#include "disk/memory.h"
#include "log/local_log.h"
#include "node/node.h"
#include "portal/console.h"
#include "portal/pulse.h"
#include "seal/memory_keys.h"
#include "server/engines.h"
#include "store/memory.h"
#include "touchpoint/counter.h"

namespace hospes::scenario {

/// How a script is lived through. Whatever the way, the same must come of it.
struct Way {
  std::string_view name;
  unsigned partitions = 8;
  bool twice = false;                            // each request comes again
  enum { never, closed, killed } restarts = never;  // after each step
  bool checkpoints = true;  // off: a restart reads the whole log
  bool cold = false;        // no timeline stays in memory
};

/// Files of the house's folder that the console may change.
struct Files {
  std::string segments, journeys;
};

class House final : private node::Listener, private collect::Sink, private collect::Arrivals {
 public:
  House(catalog::Catalog catalog, const Files& files, const Way& way, Instant starts, std::uint64_t seed);
  ~House() override;

  /// To the public listener's door.
  http::Response post(std::string path, std::string_view key, std::string body);
  /// What a touch point of source `server` is answered.
  http::Response decide(std::string body);
  /// From the console, as the owner's command line.
  http::Response read(std::string_view method, std::string path, std::string query, std::string body);

  void set_clock(Instant now);
  /// A machine whose clock is set right.
  void set_clock_back(Duration by);
  Instant now() { return clock_.now(); }
  /// Until every record and message is applied and every timer up to now has fired.
  void calm();
  /// Ends and starts again as the way says. Calm first.
  void rest();
  /// Somebody took one of an offer's stock, by the decision of that name.
  void take(const std::string& offer, std::string_view decision);
  /// Writes journeys.jny and puts it in force.
  Status lead(const std::string& journeys);
  /// Since the last call; applied in any order, so sort before you compare.
  std::vector<flow::Transition> take_passages();
  /// What the twin of a destination got since the last call: when, to whom, by which action.
  std::vector<std::string> take_sent();
  Hash128 digest() { return node_->digest(); }
  std::string segment_id(const flow::Transition& passage);

 private:
  void open();
  void close();
  void perform();
  void append_one(record::Body body, AtomId anchor);

  void transitions(const std::vector<flow::Transition>& passed) override;
  void fates(const std::vector<flow::Fate>&) override {}
  void answers(const std::vector<consent::Row>& rows) override;
  void stocked(const std::vector<flow::Stocked>& stocked) override {
    if (counter_) counter_->stocked(stocked);
  }
  void arrived(std::vector<collect::Arrival> arrivals) override {
    for (const collect::Arrival& arrival : arrivals) pulse_->arrived(arrival);
    feed_.arrived(std::move(arrivals));
  }
  Status append(std::vector<collect::Outgoing> records, std::function<void(Status)> done) override;

  const Way way_;
  const std::uint64_t segment_bytes_;  // of the log: definitions go into each lane by one append
  const catalog::Catalog catalog_;
  ManualClock clock_;
  Dice dice_;
  Names names_;
  server::Engines engines_{names_, catalog_};
  disk::MemoryDisk disk_;
  seal::MemoryKeys keys_;
  store::MemoryStore store_;
  std::unique_ptr<diary::Diary> diary_;
  portal::Feed feed_;
  portal::Health health_;
  collect::Shapes shapes_{names_};
  std::mutex mutex_;
  std::vector<flow::Transition> passages_;  // guarded by mutex_
  std::vector<std::string> sent_;

  // What a restart makes anew.
  std::unique_ptr<consent::Permissions> permissions_;
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<portal::Access> access_;
  std::unique_ptr<portal::Pulse> pulse_;
  std::unique_ptr<node::Node> node_;
  std::unique_ptr<receipt::TransparencyLog> receipts_;
  std::optional<receipt::Notary> notary_;
  std::unique_ptr<portal::Definitions> definitions_;
  std::optional<collect::LiveSources> sources_;
  std::optional<portal::Sourcebook> sourcebook_;
  std::unique_ptr<portal::Console> console_;
  std::unique_ptr<collect::Door> door_;
  std::unique_ptr<touchpoint::Counter> counter_;
};

}  // namespace hospes::scenario
