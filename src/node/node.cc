#include "node/node.h"

#include <algorithm>
#include <future>
#include <latch>

#include "base/check.h"
#include "node/lane.h"
#include "record/codec.h"

namespace hospes::node {

Node::Node(Doors doors, flow::House house, Options options, Listener& listener)
    : doors_(doors), house_(std::move(house)), options_(options), listener_(listener) {
  check(options_.workers > 0 && options_.partitions > 0, "a node has partitions and workers");
  for (unsigned i = 0; i < options_.workers; ++i) workers_.push_back(std::make_unique<Worker>());
  for (unsigned p = 0; p < options_.partitions; ++p) {
    Lane& lane = *lanes_.emplace_back(std::make_unique<Lane>());
    lane.state.self = static_cast<Partition>(p);
    lane.state.partitions = options_.partitions;
    lane.shelf = std::make_unique<Shelf>(doors_, *house_.names, lane.state.self);
    lane.state.cold = lane.shelf.get();
    lane.state.warm_bytes_max = options_.timelines_bytes_max / options_.partitions;
    worker_of(lane.state.self).lanes.push_back(&lane);
  }
}

Node::~Node() { close(); }

Node::Worker& Node::worker_of(Partition p) { return *workers_[p % workers_.size()]; }

Status Node::append(std::vector<Addressed> records, log::Done done) {
  if (waiting() >= options_.queue_records_max * workers_.size() ||
      in_flight_bytes_.load() >= static_cast<std::int64_t>(options_.queue_bytes_max)) {
    return fail(
        Code::over_limit,
        "more than queue_records_max records or queue_bytes_max bytes wait to be applied; send "
        "more "
        "slowly"
    );
  }
  std::vector<log::Entry> entries;
  entries.reserve(records.size());
  for (Addressed& a : records) {
    std::string bytes = TRY(record::encode(*a.record, *house_.names, doors_.keys));
    entries.push_back({a.partition, std::move(bytes), std::move(a.record)});
  }
  const Load load = enter(entries);
  Status accepted =
      doors_.log.append(std::move(entries), [this, load, done = std::move(done)](Status durable) {
        if (!durable) leave(load);
        done(std::move(durable));
      });
  if (!accepted) leave(load);
  return accepted;
}

Node::Load Node::enter(const std::vector<log::Entry>& entries) {
  Load load;
  for (const log::Entry& e : entries) load.bytes += static_cast<std::int64_t>(e.bytes.size());
  load.records = static_cast<std::int64_t>(entries.size());
  in_flight_ += load.records;
  in_flight_bytes_ += load.bytes;
  return load;
}

void Node::leave(Load load) {
  in_flight_bytes_ -= load.bytes;
  in_flight_ -= load.records;
}

void Node::take(std::vector<log::Durable> records) {
  std::vector<std::vector<Task>> shares(workers_.size());
  for (log::Durable& d : records) {
    const Partition p = d.partition;
    shares[p % workers_.size()].push_back({std::move(d), p, {}});
  }
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (shares[i].empty()) continue;
    Worker& worker = *workers_[i];
    const std::lock_guard lock(worker.mutex);
    std::ranges::move(shares[i], std::back_inserter(worker.tasks));
    worker.wake.notify_one();
  }
}

void Node::ask(Partition partition, Question question) {
  Worker& worker = worker_of(partition);
  const std::lock_guard lock(worker.mutex);
  check(!worker.stop, "a closed node is not asked");
  worker.tasks.push_back({{}, partition, std::move(question)});
  worker.wake.notify_one();
}

void Node::ask_all(const Question& question) {
  std::latch answered(static_cast<std::ptrdiff_t>(lanes_.size()));
  for (const auto& lane : lanes_) {
    ask(lane->state.self, [&](const flow::PartitionState& state) {
      question(state);
      answered.count_down();
    });
  }
  answered.wait();
}

