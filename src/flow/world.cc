#include "flow/world.h"

#include <algorithm>

#include "base/check.h"
#include "flow/binding.h"
#include "flow/cold.h"
#include "flow/evidence.h"
#include "flow/retention.h"

namespace hospes::flow {
namespace {

std::shared_ptr<const segment::Engine> compile(const record::Defined& defined, Names& names) {
  segment::Binding binding;
  binding.names = &names;
  binding.purpose = [](std::string_view) { return std::optional<PurposeBit>(test_purpose); };
  binding.kind = kind_id;
  auto engine = compiled(defined.segments, binding);
  check(engine != nullptr, "test segments compile");
  return engine;
}

}  // namespace

World::World(unsigned partitions, std::uint64_t seed, std::string segments)
    : dice_(seed),
      rests_(seed),
      states_(partitions),
      lanes_(partitions),
      next_(partitions),
      rows_(partitions) {
  house_.names = &names;
  house_.link = test_link;
  segments_ = segments;
  house_.keeping = [this](const record::Defined& d) -> std::shared_ptr<const Keeping> {
    auto said = catalog::read_retention(d.retention, catalog::Purposes::fr_eu());
    check(said.has_value(), "test schedules read");
    if (said->empty()) return nullptr;
    return std::make_shared<const Keeping>(std::move(*said), names);
  };
  house_.engine = [this](const record::Defined& d) { return compile(d, names); };
  for (unsigned p = 0; p < partitions; ++p) {
    states_[p].self = static_cast<Partition>(p);
    states_[p].partitions = partitions;
    lanes_[p].push_back(
        {.stamp = Instant{1},
         .origin = {},
         .to = {},
         .body = record::Defined{1, Instant{1}, segments}}
    );
  }
}

void World::event(const Event& event) {
  const Partition p = partition_of(event.anchor.id, static_cast<unsigned>(lanes_.size()));
  lanes_[p].push_back(
      {.stamp = event.received, .origin = {}, .to = {}, .body = record::Arrived{event, {}}}
  );
}

void World::answer(
    const Atom& atom, PurposeBit purpose, consent::Answer state, Instant stamp,
    std::uint64_t message
) {
  const Partition p = partition_of(atom.id, static_cast<unsigned>(lanes_.size()));
  record::Answered a{
      .atom = atom, .purpose = purpose, .state = static_cast<std::uint8_t>(state), .since = stamp};
  a.message = {message, 77};
  lanes_[p].push_back({.stamp = stamp, .origin = {}, .to = {}, .body = std::move(a)});
}

void World::rule(
    const Atom& a, const Atom& b, record::Ruled::Word word, Instant stamp, std::uint64_t message
) {
  record::Ruled r{.a = a, .b = b, .word = word};
  if (r.b.id < r.a.id) std::swap(r.a, r.b);
  r.message = {message, 78};
  lanes_[partition_of(r.a.id, static_cast<unsigned>(lanes_.size()))].push_back(
      {.stamp = stamp, .origin = {}, .to = {}, .body = r}
  );
}

void World::keep(const std::string& retention, Instant stamp) {
  const record::Defined next{
      .version = ++version_, .active_at = stamp, .segments = segments_, .actions = {}, .journeys = {}, .decisions = {},
      .retention = retention};
  for (auto& lane : lanes_) lane.push_back({.stamp = stamp, .origin = {}, .to = {}, .body = next});
}

void World::forget(const Atom& atom, Instant stamp, std::uint64_t message, bool if_lapsed) {
  record::Forgotten f{.atom = atom, .edges = {}};
  f.if_lapsed = if_lapsed;
  f.message = {message, 79};
  for (const PartitionState& s : states_) {
    for (const auto& [id, c] : s.components) {
      if (std::ranges::any_of(c->atoms, [&](const AtomState& a) { return a.atom.id == atom.id; }))
        f.edges = edges_to_keep(*c, atom.id, test_link, stamp);
    }
  }
  lanes_[partition_of(atom.id, static_cast<unsigned>(lanes_.size()))].push_back(
      {.stamp = stamp, .origin = {}, .to = {}, .body = std::move(f)}
  );
}

void World::request(
    const Atom& atom, const rights::Request& request, Instant stamp, std::uint64_t message
) {
  record::Requested r{.atom = atom, .message = {message, atom.id.lo}, .content = rights::form_of(request)};
  lanes_[partition_of(atom.id, static_cast<unsigned>(lanes_.size()))].push_back(
      {.stamp = stamp, .origin = {}, .to = {}, .body = std::move(r)}
  );
}

std::size_t World::largest() const {
  std::size_t most = 0;
  for (const PartitionState& s : states_)
    for (const auto& [id, c] : s.components) most = std::max(most, c->atoms.size());
  return most;
}

void World::tick(Instant stamp) {
  for (auto& lane : lanes_)
    lane.push_back({.stamp = stamp, .origin = {}, .to = {}, .body = record::Tick{}});
}

void World::step(Partition p, bool deliver_twice) {
  const record::Record record = lanes_[p][next_[p]++];
  Outcome outcome;
  apply(states_[p], {0, next_[p]}, record, house_, outcome);
  messages_ += outcome.messages.size();
  quarantined_ += outcome.quarantined.size();
  lapsed_.insert(lapsed_.end(), outcome.lapsed.begin(), outcome.lapsed.end());
  transitions_.insert(transitions_.end(), outcome.transitions.begin(), outcome.transitions.end());
  for (Message& m : outcome.messages) {
    if (deliver_twice) lanes_[m.to].push_back(m.record);
    lanes_[m.to].push_back(std::move(m.record));
  }
}

void World::checkpoint(PartitionState& state) {
  auto& rows = rows_[state.self];
  for (Row& row : take_rows(state, names)) {
    if (row.value) {
      rows[row.key] = std::move(*row.value);
    } else {
      rows.erase(row.key);
    }
  }
  confirm(state, state.taken);
}

void World::lend(PartitionState& state) {
  if (!colds_.empty()) state.cold = colds_[state.self].get();
}

void World::forget_timelines() {
  for (PartitionState& state : states_)
    colds_.push_back(std::make_unique<Shelf>(rows_[state.self], names));
  for (PartitionState& state : states_) lend(state);
}

PartitionState World::loaded(const PartitionState& state) {
  PartitionState fresh;
  fresh.self = state.self;
  fresh.partitions = state.partitions;
  lend(fresh);
  for (const auto& cold : colds_) cold->reads = 0;
  Loader loader(fresh, house_);
  for (const auto& [key, value] : rows_[state.self])
    check(loader.row(key, value).has_value(), "a row reads back");
  check(loader.finish().has_value(), "a partition loads");
  fresh.applied = state.applied;
  return fresh;
}

void World::restart(PartitionState& state) {
  checkpoint(state);
  PartitionState fresh = loaded(state);
  check(flow::digest(fresh, names) == flow::digest(state, names), "a restart changes nothing");
  check(fresh.stages == state.stages, "a restart counts nobody twice");
  check(next_due(fresh) >= next_due(state), "no timer is invented");
  state = std::move(fresh);
}

std::uint64_t World::start_anew(std::string basis) {
  house_.basis = std::move(basis);
  std::uint64_t reads = 0;
  for (PartitionState& state : states_) {
    checkpoint(state);
    PartitionState fresh = loaded(state);
    for (const auto& cold : colds_) reads += std::exchange(cold->reads, 0);
    state = std::move(fresh);
  }
  return reads;
}

void World::run(bool deliver_twice, bool restart_each) {
  for (;;) {
    std::vector<Partition> ready;
    for (std::size_t p = 0; p < lanes_.size(); ++p) {
      if (next_[p] < lanes_[p].size()) ready.push_back(static_cast<Partition>(p));
    }
    if (ready.empty()) return;
    const Partition p = ready[dice_.below(ready.size())];
    step(p, deliver_twice);
    check(states_[p].unreadable.has_value(), "cold rows read back");
    if (!colds_.empty() && rests_.below(3) == 0) checkpoint(states_[p]);
    if (restart_each) restart(states_[p]);
  }
}

Hash128 World::digest() const {
  unsigned __int128 sum = 0;
  for (const PartitionState& s : states_) {
    const Hash128 h = flow::digest(s, names);
    sum += static_cast<unsigned __int128>(h.hi) << 64 | h.lo;
  }
  return {static_cast<std::uint64_t>(sum >> 64), static_cast<std::uint64_t>(sum)};
}

std::vector<std::string> World::people() const {
  std::vector<std::string> out;
  for (const PartitionState& s : states_) {
    for (const auto& [atom, c] : s.components) {
      for (const PersonState& p : c->people) {
        std::vector<std::string> atoms;
        for (const std::uint16_t i : p.atoms) {
          atoms.push_back(
              to_hex(c->atoms[i].atom.id).substr(0, 8) + "=" +
              std::to_string(timeline_of(s, *c, c->atoms[i]).size())
          );
        }
        std::ranges::sort(atoms);
        std::string line;
        for (const std::string& a : atoms) line += a + " ";
        for (const segment::Member& m : p.page.members()) line += "#" + std::to_string(m.segment);
        out.push_back(line);
      }
    }
  }
  std::ranges::sort(out);
  return out;
}

std::map<std::string, std::uint64_t> World::counts() const {
  std::map<std::string, std::uint64_t> out;
  for (const PartitionState& s : states_) {
    for (std::size_t i = 0; i < s.members.size(); ++i) {
      out[s.engine->definitions().at(static_cast<segment::SegmentIndex>(i)).definition.id] +=
          s.members[i].cardinality();
    }
  }
  return out;
}

Stages World::stages() const {
  Stages out;
  for (const PartitionState& s : states_)
    for (const auto& [id, sums] : s.stages) {
      StageSums& all = out.try_emplace(id, StageSums{sums.stages, sums.since, {}}).first->second;
      for (const auto& [way, passages] : sums.ways) all.ways[way].add(passages);
    }
  return out;
}

std::uint64_t World::events() const {
  std::uint64_t sum = 0;
  for (const PartitionState& s : states_) sum += s.totals.events;
  return sum;
}

}  // namespace hospes::flow
