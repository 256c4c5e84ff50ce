// Start: rows of the store, then the log's tail; what a crash cut off between partitions is sent
// again. Partitions do not read each other, so each worker's share of them comes back on a thread
// of its own.
#include <algorithm>
#include <deque>

#include "base/check.h"
#include "node/lane.h"
#include "record/codec.h"
#include "seal/envelope.h"

namespace hospes::node {

namespace {

constexpr std::size_t batch_records = 256;
constexpr std::size_t batches_max = 16;  // waiting for one hand: the log is read no further ahead

/// One thread of the replay: applies what it is given, in order.
class Hand {
 public:
  using Apply = std::function<Status(const log::Durable&, flow::Outcome&)>;

  explicit Hand(Apply apply) : apply_(std::move(apply)), thread_([this] { run(); }) {}
  ~Hand() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      changed_.notify_all();
    }
    thread_.join();
  }
  Hand(const Hand&) = delete;
  Hand& operator=(const Hand&) = delete;

  /// Why it stopped, or success. Waits while too much waits.
  Status give(const log::Durable& durable) {
    batch_.push_back(durable);
    return batch_.size() < batch_records ? Status() : pass_on(false);
  }
  /// All that was given is applied when it returns.
  Status finish() {
    TRY(pass_on(true));
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_; });
    return status_;
  }

 private:
  Status pass_on(bool last) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.size() < batches_max || done_; });
    waiting_.push_back(std::exchange(batch_, {}));
    ending_ = last;
    changed_.notify_all();
    return status_;
  }

  void run() {
    flow::Outcome outcome;
    std::unique_lock lock(mutex_);
    while (status_) {
      changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      if (waiting_.empty()) break;
      const auto batch = std::move(waiting_.front());
      waiting_.pop_front();
      changed_.notify_all();
      lock.unlock();
      Status applied;
      for (auto at = batch.begin(); at != batch.end() && applied; ++at)
        applied = apply_(*at, outcome);
      lock.lock();
      status_ = std::move(applied);
    }
    done_ = true;
    changed_.notify_all();
  }

  const Apply apply_;
  std::vector<log::Durable> batch_;  // of the giving thread
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<log::Durable>> waiting_;
  Status status_;
  bool ending_ = false, done_ = false;
  std::thread thread_;
};

}  // namespace

class Node::Recoverer {
 public:
  Recoverer(Node& node, const std::function<void(const Recovery&)>& progress)
      : node_(node), progress_(progress), pending_(node.lanes_.size()) {}

  Status load() {
    std::vector<Status> loaded(node_.workers_.size());
    std::vector<std::thread> hands;
    for (std::size_t w = 0; w < loaded.size(); ++w)
      hands.emplace_back([&, w] { loaded[w] = load(*node_.workers_[w]); });
    for (std::thread& hand : hands) hand.join();
    for (Status& status : loaded) TRY(status);
    return {};
  }

  Status replay() {
    std::vector<Position> after;
    for (const auto& lane : node_.lanes_) after.push_back(lane->state.applied);
    std::vector<std::unique_ptr<Hand>> hands;
    for (std::size_t w = 0; w < node_.workers_.size(); ++w) {
      hands.push_back(std::make_unique<Hand>([this](const log::Durable& d, flow::Outcome& outcome) {
        return one(d, outcome);
      }));
    }
    Status read = node_.doors_.log.replay(after, [&](const log::Durable& d) {
      return hands[d.partition % hands.size()]->give(d);
    });
    for (const auto& hand : hands) {
      if (Status applied = hand->finish(); !applied && read) read = std::move(applied);
    }
    TRY(read);
    for (const auto& lane : node_.lanes_) TRY(lane->state.unreadable);
    return {};
  }

  /// An erasure is durable before its key is destroyed: what a crash left in between is done now.
  Status finish_erasures() {
    for (const auto& lane : node_.lanes_) {
      if (asked_.empty()) break;
      for (const auto& [id, component] : lane->state.components)
        for (const flow::AtomState& a : component->atoms)
          if (a.erased && std::ranges::find(asked_, a.atom.id) != asked_.end()) forgotten_.push_back(a.atom.id);
    }
    for (const AtomId atom : forgotten_) {
      node_.listener_.erased(atom);
      const auto key = node_.doors_.keys.key(atom);
      if (key) TRY(node_.doors_.keys.destroy(atom));
      if (!key && key.error().code != Code::not_found) return std::unexpected(key.error());
    }
    return {};
  }

  /// Messages born before the crash that never became durable.
  void send_rest() {
    for (std::size_t p = 0; p < pending_.size(); ++p) {
      std::vector<flow::Message> rest;
      for (auto& [mark, message] : pending_[p].born) {
        const auto& marks = node_.lanes_[message.to]->state.marks;
        const auto at = marks.find(static_cast<Partition>(p));
        if (at != marks.end() && mark <= at->second) continue;
        rest.push_back(std::move(message));
      }
      if (!rest.empty()) node_.send(*node_.lanes_[p], std::move(rest));
    }
  }

 private:
  /// What one partition has sent again, in order of birth, and how far it is known to be durable:
  /// the lane that got a message may be replayed before the one that sent it.
  struct Pending {
    std::mutex mutex;
    flow::Mark durable;
    std::deque<std::pair<flow::Mark, flow::Message>> born;
  };