void Node::settle() {
  while (in_flight_.load() > 0) {
    // Every worker passes once: what was in its queue is applied, and what it sent is counted.
    ask_all([](const flow::PartitionState&) {});
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

std::size_t Node::waiting() const {
  return static_cast<std::size_t>(std::max<std::int64_t>(0, in_flight_.load()));
}

void Node::run(Worker& worker) {
  std::vector<Task> tasks;
  for (;;) {
    {
      std::unique_lock lock(worker.mutex);
      worker.wake.wait_for(lock, options_.tick_every, [&] {
        return worker.stop || !worker.tasks.empty();
      });
      if (worker.stop && worker.tasks.empty()) return;
      tasks.swap(worker.tasks);
    }
    for (Task& task : tasks) {
      Lane& lane = *lanes_[task.partition];
      if (task.question) {
        task.question(lane.state);
      } else {
        apply_one(worker, lane, task.durable);
        leave({.records = 1, .bytes = static_cast<std::int64_t>(task.durable.bytes.size())});
      }
      task = {};  // its memory is the next one's
    }
    tasks.clear();
    tick(worker);
    checkpoint_due(worker);
  }
}

void Node::apply_one(Worker& worker, Lane& lane, const log::Durable& durable) {
  const auto decoded = std::static_pointer_cast<const record::Record>(durable.decoded);
  check(decoded != nullptr, "live records travel decoded");
  flow::Outcome& outcome = worker.outcome;
  outcome.clear();
  if (lane.state.unreadable) flow::apply(lane.state, durable.position, *decoded, house_, outcome);
  if (!lane.state.unreadable) {
    // What rests on rows that were not read back is not true: the next start replays it.
    failed(lane.state.unreadable);
    return;
  }
  lane.changed = true;
  if (std::holds_alternative<record::Tick>(decoded->body)) lane.tick_on_its_way = false;
  if (!outcome.messages.empty()) send(lane, std::exchange(outcome.messages, {}));
  if (!outcome.transitions.empty()) listener_.transitions(outcome.transitions);
  if (!outcome.fates.empty()) listener_.fates(outcome.fates);
  if (!outcome.answers.empty()) listener_.answers(outcome.answers);
  if (!outcome.effects.empty()) listener_.effects(outcome.effects);
  if (!outcome.moves.empty()) listener_.moves(outcome.moves);
  if (!outcome.stocked.empty()) listener_.stocked(outcome.stocked);
  if (!outcome.lapsed.empty()) listener_.lapsed(outcome.lapsed);
  if (outcome.ended > 0) listener_.ended(outcome.ended);
  if (!outcome.quarantined.empty()) listener_.quarantined(outcome.quarantined);
}

void Node::send(Lane& lane, std::vector<flow::Message> messages) {
  // No checkpoint passes a lost message, so the next start sends it again; a later one before it
  // would be its end. Counted as sent all the same: it is never confirmed.
  ++lane.sent;
  if (broken_) return;
  std::vector<log::Entry> entries;
  for (flow::Message& m : messages) {
    auto bytes = record::encode(m.record, *house_.names, doors_.keys);
    if (!bytes) {
      // The person was erased while the message was born: there is nothing left to say. Anything
      // else is the key store failing.
      if (bytes.error().code != Code::not_found) return failed(std::unexpected(bytes.error()));
      continue;
    }
    entries.push_back(
        {m.to, std::move(*bytes), std::make_shared<const record::Record>(std::move(m.record))}
    );
  }
  if (entries.empty()) {
    --lane.sent;
    return;
  }
  const Load load = enter(entries);
  for (;;) {
    Status accepted = doors_.log.append(entries, [this, &lane, load](Status durable) {
      if (!durable) {
        leave(load);
        return failed(std::move(durable));
      }
      ++lane.confirmed;
      writer_wake_.notify_all();
    });
    if (accepted) return;
    if (accepted.error().code != Code::over_limit) {
      leave(load);
      return failed(std::move(accepted));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1)
    );  // the log's queue is full: it drains without us
  }
}

void Node::tick(Worker& worker) {
  const Instant now = doors_.clock.now();
  for (Lane* lane : worker.lanes) {
    if (lane->tick_on_its_way || flow::next_due(lane->state) > now ||
        now - lane->ticked < options_.tick_every)
      continue;
    auto record = std::make_shared<const record::Record>(record::Record{
        .stamp = now, .origin = {}, .to = {}, .body = record::Tick{}});
    lane->ticked = now;
    lane->tick_on_its_way = true;
    // A refusal is no loss: the next record, or the next tick, fires the same timers.
    if (!append({{lane->state.self, std::move(record)}}, [](Status) {}))
      lane->tick_on_its_way = false;
  }
}

/// What was proposed last. Precondition: `defining_` is held.
record::Defined Node::proposed() {
  std::promise<record::Defined> latest;
  ask(0, [&](const flow::PartitionState& s) {
    latest.set_value(s.next_definitions ? *s.next_definitions : s.definitions);
  });
  record::Defined applied = latest.get_future().get();
  return last_proposed_.version > applied.version ? last_proposed_ : applied;
}

Status Node::define(
    std::string segments, Duration lead, log::Done done, std::optional<Beside> beside
) {
  const std::lock_guard lock(defining_);
  record::Defined before = proposed();
  if (!beside)
    beside = {std::move(before.actions), std::move(before.decisions), std::move(before.retention)};
  return propose(
      {before.version + 1, doors_.clock.now() + lead, std::move(segments),
       std::move(beside->actions), std::move(before.journeys), std::move(beside->decisions),
       std::move(beside->retention)},
      std::move(done)
  );
}

Status Node::redefine(
    const std::function<std::string(const std::string&)>& change, log::Done done,
    std::optional<Beside> beside, const std::function<std::string(const std::string&)>& journeys
) {
  const std::lock_guard lock(defining_);
  const record::Defined before = proposed();
  std::string text = change(before.segments);
  const Beside was{before.actions, before.decisions, before.retention};
  if (!beside) beside = was;
  std::string led = journeys ? journeys(before.journeys) : before.journeys;
  if (text == before.segments && *beside == was && led == before.journeys) {
    done({});
    return {};
  }
  const Instant at = std::max(doors_.clock.now(), before.active_at);
  return propose(
      {before.version + 1, at, std::move(text), std::move(beside->actions), std::move(led),
       std::move(beside->decisions), std::move(beside->retention)},
      std::move(done)
  );
}

Status Node::propose(record::Defined next, log::Done done) {
  const auto engine = house_.engine(next);
  if (!engine)
    return fail(
        Code::invalid_input,
        "these segment definitions do not compile; hospes segment check says where"
    );
  if (house_.rules && !house_.rules(next, *engine))
    return fail(
        Code::invalid_input,
        "an action of actions.toml names a segment that these definitions do not have"
    );
  if (house_.journeys && !house_.journeys(next, *engine))
    return fail(
        Code::invalid_input,
        "a journey of journeys.jny names a segment that these definitions do not have: change the "
        "journey first"
    );
  if (house_.decisions && !house_.decisions(next, *engine))
    return fail(
        Code::invalid_input,
        "something in decisions.toml names a segment that these definitions do not have"
    );
  record::Defined kept = next;
  std::vector<Addressed> records;
  const auto record = std::make_shared<const record::Record>(record::Record{
      .stamp = doors_.clock.now(), .origin = {}, .to = {}, .body = std::move(next)});
  for (unsigned p = 0; p < options_.partitions; ++p)
    records.push_back({static_cast<Partition>(p), record});
  TRY(append(std::move(records), std::move(done)));
  last_proposed_ = std::move(kept);
  return {};
}

Hash128 Node::digest() {
  settle();
  std::mutex mutex;
  unsigned __int128 sum = 0;
  ask_all([&](const flow::PartitionState& state) {
    const Hash128 h = flow::digest(state, *house_.names);
    const std::lock_guard lock(mutex);
    sum += static_cast<unsigned __int128>(h.hi) << 64 | h.lo;
  });
  return {static_cast<std::uint64_t>(sum >> 64), static_cast<std::uint64_t>(sum)};
}

void Node::failed(Status why) {
  broken_ = true;
  const std::lock_guard lock(writer_mutex_);
  if (health_) health_ = std::move(why);
}

Status Node::health() const {
  {
    const std::lock_guard lock(writer_mutex_);
    if (!health_) return health_;
  }
  return doors_.log.health();
}

}  // namespace hospes::node
