#include "server/simulate.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/check.h"
#include "catalog/house_folder.h"
#include "catalog/kinds.h"
#include "disk/posix.h"
#include "journey/text.h"
#include "log/local_log.h"
#include "record/codec.h"
#include "seal/key_file.h"
#include "server/engines.h"
#include "server/folder_lock.h"

namespace hospes::server {
namespace {

/// Between two records of the log there is room for what only the simulation says.
constexpr std::uint64_t stride = 1'000'000;

/// A message on its way: which record of which partition bore it.
struct Born {
  Partition partition = 0;
  Position position;
  std::uint32_t index = 0;
  auto operator<=>(const Born&) const = default;
};

class Simulation {
 public:
  Simulation(
      const catalog::Catalog& catalog, seal::KeyStore& keys, unsigned partitions, std::string journeys,
      const HearMove& hear
  )
      : catalog_(catalog), keys_(keys), journeys_(std::move(journeys)), hear_(hear), states_(partitions),
        next_(partitions) {
    auto house = engines_.house();
    check(house.has_value(), "a house that was read has the purpose that joins devices");
    house_ = std::move(*house);
    for (unsigned p = 0; p < partitions; ++p) {
      states_[p].self = static_cast<Partition>(p);
      states_[p].partitions = partitions;
    }
  }

  /// First over the whole log: what was claimed then ends now as it did then.
  Status note(const log::Durable& durable) {
    const auto record = TRY(record::decode(durable.bytes, names_, keys_));
    if (const auto* claimed = std::get_if<record::Claimed>(&record.body)) claimed_.insert(claimed->effect);
    return {};
  }

  Status take(const log::Durable& durable) {
    flow::PartitionState& state = states_[durable.partition];
    record::Record record = TRY(record::decode(durable.bytes, names_, keys_));
    if (done_.records == 0) done_.from = record.stamp;
    if (state.applied == Position{} && !std::holds_alternative<record::Defined>(record.body))
      return fail(
          Code::unavailable,
          "the log no longer reaches back to the house's beginning: what it held is in checkpoints now"
      );
    ++done_.records;
    done_.to = std::max(done_.to, record.stamp);
    if (auto* defined = std::get_if<record::Defined>(&record.body)) defined->journeys = journeys_;
    if (auto* bundle = std::get_if<record::Bundle>(&record.body); bundle != nullptr && record.origin)
      replace(*bundle, {record.origin->partition, record.origin->position, record.origin->index});
    let_pass(state, record.stamp);
    next_[durable.partition] = {durable.position.epoch, durable.position.offset * stride};
    apply(state, record, durable.position);
    settle(state);
    return {};
  }

  Simulated finish() {
    for (flow::PartitionState& state : states_)
      if (state.applied != Position{}) let_pass(state, done_.to);
    return done_;
  }

 private:
  /// Timers up to then, each at its own instant, as the ticks of a house that runs.
  void let_pass(flow::PartitionState& state, Instant until) {
    while (state.applied != Position{}) {
      const Instant due = flow::next_due(state);
      if (due >= until) return;
      apply(state, {.stamp = due, .origin = {}, .to = {}, .body = record::Tick{}}, {});
      settle(state);
    }
  }

  void apply(flow::PartitionState& state, const record::Record& record, Position original) {
    Position& at = next_[state.self];
    ++at.offset;
    flow::apply(state, at, record, house_, outcome_);
    for (flow::Message& message : outcome_.messages)
      if (auto* bundle = std::get_if<record::Bundle>(&message.record.body))
        bundles_[{state.self, original, message.record.origin->index}] = std::move(*bundle);
    for (const flow::Moved& move : outcome_.moves) hear_(move, who(move.anchor.id));
    std::ranges::move(outcome_.effects, std::back_inserter(open_));
    outcome_.clear();
  }

  /// The twin of a destination: what is ready, and was not claimed by the house that lived, arrives.
  void settle(flow::PartitionState& state) {
    while (!open_.empty()) {
      const flow::Effected e = std::move(open_.front());
      open_.pop_front();
      if (claimed_.contains(e.effect.key)) continue;
      record::Record record{.stamp = state.clock, .origin = {}, .to = e.component, .body = record::Tick{}};
      if (e.effect.state == outbox::State::ready) {
        record.body = record::Claimed{e.anchor, e.effect.key, e.effect.attempts + 1};
      } else if (e.effect.state == outbox::State::claimed) {
        record.body = record::Performed{
            .anchor = e.anchor, .effect = e.effect.key, .attempt = e.effect.attempts, .source = {}, .read = {}};
      } else {
        continue;
      }
      apply(state, record, {});
    }
  }

  /// What lies under an atom travels as it is here, not as it was in the house that lived.
  void replace(record::Bundle& bundle, const Born& born) {
    const auto here = bundles_.find(born);
    if (here == bundles_.end()) return;
    bundle = std::move(here->second);
    bundles_.erase(here);
  }

  std::string who(AtomId atom) const {
    const auto identifier = keys_.reveal(atom);
    const catalog::Kind* kind = identifier ? catalog::find_kind(identifier->kind) : nullptr;
    return kind == nullptr ? to_hex(atom) : std::string(kind->name).append(":").append(identifier->value);
  }

  const catalog::Catalog& catalog_;
  seal::KeyStore& keys_;
  const std::string journeys_;
  const HearMove& hear_;
  Names names_;
  Engines engines_{names_, catalog_};
  flow::House house_;
  std::vector<flow::PartitionState> states_;
  std::vector<Position> next_;
  std::set<Hash128> claimed_;
  std::map<Born, record::Bundle> bundles_;  // not arrived yet
  std::deque<flow::Effected> open_;
  flow::Outcome outcome_;
  Simulated done_;
};

}  // namespace

Result<Simulated> simulate(
    const config::Settings& settings, const std::string& journeys, const HearMove& hear
) {
  const auto read = journey::parse(journeys);
  if (!read) return fail(Code::invalid_input, journey::to_string(read.error(), "journeys"));
  const auto catalog = TRY(catalog::read_house_folder(settings.house_folder));
  const auto data_lock = TRY(FolderLock::take(settings.data_folder));
  const auto keys_lock = TRY(FolderLock::take(settings.keys_folder));
  const auto data = TRY(disk::open_posix_disk(settings.data_folder));
  const auto keys_disk = TRY(disk::open_posix_disk(settings.keys_folder));
  const auto keys = TRY(seal::open_key_file(*keys_disk, {}));
  log::Options options;
  options.partitions = static_cast<unsigned>(settings.store_partitions);
  const auto log = TRY(log::open_local_log(*data, options));
  Simulation simulation(catalog, *keys, options.partitions, journey::succession({}, *read), hear);
  const std::vector<Position> beginning(options.partitions);
  TRY(log->replay(beginning, [&](const log::Durable& d) { return simulation.note(d); }));
  TRY(log->replay(beginning, [&](const log::Durable& d) { return simulation.take(d); }));
  Simulated done = simulation.finish();
  log->close();
  return done;
}

}  // namespace hospes::server
