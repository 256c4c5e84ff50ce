// The crash protocol of a whole node on twins: log over a disk that tears and loses, store that
// forgets, keys in memory.
#include "node/node.h"

#include <gtest/gtest.h>

#include <future>

#include "base/dice.h"
#include "disk/memory.h"
#include "log/local_log.h"
#include "seal/memory_keys.h"
#include "segment/text.h"
#include "store/memory.h"

namespace hospes::node {
namespace {

constexpr PurposeBit purpose = 3;
constexpr PurposeBit link = 7;
constexpr unsigned partitions = 8;
const std::string segments = R"(
segment buyers
  purpose market
  name en "Buyers" fr "Acheteurs"
  sentence en "Bought." fr "A acheté."
  where
    count("Order Completed") >= 2
)";

struct Silent : Listener {
  void transitions(const std::vector<flow::Transition>& t) override { passages += t.size(); }
  void fates(const std::vector<flow::Fate>&) override {}
  void answers(const std::vector<consent::Row>& rows) override { answered += rows.size(); }
  std::atomic<std::size_t> passages{0}, answered{0};
};

/// Everything that outlives a crash, and the node that does not.
struct House {
  disk::MemoryDisk disk;
  store::MemoryStore store{partitions};
  seal::MemoryKeys keys;
  ManualClock clock{Instant{1'000'000'000'000}};
  Names names;
  Silent listener;
  std::unique_ptr<log::LocalLog> log;
  std::unique_ptr<Node> node;

  flow::House house() {
    flow::House h;
    h.names = &names;
    h.link = link;
    h.engine = [this](const record::Defined& d) -> std::shared_ptr<const segment::Engine> {
      auto parsed = segment::parse(d.segments);
      if (!parsed) return nullptr;
      segment::Binding binding{
          &names, [](std::string_view) { return std::optional<PurposeBit>(purpose); },
          [](std::string_view) { return std::optional<KindId>(0); }};
      auto bound = segment::bind(std::move(*parsed), binding);
      if (!bound) return nullptr;
      return std::make_shared<const segment::Engine>(*bound);
    };
    return h;
  }

  std::size_t timelines_bytes_max = std::size_t{64} << 20;

  void start() {
    log::Options options;
    options.partitions = partitions;
    options.segment_bytes = 1 << 16;
    options.free_bytes_min = 0;
    auto opened = log::open_local_log(disk, options);
    ASSERT_TRUE(opened) << opened.error().message;
    log = std::move(*opened);
    Options o{
        .partitions = partitions,
        .workers = 2,
        .checkpoint_every = Duration(0),
        .timelines_bytes_max = timelines_bytes_max};
    auto made = Node::open({*log, store, keys, clock}, house(), o, listener);
    ASSERT_TRUE(made) << made.error().message;
    node = std::move(*made);
  }
  /// kill -9 and the power with it.
  void crash(Dice& dice) {
    disk.fail_at(1, disk::MemoryDisk::Fault::power_cut);
    node.reset();
    log.reset();
    disk.crash(dice);
    store.crash(dice);
  }