  Status load(Worker& worker) {
    for (Lane* lane : worker.lanes) {
      TRY(load(*lane));
      lane->stored = lane->state.applied;
    }
    return {};
  }

  Status load(Lane& lane) {
    const Partition self = lane.state.self;
    flow::Loader loader(lane.state, node_.house_);
    Status read;
    for (const char& kind : flow::loaded_kinds) {
      TRY(node_.doors_.store.scan(self, {&kind, 1}, [&](std::string_view key, std::string_view value) {
        read = row(loader, key, value);
        return read.has_value();
      }));
      TRY(read);
    }
    lane.state.applied = TRY(node_.doors_.store.position(self));
    TRY(loader.finish());
    for (const auto& [atom, component] : lane.state.components) {
      for (const flow::AtomState& a : component->atoms) {
        report(a.ledger);
        if (a.erased) forgotten(a.atom.id);
      }
    }
    progress(lane.state.components.size(), 0);
    return {};
  }

  Status row(flow::Loader& loader, std::string_view key, std::string_view value) {
    const auto atom = flow::sealed_by(key);
    if (!atom) return loader.row(key, value);
    const auto secret = node_.doors_.keys.key(*atom);
    if (!secret && secret.error().code == Code::not_found) return {};  // erased
    if (!secret) return std::unexpected(secret.error());
    const std::string plain = TRY(seal::open(*secret, key, value));
    return loader.row(key, plain);
  }

  /// On the thread of the partition's worker.
  Status one(const log::Durable& durable, flow::Outcome& outcome) {
    record::Record record =
        TRY(record::decode(durable.bytes, *node_.house_.names, node_.doors_.keys));
    Lane& lane = *node_.lanes_[durable.partition];
    if (record.origin) came_through(*record.origin);
    if (const auto* f = std::get_if<record::Forgotten>(&record.body)) forgotten(f->atom.id, f->if_lapsed);
    outcome.clear();
    flow::apply(lane.state, durable.position, record, node_.house_, outcome);
    lane.changed = true;
    flow::make_room(lane.state);
    if (!outcome.messages.empty()) keep(pending_[lane.state.self], outcome.messages);
    if (!outcome.answers.empty()) node_.listener_.answers(outcome.answers);
    progress(0, 1);
    return {};
  }

  /// Of one that asked first (`if_lapsed`), the state says in the end whether it came to be.
  void forgotten(AtomId atom, bool if_lapsed = false) {
    const std::lock_guard lock(progress_mutex_);
    (if_lapsed ? asked_ : forgotten_).push_back(atom);
  }

  void came_through(const record::Origin& origin) {
    Pending& from = pending_[origin.partition];
    const std::lock_guard lock(from.mutex);
    from.durable = std::max(from.durable, flow::Mark{origin.position, origin.index});
    while (!from.born.empty() && from.born.front().first <= from.durable) from.born.pop_front();
  }

  static void keep(Pending& of, std::vector<flow::Message>& messages) {
    const std::lock_guard lock(of.mutex);
    for (flow::Message& m : messages) {
      const flow::Mark mark{m.record.origin->position, m.record.origin->index};
      if (mark > of.durable) of.born.emplace_back(mark, std::move(m));
    }
  }

  void report(const consent::Ledger& ledger) {
    if (ledger.empty()) return;
    const auto rows = ledger.rows();
    node_.listener_.answers({rows.begin(), rows.end()});
  }

  void progress(std::uint64_t components, std::uint64_t records) {
    const std::lock_guard lock(progress_mutex_);
    so_far_.components += components;
    so_far_.records += records;
    if (progress_ && (components > 0 || so_far_.records % 10'000 == 0)) progress_(so_far_);
  }

  Node& node_;
  const std::function<void(const Recovery&)>& progress_;
  std::mutex progress_mutex_;
  Recovery so_far_;
  std::vector<Pending> pending_;   // by source
  std::vector<AtomId> asked_;      // by records of the tail that asked first; guarded by progress_mutex_
  std::vector<AtomId> forgotten_;  // in the rows or by the tail; guarded by progress_mutex_
};

Result<std::unique_ptr<Node>> Node::open(
    Doors doors, flow::House house, Options options, Listener& listener,
    const std::function<void(const Recovery&)>& progress
) {
  std::unique_ptr<Node> node(new Node(doors, std::move(house), options, listener));
  node->closed_ = true;  // nothing to close until it runs
  Recoverer recoverer(*node, progress);
  TRY(recoverer.load());
  TRY(recoverer.replay());
  TRY(recoverer.finish_erasures());
  node->closed_ = false;
  // Checkpoints of the partitions come one after the other, not all at once.
  const Instant now = doors.clock.now();
  const auto lanes = static_cast<std::int64_t>(node->lanes_.size());
  for (std::int64_t p = 0; p < lanes; ++p)
    node->lanes_[static_cast<std::size_t>(p)]->checkpointed =
        now - options.checkpoint_every * p / lanes;
  doors.log.follow([n = node.get()](std::vector<log::Durable> records) {
    n->take(std::move(records));
  });
  recoverer.send_rest();
  node->writer_ = std::thread([n = node.get()] { n->write_snapshots(); });
  for (auto& worker : node->workers_)
    worker->thread = std::thread([n = node.get(), w = worker.get()] { n->run(*w); });
  return node;
}

}  // namespace hospes::node
