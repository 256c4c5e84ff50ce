// A node runs its partitions: takes what the log has made durable, applies it on one writer thread
// per partition, sends the messages on, lets time pass, writes checkpoints, and answers questions
// about the state.
//
// Crash protocol (docs/adr/0001): the log is the truth. A checkpoint of a partition is written only
// when every message born up to it is durable, so a restart replays the tail and at most repeats
// messages, which receivers know by their mark.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "clock/clock.h"
#include "flow/apply.h"
#include "flow/rows.h"
#include "log/log.h"
#include "record/record.h"
#include "seal/keys.h"
#include "store/store.h"

namespace hospes::node {

struct Options {
  unsigned partitions = partitions_default;
  unsigned workers = 2;  // writer threads; a partition belongs to one of them
  Duration checkpoint_every = std::chrono::seconds(4);
  Duration tick_every = std::chrono::milliseconds(10);  // at most, and only if something is due
  std::size_t queue_records_max =
      200'000;  // waiting to be applied, per worker; the door slows down beyond it
  std::size_t queue_bytes_max =
      std::size_t{48} << 20;  // the same of all, as written; in memory some four times as much
  std::size_t timelines_bytes_max =
      std::size_t{256} << 20;  // of timelines in memory, all partitions; the others are read back
  /// Somebody behind the state reads the log too: no record after this place leaves it. Thread-safe.
  std::function<Position()> kept_after = {};
};

/// The doors a node needs. All outlive it.
struct Doors {
  log::Log& log;
  store::Store& store;
  seal::KeyStore& keys;
  Clock& clock;
};

/// Hears what partitions say, on their worker's thread: be quick, never call back into the node.
/// Silent during recovery.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void transitions(const std::vector<flow::Transition>& transitions) = 0;
  virtual void fates(const std::vector<flow::Fate>& fates) = 0;
  /// What was decided, and where each effect stands now: whoever performs them claims those that are
  /// ready, and performs those that are claimed. After a start it asks (flow/effects.h).
  virtual void effects(const std::vector<flow::Effected>&) {}
  /// Who was led from where to where.
  virtual void moves(const std::vector<flow::Moved>&) {}
  /// Also during recovery, for every answer in the store and the log: the door's index is built
  /// from these.
  virtual void answers(const std::vector<consent::Row>& rows) = 0;
  /// During recovery, for every erased atom that is known.
  virtual void erased(AtomId) {}
  /// Of an offer something was taken, or nothing was left.
  virtual void stocked(const std::vector<flow::Stocked>&) {}
  /// Nothing holds these any more: whoever hears it erases them. Said again every day.
  virtual void lapsed(const std::vector<Atom>&) {}
  /// By the schedules so many events left, and lie in files still.
  virtual void ended(std::size_t) {}
  /// Values that too many named: nobody's from now on. An alert.
  virtual void quarantined(const std::vector<AtomId>&) {}
};

/// Texts of the house that go into force with its segments.
struct Beside {
  std::string actions;    // actions.toml
  std::string decisions;  // decisions.toml
  std::string retention;  // retention.toml
  bool operator==(const Beside&) const = default;
};

using Question = std::function<void(const flow::PartitionState&)>;

/// How far recovery is; called from the recovering threads, one at a time.
struct Recovery {
  std::uint64_t components = 0;
  std::uint64_t records = 0;
};

class Node {
 public:
  /// Loads the store, replays the log, starts the workers. `progress` may be empty.
  static Result<std::unique_ptr<Node>> open(
      Doors doors, flow::House house, Options options, Listener& listener,
      const std::function<void(const Recovery&)>& progress = {}
  );
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  struct Addressed {
    Partition partition = 0;
    std::shared_ptr<const record::Record> record;
  };
  /// Encodes, seals and appends; `done` when durable (log/log.h). The caller has synced the keys.
  /// over_limit at once when the log or a worker's queue is full.
  Status append(std::vector<Addressed> records, log::Done done);

  /// The lane of a door record: the slot of its anchor, or of the atom that answers.
  Partition lane_of(AtomId anchor) const { return partition_of(anchor, options_.partitions); }

  /// Runs on the partition's own thread, after everything that was durable before the call. Never
  /// blocks the caller.
  void ask(Partition partition, Question question);
  /// On every partition, then returns. Not from a listener or a question.
  void ask_all(const Question& question);
  /// Returns when every record and message so far is applied and no message is on its way. For
  /// tests, demos, backups.
  void settle();

  /// Proposes definitions: the next version is written to every lane and takes effect `lead` from
  /// now. invalid_input when they do not compile. Without `beside`, what was of before.
  Status define(
      std::string segments, Duration lead, log::Done done, std::optional<Beside> beside = std::nullopt
  );
  /// The same, as a change of the text that was proposed last, and of its journeys; equal texts are
  /// not proposed.
  Status redefine(
      const std::function<std::string(const std::string&)>& change, log::Done done,
      std::optional<Beside> beside = {},
      const std::function<std::string(const std::string&)>& journeys = {}
  );

  /// Writes and syncs a checkpoint of all partitions now.
  Status checkpoint();
  /// Order-free over all people of the node. Settles first.
  Hash128 digest();

  unsigned partitions() const { return options_.partitions; }
  const flow::House& house() const { return house_; }
  /// Why checkpoints fail, or success.
  Status health() const;
  std::size_t waiting() const;  // records handed over and not yet applied

  /// Stops applying after what is durable, writes a last checkpoint. Idempotent; the destructor
  /// calls it.
  void close();

 private:
  struct Lane;
  struct Worker;
  class Recoverer;

  Node(Doors doors, flow::House house, Options options, Listener& listener);

  record::Defined proposed();
  Status propose(record::Defined next, log::Done done);
  Worker& worker_of(Partition p);
  void take(std::vector<log::Durable> records);
  void run(Worker& worker);
  void apply_one(Worker& worker, Lane& lane, const log::Durable& durable);
  void send(Lane& lane, std::vector<flow::Message> messages);
  void tick(Worker& worker);
  void checkpoint_due(Worker& worker);
  void snapshot(Lane& lane);
  void write_snapshots();
  Status write(Partition partition, std::vector<flow::Row> rows, Position position);
  void failed(Status why);

  Doors doors_;
  flow::House house_;
  std::mutex defining_;           // one proposal at a time
  record::Defined last_proposed_;  // may not be applied yet
  Options options_;
  Listener& listener_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<Worker>> workers_;

  struct Load {
    std::int64_t records = 0;
    std::int64_t bytes = 0;
  };
  Load enter(const std::vector<log::Entry>& entries);
  void leave(Load load);

  struct Snapshot;
  mutable std::mutex writer_mutex_;
  std::condition_variable writer_wake_, writer_idle_;
  std::deque<Snapshot> snapshots_;
  bool writing_ = false;
  bool stop_writer_ = false;
  std::thread writer_;
  Status health_;
  std::atomic<std::int64_t> in_flight_{0};        // records appended and not yet applied
  std::atomic<std::int64_t> in_flight_bytes_{0};  // of those
  std::atomic<bool> closed_{false};
  std::atomic<bool> broken_{false};  // a message was refused: nothing may follow it until a restart
};

}  // namespace hospes::node
