// Start: rows of the store, then the log's tail; what a crash cut off between partitions is sent
// again.
#include "base/check.h"
#include "node/lane.h"
#include "record/codec.h"
#include "seal/envelope.h"

namespace hospes::node {

class Node::Recoverer {
 public:
  Recoverer(Node& node, const std::function<void(const Recovery&)>& progress)
      : node_(node), progress_(progress) {}

  Status load() {
    for (const auto& lane : node_.lanes_) {
      TRY(load(*lane));
      lane->stored = lane->state.applied;
    }
    return {};
  }

  Status replay() {
    std::vector<Position> after;
    for (const auto& lane : node_.lanes_) after.push_back(lane->state.applied);
    pending_.resize(node_.lanes_.size());
    TRY(node_.doors_.log.replay(after, [this](const log::Durable& d) { return one(d); }));
    for (const auto& lane : node_.lanes_) TRY(lane->state.unreadable);
    return {};
  }

  /// Messages born before the crash that never became durable.
  void send_rest() {
    for (std::size_t p = 0; p < pending_.size(); ++p) {
      std::vector<flow::Message> rest;
      for (auto& [mark, message] : pending_[p]) {
        const auto& marks = node_.lanes_[message.to]->state.marks;
        const auto at = marks.find(static_cast<Partition>(p));
        if (at != marks.end() && mark <= at->second) continue;
        rest.push_back(std::move(message));
      }
      if (!rest.empty()) node_.send(*node_.lanes_[p], std::move(rest));
    }
  }

 private:
  Status load(Lane& lane) {
    const Partition self = lane.state.self;
    flow::Loader loader(lane.state, node_.house_);
    Status read;
    TRY(node_.doors_.store.scan(self, "", [&](std::string_view key, std::string_view value) {
      read = row(loader, key, value);
      return read.has_value();
    }));
    TRY(read);
    lane.state.applied = TRY(node_.doors_.store.position(self));
    TRY(loader.finish());
    TRY(lane.state.unreadable);
    for (const auto& [atom, component] : lane.state.components) {
      for (const flow::AtomState& a : component->atoms) report(a.ledger);
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

  Status one(const log::Durable& durable) {
    record::Record record =
        TRY(record::decode(durable.bytes, *node_.house_.names, node_.doors_.keys));
    Lane& lane = *node_.lanes_[durable.partition];
    if (record.origin) {
      const flow::Mark mark{record.origin->position, record.origin->index};
      auto& born = pending_[record.origin->partition];
      while (!born.empty() && born.front().first <= mark) born.pop_front();
    }
    outcome_.clear();
    flow::apply(lane.state, durable.position, record, node_.house_, outcome_);
    lane.changed = true;
    flow::make_room(lane.state);
    for (flow::Message& m : outcome_.messages) {
      const flow::Mark mark{m.record.origin->position, m.record.origin->index};
      pending_[lane.state.self].emplace_back(mark, std::move(m));
    }
    if (!outcome_.answers.empty()) node_.listener_.answers(outcome_.answers);
    progress(0, 1);
    return {};
  }

  void report(const consent::Ledger& ledger) {
    if (ledger.empty()) return;
    const auto rows = ledger.rows();
    node_.listener_.answers({rows.begin(), rows.end()});
  }

  void progress(std::uint64_t components, std::uint64_t records) {
    so_far_.components += components;
    so_far_.records += records;
    if (progress_ && (components > 0 || so_far_.records % 10'000 == 0)) progress_(so_far_);
  }

  Node& node_;
  const std::function<void(const Recovery&)>& progress_;
  Recovery so_far_;
  flow::Outcome outcome_;
  std::vector<std::deque<std::pair<flow::Mark, flow::Message>>>
      pending_;  // by source, in order of birth
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
  node->closed_ = false;
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
