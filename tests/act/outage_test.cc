// A destination that fails for an hour, beside one that works.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "activate/sender.h"
#include "catalog/catalog.h"
#include "clock/clock.h"
#include "disk/memory.h"
#include "flow/binding.h"
#include "http/server.h"
#include "log/local_log.h"
#include "node/node.h"
#include "seal/memory_keys.h"
#include "server/engines.h"
#include "store/memory.h"

namespace hospes {
namespace {

using activate::Breaker;

constexpr unsigned partitions = 8;
constexpr std::string_view buyers =
    "segment buyers\n  purpose market\n  name en \"Buyers\" fr \"Acheteurs\"\n  sentence en \"Ordered.\" fr \"A commandé.\"\n"
    "  where\n    count(\"Order Completed\") >= 1\n";

/// Answers as it is told, and counts by id what it took.
class Sink {
 public:
  Sink() : server_(std::move(*http::Server::open({}))) {
    server_->start([this](http::Request request, http::Responder responder) {
      const bool works = works_;
      {
        const std::lock_guard lock(mutex_);
        ++attempts_;
        if (works) ++taken_[std::string(request.headers.find("webhook-id"))];
      }
      responder.send({works ? 204 : 503, {}, ""});
    });
  }
  ~Sink() { server_->stop(std::chrono::seconds(1)); }
  void works(bool yes) { works_ = yes; }
  std::size_t attempts() const { return counted().first; }
  std::size_t taken() const { return counted().second.size(); }
  bool each_once() const {
    for (const auto& [id, times] : counted().second)
      if (times != 1) return false;
    return true;
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/hook"; }

 private:
  std::pair<std::size_t, std::map<std::string, int>> counted() const {
    const std::lock_guard lock(mutex_);
    return {attempts_, taken_};
  }
  std::unique_ptr<http::Server> server_;
  std::atomic<bool> works_{true};
  mutable std::mutex mutex_;
  std::size_t attempts_ = 0;
  std::map<std::string, int> taken_;
};

class House final : node::Listener {
 public:
  House(const Sink& down, const Sink& up) {
    std::string text;
    for (const auto& [name, sink] : {std::pair{"down", &down}, {"up", &up}})
      text += std::string("[[destination]]\nname = \"") + name + "\"\nurl = \"" + sink->url() + "\"\n[[action]]\nname = \"to_" + name +
              "\"\nwhen = \"enters\"\nsegment = \"buyers\"\npurpose = \"market\"\ndestination = \"" + name + "\"\n";
    catalog_.actions = catalog::read_actions(text, catalog_.purposes).value();
    log::Options log;
    log.partitions = partitions;
    log.segment_bytes = 1 << 18;
    log.free_bytes_min = 0;
    log_ = log::open_local_log(disk_, log).value();
    flow::House house = engines_.house().value();
    activate::LaneOptions lane;
    lane.look_every = std::chrono::milliseconds(1);
    lane.time = [this] { return Breaker::Time(std::chrono::microseconds(clock_.now().us)); };
    const auto folder = std::filesystem::temp_directory_path().string();
    sender_ = activate::Sender::open(
                  catalog_.actions, folder, activate::Allowed::parse(std::vector<std::string>{"127.0.0.0/8"}).value(),
                  {keys_, clock_, *diary_}, {}, lane
    ).value();
    node::Options options;
    options.partitions = partitions;
    options.tick_every = std::chrono::milliseconds(1);
    node_ = node::Node::open({*log_, store_, keys_, clock_}, std::move(house), options, *this).value();
    std::promise<Status> durable;
    EXPECT_TRUE(node_->define(
        std::string(buyers), Duration(0), [&](Status s) { durable.set_value(std::move(s)); },
        node::Beside{catalog_.actions.text, ""}
    ));
    EXPECT_TRUE(durable.get_future().get());
    node_->settle();
    sender_->begin(*node_);
  }
  ~House() override {
    sender_->close();
    node_.reset();
  }