  Atom atom(KindId kind, std::uint64_t n) {
    const Identifier id{kind, std::to_string(n)};
    return keys.resolve({&id, 1}, Instant{1'000'000}).value().front();
  }
  std::shared_ptr<const record::Record> order(std::uint64_t n, Dice& dice) {
    Event e;
    e.anchor = atom(7, dice.below(20));
    e.owner = e.anchor;
    if (dice.chance(40)) {
      e.owner = atom(0, dice.below(12));
      e.others = {e.anchor};
    }
    e.grade = Grade::attested;
    e.message = {9, n};
    e.mask = bit(purpose) | bit(link);
    e.received = e.happened = Instant{1'000'000'000'000 + static_cast<std::int64_t>(n) * 1'000'000};
    e.name = names.intern("Order Completed").value();
    return std::make_shared<const record::Record>(record::Record{
        .stamp = e.received, .origin = {}, .to = {}, .body = record::Arrived{e, {}}});
  }
  /// Sends and waits for the answer.
  bool send(const std::shared_ptr<const record::Record>& record) {
    std::promise<bool> durable;
    const Partition lane = node->lane_of(std::get<record::Arrived>(record->body).event.anchor.id);
    const Status accepted =
        node->append({{lane, record}}, [&](Status s) { durable.set_value(s.has_value()); });
    return accepted && durable.get_future().get();
  }
  std::pair<std::uint64_t, std::uint64_t> events_and_buyers() {
    node->settle();
    std::atomic<std::uint64_t> events = 0, buyers = 0;
    node->ask_all([&](const flow::PartitionState& s) {
      events += s.totals.events;
      if (!s.members.empty()) buyers += s.members[0].cardinality();
    });
    return {events, buyers};
  }
};

std::vector<std::shared_ptr<const record::Record>> orders(
    House& house, std::uint64_t seed, std::size_t count
) {
  Dice dice(seed);
  std::vector<std::shared_ptr<const record::Record>> out;
  for (std::size_t n = 0; n < count; ++n) out.push_back(house.order(n, dice));
  return out;
}

void define(House& house) {
  std::promise<bool> durable;
  ASSERT_TRUE(house.node->define(segments, Duration(0), [&](Status s) {
    durable.set_value(s.has_value());
  }));
  ASSERT_TRUE(durable.get_future().get());
}

TEST(Node, AStopAndAStartChangeNothing) {
  House house;
  house.timelines_bytes_max = 2'000;
  house.start();
  define(house);
  for (const auto& r : orders(house, 5, 300)) ASSERT_TRUE(house.send(r));
  const Hash128 before = house.node->digest();
  const auto counts = house.events_and_buyers();
  EXPECT_EQ(counts.first, 300U);
  EXPECT_GT(counts.second, 0U);
  for (int i = 0; i < 3; ++i) {
    house.node->close();
    house.node.reset();
    house.log.reset();
    house.start();
    EXPECT_EQ(house.node->digest(), before);
    EXPECT_EQ(house.events_and_buyers(), counts);
  }
}

class Crashes : public testing::TestWithParam<std::size_t> {};
// Timelines all in memory, and none for longer than until its checkpoint.
INSTANTIATE_TEST_SUITE_P(Node, Crashes, testing::Values(std::size_t{64} << 20, 0));

TEST_P(Crashes, WhatWasAcknowledgedIsAppliedExactlyOnce) {
  const std::uint64_t seed = seed_of_run(20'261'124);
  House calm;
  calm.start();
  define(calm);
  const auto script = orders(calm, seed, 240);
  for (const auto& r : script) ASSERT_TRUE(calm.send(r));
  const auto expected = calm.events_and_buyers();

  for (std::uint64_t run = 0; run < 24; ++run) {
    Dice dice(seed + run);
    House house;
    house.timelines_bytes_max = GetParam();
    house.start();
    define(house);
    const auto same = orders(house, seed, 240);
    std::size_t acknowledged = 0;
    for (std::size_t i = 0; i < same.size();) {
      if (dice.chance(4)) house.disk.fail_at(1 + dice.below(6), disk::MemoryDisk::Fault::power_cut);
      if (house.send(same[i])) {
        acknowledged = ++i;
        continue;
      }
      house.crash(dice);
      house.start();
      // Some of the unacknowledged may be there; all of the acknowledged must.
      const auto [events, buyers] = house.events_and_buyers();
      EXPECT_GE(events, acknowledged) << "seed " << seed + run;
      EXPECT_LE(events, acknowledged + 1) << "seed " << seed + run;
    }
    house.crash(dice);  // with what is still on its way
    house.start();
    for (const auto& r : same) ASSERT_TRUE(house.send(r));  // every one again: none counts twice
    EXPECT_EQ(house.events_and_buyers(), expected) << "seed " << seed + run;
  }
}

}  // namespace
}  // namespace hospes::node
