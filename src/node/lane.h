// Private to node/: what a worker owns.
#pragma once

#include "flow/cold.h"
#include "node/node.h"

namespace hospes::node {

/// A partition's own rows, unsealed.
class Shelf final : public flow::Cold {
 public:
  Shelf(Doors doors, Names& names, Partition partition)
      : doors_(doors), names_(names), partition_(partition) {}
  Result<std::optional<std::string>> row(std::string_view key) const override;
  Status keys(std::string_view prefix, const std::function<bool(std::string_view)>& visit)
      const override;
  Result<bool> opens(AtomId atom) const override;
  Names& names() const override { return names_; }

 private:
  Doors doors_;
  Names& names_;
  Partition partition_;
};

struct Node::Lane {
  std::unique_ptr<Shelf> shelf;
  flow::PartitionState state;
  std::uint64_t sent = 0;  // appends of messages, counted by the worker
  std::atomic<std::uint64_t> confirmed{
      0};                // of those, durable; counted by the log's thread, in order
  Instant checkpointed;  // when the last snapshot was taken
  Instant ticked;
  bool tick_on_its_way = false;
  bool changed = false;                   // since the last snapshot
  Position stored;                        // the store is true at this position; writer thread only
  std::atomic<std::uint64_t> written{0};  // checkpoints of it that the store holds
};

struct Task {
  log::Durable durable;  // when `question` is empty
  Partition partition = 0;
  Question question;
};

struct Node::Worker {
  std::vector<Lane*> lanes;
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<Task> tasks;
  bool stop = false;
  std::thread thread;
  flow::Outcome outcome;  // reused
};

struct Node::Snapshot {
  Lane* lane = nullptr;
  std::vector<flow::Row> rows;
  Position position;
  std::uint64_t ticket = 0;  // messages up to here must be durable first
  std::uint64_t number = 0;  // of this lane's checkpoints
};

}  // namespace hospes::node