  /// Somebody whom nobody knew buys: an effect for each destination.
  void somebody_buys() {
    const Identifier who{*flow::kind_id("user_id"), "u" + std::to_string(++people_)};
    const Instant now = clock_.now();
    const Atom atom = keys_.resolve({&who, 1}, now).value().front();
    Event event{
        .anchor = atom, .owner = atom, .message = {people_, 7}, .mask = bit(*catalog_.purposes.find("market")),
        .happened = now, .received = now, .grade = Grade::attested, .name = names_.intern("Order Completed").value(),
        .source = names_.intern("test").value(), .original = now, .sent = now, .message_id = std::to_string(people_)};
    append(record::Arrived{.event = std::move(event), .references = {}}, node_->lane_of(atom.id));
  }
  void pass(Duration time) {
    clock_.advance(time);
    for (unsigned p = 0; p < partitions; ++p) append(record::Tick{}, static_cast<Partition>(p));
    calm();
  }
  /// Until no lane can do more at this instant.
  void calm() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (int quiet = 0; quiet < 5;) {
      node_->settle();
      bool busy = false;
      for (const activate::LaneState& lane : sender_->lanes())
        busy |= lane.under_way > 0 || (lane.queued > 0 && lane.standing == "open");
      quiet = busy ? 0 : quiet + 1;
      ASSERT_LT(std::chrono::steady_clock::now(), end) << "the lanes do not come to rest";
      std::this_thread::yield();
    }
  }
  activate::LaneState lane(std::string_view name) const {
    for (const activate::LaneState& lane : sender_->lanes())
      if (lane.name == name) return lane;
    return {};
  }
  std::map<outbox::State, std::size_t> states(std::string_view destination) {
    std::mutex mutex;
    std::map<outbox::State, std::size_t> out;
    node_->ask_all([&](const flow::PartitionState& s) {
      const std::lock_guard lock(mutex);
      for (const auto& [id, component] : s.components)
        for (const flow::AtomState& atom : component->atoms)
          for (const outbox::Effect& e : atom.effects)
            if (e.destination == destination) ++out[e.state];
    });
    return out;
  }

 private:
  void append(record::Body body, Partition lane) {
    auto record = std::make_shared<record::Record>(
        record::Record{.stamp = clock_.now(), .origin = {}, .to = {}, .body = std::move(body)});
    std::promise<Status> durable;
    ASSERT_TRUE(node_->append({{lane, record}}, [&](Status s) { durable.set_value(std::move(s)); }));
    ASSERT_TRUE(durable.get_future().get());
  }
  void transitions(const std::vector<flow::Transition>&) override {}
  void fates(const std::vector<flow::Fate>& fates) override { sender_->fates(fates); }
  void effects(const std::vector<flow::Effected>& effects) override { sender_->effects(effects); }
  void answers(const std::vector<consent::Row>& rows) override { sender_->answers(rows); }

  catalog::Catalog catalog_;
  Names names_;
  server::Engines engines_{names_, catalog_};
  disk::MemoryDisk disk_;
  store::MemoryStore store_{partitions};
  seal::MemoryKeys keys_;
  ManualClock clock_{Instant{1'790'000'000'000'000}};
  std::unique_ptr<diary::Diary> diary_ = diary::open_diary({.level = diary::Level::error});
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<activate::Sender> sender_;
  std::unique_ptr<node::Node> node_;
  std::uint64_t people_ = 0;
};

TEST(Outage, a_destination_that_fails_for_an_hour_loses_nothing_and_delays_nobody_else) {
  Sink down, up;
  House house(down, up);
  constexpr std::size_t crowd = 200, minutes = 60;
  down.works(false);
  for (std::size_t i = 0; i < crowd; ++i) house.somebody_buys();
  house.calm();
  EXPECT_EQ(up.taken(), crowd);
  EXPECT_EQ(house.lane("down").standing, "broken");
  const std::size_t first = down.attempts();
  EXPECT_LT(first, 40U) << "a queue of " << crowd << " is no reason to knock so often";
  std::size_t opened = 0, before = first;
  for (std::size_t minute = 1; minute <= minutes; ++minute) {
    house.pass(std::chrono::minutes(1));
    house.somebody_buys();
    house.calm();
    ASSERT_EQ(up.taken(), crowd + minute) << "told in its own minute, whatever the other does";
    const std::size_t now = down.attempts();
    EXPECT_LE(now - before, 2U) << "half open, one attempt decides";
    opened += now > before ? 1 : 0;
    before = now;
  }
  EXPECT_GE(opened, minutes / 6) << "and it is tried at least every five minutes";
  EXPECT_LE(before - first, minutes);
  EXPECT_EQ(down.taken(), 0U);
  auto states = house.states("down");
  EXPECT_EQ(states[outbox::State::ready] + states[outbox::State::planned], crowd + minutes) << "held, every one";

  down.works(true);
  for (int minute = 0; minute < 6; ++minute) house.pass(std::chrono::minutes(1));
  EXPECT_EQ(house.lane("down").standing, "open");
  EXPECT_GT(down.taken(), (crowd + minutes) * 9 / 10) << "one good answer, and all that waited for it go";
  for (int more = 0; more < 6; ++more) house.pass(std::chrono::hours(1));  // what was tried has a later hour of its own
  EXPECT_EQ(down.taken(), crowd + minutes);
  EXPECT_TRUE(down.each_once() && up.each_once());
  states = house.states("down");
  EXPECT_EQ(states[outbox::State::done], crowd + minutes);
  EXPECT_EQ(states.size(), 1U) << "nothing failed, nothing is uncertain";
}

}  // namespace
}  // namespace hospes
