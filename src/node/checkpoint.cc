// Checkpoints: the worker takes what changed between two records, the writer thread seals and
// stores it once every message born up to there is durable.
#include <latch>

#include "base/check.h"
#include "node/lane.h"
#include "seal/envelope.h"

namespace hospes::node {

Result<std::optional<std::string>> Shelf::row(std::string_view key) const {
  auto stored = TRY(doors_.store.get(partition_, key));
  const auto atom = flow::sealed_by(key);
  if (!stored || !atom) return stored;
  const auto secret = doors_.keys.key(*atom);
  if (!secret && secret.error().code == Code::not_found) return std::nullopt;  // erased
  if (!secret) return std::unexpected(secret.error());
  return TRY(seal::open(*secret, key, *stored));
}

Status Shelf::keys(std::string_view prefix, const std::function<bool(std::string_view)>& visit)
    const {
  return doors_.store.scan(partition_, prefix, [&](std::string_view key, std::string_view) {
    return visit(key);
  });
}

Result<bool> Shelf::opens(AtomId atom) const {
  const auto secret = doors_.keys.key(atom);
  if (!secret && secret.error().code != Code::not_found) return std::unexpected(secret.error());
  return secret.has_value();
}

void Node::checkpoint_due(Worker& worker) {
  const Instant now = doors_.clock.now();
  for (Lane* lane : worker.lanes) {
    if (const auto written = lane->written.load(); written > lane->state.confirmed)
      flow::confirm(lane->state, written);
    flow::make_room(lane->state);
    if (lane->changed && now - lane->checkpointed >= options_.checkpoint_every) {
      snapshot(*lane);
      lane->checkpointed = now;
    }
  }
}

void Node::snapshot(Lane& lane) {
  lane.changed = false;
  if (!lane.state.unreadable) return;
  Snapshot taken{
      &lane, flow::take_rows(lane.state, *house_.names), lane.state.applied, lane.sent,
      lane.state.taken};
  const std::lock_guard lock(writer_mutex_);
  snapshots_.push_back(std::move(taken));
  writer_wake_.notify_all();
}

void Node::write_snapshots() {
  std::unique_lock lock(writer_mutex_);
  for (;;) {
    writing_ = false;
    writer_idle_.notify_all();
    writer_wake_.wait(lock, [&] { return stop_writer_ || !snapshots_.empty(); });
    if (snapshots_.empty()) return;
    writing_ = true;
    std::deque<Snapshot> batch = std::exchange(snapshots_, {});
    for (Snapshot& s : batch) {
      // No checkpoint may pass a message that a crash could still take back.
      while (s.lane->confirmed.load() < s.ticket && health_ && !stop_writer_) {
        writer_wake_.wait_for(lock, std::chrono::milliseconds(10));
      }
      if (!health_ || s.lane->confirmed.load() < s.ticket)
        continue;  // the log replays what is not written
      lock.unlock();
      Status written = write(s.lane->state.self, std::move(s.rows), s.position);
      if (written) {
        s.lane->stored = s.position;
        s.lane->written = s.number;
      }
      lock.lock();
      if (!written && health_) health_ = std::move(written);
    }
    if (!health_) continue;
    lock.unlock();
    Status synced = doors_.store.sync();
    if (synced) {
      std::vector<Position> upto;
      const auto kept = options_.kept_after ? std::optional(options_.kept_after()) : std::nullopt;
      for (const auto& lane : lanes_) upto.push_back(kept ? std::min(*kept, lane->stored) : lane->stored);
      synced = doors_.log.release(upto);
    }
    lock.lock();
    if (!synced && health_) health_ = std::move(synced);
  }
}

Status Node::write(Partition partition, std::vector<flow::Row> rows, Position position) {
  std::vector<store::Write> writes;
  writes.reserve(rows.size());
  for (flow::Row& row : rows) {
    if (!row.value || !row.sealed_by) {
      writes.push_back({std::move(row.key), std::move(row.value)});
      continue;
    }
    const auto key = doors_.keys.key(*row.sealed_by);
    if (!key && key.error().code == Code::not_found) {
      writes.push_back({std::move(row.key), {}});  // erased: nothing of it is kept
      continue;
    }
    if (!key) return std::unexpected(key.error());
    std::string sealed;
    seal::seal(*key, row.key, *row.value, sealed);  // bound to its key: rows cannot change places
    writes.push_back({std::move(row.key), std::move(sealed)});
  }
  return doors_.store.write(partition, std::move(writes), position);
}

Status Node::checkpoint() {
  std::latch taken(static_cast<std::ptrdiff_t>(lanes_.size()));
  for (const auto& lane : lanes_) {
    ask(lane->state.self, [&, at = lane.get()](const flow::PartitionState&) {
      // The first always: so what is stored is released, also when nothing changed.
      if (at->changed || at->state.self == 0) snapshot(*at);
      taken.count_down();
    });
  }
  taken.wait();
  std::unique_lock lock(writer_mutex_);
  writer_idle_.wait(lock, [&] { return snapshots_.empty() && !writing_; });
  return health_;
}

void Node::close() {
  if (closed_.exchange(true)) return;
  if (health()) settle();
  if (const Status last = health() ? checkpoint() : Status{}; !last) failed(last);
  doors_.log.close();
  for (auto& worker : workers_) {
    {
      const std::lock_guard lock(worker->mutex);
      worker->stop = true;
      worker->wake.notify_one();
    }
    if (worker->thread.joinable()) worker->thread.join();
  }
  {
    const std::lock_guard lock(writer_mutex_);
    stop_writer_ = true;
    writer_wake_.notify_all();
  }
  if (writer_.joinable()) writer_.join();
}

}  // namespace hospes::node
