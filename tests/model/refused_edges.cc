// What an edge costs that names a value which is nobody's: a million different people log in, each
// with the same address, into partitions in memory. Prints nanoseconds an event, block by block: flat
// when a refusal costs the same however often it happened.
//   refused_edges [events] [named_max]
#include <chrono>
#include <deque>
#include <iostream>

#include "base/dice.h"
#include "flow/apply.h"

namespace hospes::model {
namespace {

constexpr unsigned partitions = 64;
constexpr PurposeBit link = 7;

struct House {
  Names names;
  flow::House house;
  std::vector<flow::PartitionState> states{partitions};
  std::vector<std::uint64_t> positions = std::vector<std::uint64_t>(partitions);
  std::uint64_t messages = 0, quarantined = 0;

  explicit House(std::size_t named_max) {
    house.names = &names;
    house.link = link;
    house.named_max = named_max;
    for (unsigned p = 0; p < partitions; ++p) {
      states[p].self = static_cast<Partition>(p);
      states[p].partitions = partitions;
    }
  }
  void apply(Partition to, record::Record first) {
    std::deque<flow::Message> waiting;
    waiting.push_back({to, std::move(first)});
    while (!waiting.empty()) {
      const flow::Message next = std::move(waiting.front());
      waiting.pop_front();
      flow::Outcome outcome;
      flow::apply(states[next.to], {0, ++positions[next.to]}, next.record, house, outcome);
      quarantined += outcome.quarantined.size();
      messages += outcome.messages.size();
      for (flow::Message& m : outcome.messages) waiting.push_back(std::move(m));
    }
  }
};

int run(std::uint64_t events, std::size_t named_max) {
  House house(named_max);
  Dice dice(20'261'126);
  const Atom till{{dice.next(), dice.next()}, Instant{1}, 1};
  const std::uint64_t block = std::max<std::uint64_t>(1, events / 10);
  auto began = std::chrono::steady_clock::now();
  for (std::uint64_t n = 0; n < events; ++n) {
    Event e;
    e.owner = e.anchor = {{dice.next(), dice.next()}, Instant{static_cast<std::int64_t>(n + 2)}, 0};
    e.others = {till};
    e.grade = Grade::attested;
    e.mask = bit(link);
    e.message = {1, n};
    e.happened = e.received = Instant{static_cast<std::int64_t>(n + 2)};
    const Partition p = partition_of(e.anchor.id, partitions);
    house.apply(p, {.stamp = e.received, .origin = {}, .to = {}, .body = record::Arrived{e, {}}});
    if ((n + 1) % block != 0) continue;
    const auto now = std::chrono::steady_clock::now();
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now - began).count();
    std::cout << "events " << n + 1 << ": " << ns / static_cast<std::int64_t>(block) << " ns an event\n";
    began = now;
  }
  std::size_t largest = 0;
  std::uint64_t kept = 0;
  for (const flow::PartitionState& s : house.states) {
    kept += s.totals.events;
    for (const auto& [id, c] : s.components) largest = std::max(largest, c->atoms.size());
  }
  std::cout << "kept " << kept << ", messages " << house.messages << ", largest component " << largest
            << " atoms, quarantined " << house.quarantined << "\n";
  return kept == events ? 0 : 1;
}

}  // namespace
}  // namespace hospes::model

int main(int argc, char** argv) {
  const std::uint64_t events = argc > 1 ? std::stoull(argv[1]) : 1'000'000;
  return hospes::model::run(events, argc > 2 ? std::stoull(argv[2]) : 16);
}
