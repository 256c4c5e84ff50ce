// What a page is answered when the house is too slow for it: a partition that is busy elsewhere, a log that is slow
// to commit, too many questions. What is written is what was answered.
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>

#include "catalog/catalog.h"
#include "clock/clock.h"
#include "collect/live_sources.h"
#include "flow/binding.h"
#include "log/local_log.h"
#include "node/node.h"
#include "seal/memory_keys.h"
#include "server/engines.h"
#include "store/memory.h"
#include "touchpoint/counter.h"

namespace hospes {
namespace {

constexpr std::string_view declared = R"(
[[placement]]
name = "hero"
[[experiment]]
name = "words"
purpose = "market"
variants = { calm = 5000, loud = 5000 }
[[offer]]
name = "calm"
placements = ["hero"]
purpose = "market"
experiment = "words"
variant = "calm"
payload.en = { title = "calm" }
[[offer]]
name = "loud"
placements = ["hero"]
purpose = "market"
experiment = "words"
variant = "loud"
payload.en = { title = "loud" }
[[flag]]
name = "checkout"
purpose = "market"
values = { calm = "old", loud = "new" }
default = "calm"
rules = [{ experiment = "words" }]
)";
constexpr std::string_view hero = R"({"subject":{"userId":"ann"},"placements":[{"key":"hero"}],"deadline_ms":)";
constexpr std::string_view flag = "/ofrep/v1/evaluate/flags/checkout", flags = "/ofrep/v1/evaluate/flags";
constexpr std::string_view ann = R"({"context":{"targetingKey":"ann"}})";

class Once final : public http::Exchange {
 public:
  void send(http::Response response) override { answer.set_value(std::move(response)); }
  std::shared_ptr<http::Stream> open_stream(http::Response) override { return nullptr; }
  std::promise<http::Response> answer;
};

/// A node whose log commits when it is told to, and one person who bought.
class House final : node::Listener {
 public:
  House() {
    catalog_.decisions = catalog::read_decisions(declared, catalog_.purposes).value();
    catalog::Source shop{.name = "shop"};
    shop.keys = {{catalog::hash_key("server"), catalog::KeyUse::server_key, "server", true}};
    EXPECT_TRUE(catalog_.sources.add(shop));
    sources_.emplace(catalog_.sources);
    node::Options options;
    options.partitions = 2;
    node_ = node::Node::open({*log_, store_, keys_, clock_}, engines_.house().value(), options, *this).value();
    counter_ = std::make_unique<touchpoint::Counter>(touchpoint::Doors{keys_, catalog_, *sources_, clock_, {}});
    counter_->begin(*node_);
    std::promise<Status> defined;
    EXPECT_TRUE(node_->define(
        "segment buyers\n  purpose market\n  name en \"B\" fr \"A\"\n  sentence en \"O.\" fr \"A.\"\n  where did \"Order Completed\"\n",
        Duration(0), [&](Status s) { defined.set_value(std::move(s)); }, node::Beside{"", catalog_.decisions.text, ""}
    ));
    commit();
    EXPECT_TRUE(defined.get_future().get());
    const Identifier who{*flow::kind_id("user_id"), "ann"};
    atom_ = keys_.resolve({&who, 1}, clock_.now()).value().front();
    clock_.advance(std::chrono::seconds(1));
    auto record = std::make_shared<record::Record>();
    record->stamp = clock_.now();
    record->body = record::Arrived{
        .event = {.anchor = atom_, .owner = atom_, .message = {1, 7}, .mask = bit(*catalog_.purposes.find("market")),
                  .happened = clock_.now(), .received = clock_.now(), .grade = Grade::attested,
                  .name = names_.intern("Order Completed").value(), .source = names_.intern("shop").value(),
                  .original = clock_.now(), .sent = clock_.now(), .message_id = "1"},
        .references = {}};
    EXPECT_TRUE(node_->append({{lane(), std::move(record)}}, [](const Status&) {}));
    commit();
  }
  ~House() override {
    commit();
    counter_->close();
    node_.reset();
  }

  std::future<http::Response> ask(std::string_view path, std::string body) {
    http::Request request;
    request.method = "POST";
    request.path = path;
    request.headers.add("X-Write-Key", "server");
    body.reserve(body.size() + http::body_padding);
    request.body = std::move(body);
    const auto once = std::make_shared<Once>();
    auto answer = once->answer.get_future();
    counter_->handle(std::move(request), http::Responder(once));
    return answer;
  }
  std::future<http::Response> decide(std::string_view deadline) {
    return ask("/v1/decide", std::string(hero).append(deadline).append("}"));
  }
  /// Everything that waits becomes durable, and is applied.
  void commit() {
    while (log_->step()) {
    }
    look([](const flow::AtomState*) {});
  }
  /// Whether something waits for the log to become durable.
  bool commits() { return log_->step(); }
  /// What the partition knows of her, behind all that it was asked before.
  template <class See>
  void look(const See& see) {
    std::promise<void> seen;
    node_->ask(lane(), [&](const flow::PartitionState& state) {
      const flow::AtomState* found = nullptr;
      for (const auto& [id, component] : state.components)
        for (const flow::AtomState& atom : component->atoms)
          if (atom.atom.id == atom_.id) found = &atom;
      see(found);
      seen.set_value();
    });
    seen.get_future().get();
  }
  decide::Memory shown() {
    decide::Memory out;
    look([&](const flow::AtomState* atom) { out = atom->shown; });
    return out;
  }
  /// The partition does nothing else until the returned promise is kept.
  std::promise<void> occupy() {
    std::promise<void> free;
    node_->ask(lane(), [wait = free.get_future().share()](const flow::PartitionState&) { wait.wait(); });
    return free;
  }

 private:
  Partition lane() const { return node_->lane_of(atom_.id); }
  void transitions(const std::vector<flow::Transition>&) override {}
  void fates(const std::vector<flow::Fate>&) override {}
  void answers(const std::vector<consent::Row>&) override {}

  catalog::Catalog catalog_;
  Names names_;
  server::Engines engines_{names_, catalog_};
  store::MemoryStore store_{2};
  seal::MemoryKeys keys_;
  ManualClock clock_{Instant{1'790'000'000'000'000}};
  std::unique_ptr<log::LocalLog> log_ = log::make_memory_log(2, true);
  std::optional<collect::LiveSources> sources_;
  std::unique_ptr<node::Node> node_;
  std::unique_ptr<touchpoint::Counter> counter_;
  Atom atom_;
};

bool says(const http::Response& response, std::string_view part) {
  return response.body.find(part) != std::string::npos;
}
std::string token_in(const http::Response& response) {
  constexpr std::string_view before = R"("token":")";
  const std::size_t at = response.body.find(before);
  if (at == std::string::npos) return "";
  return response.body.substr(at + before.size(), response.body.find('"', at + before.size()) - at - before.size());
}

TEST(Deadline, a_partition_that_is_busy_answers_the_pages_own_default_and_nothing_is_written) {
  House house;
  auto free = house.occupy();
  const auto late = house.decide("1").get();
  EXPECT_EQ(late.status, 200);
  EXPECT_TRUE(says(late, R"({"placement":"hero","items":[],"reason":"FALLBACK","late":true})")) << late.body;
  EXPECT_TRUE(says(late, R"("exposed":false)")) << late.body;
  EXPECT_FALSE(says(late, "propensity") || says(late, "token")) << late.body;
  auto one = house.ask(flag, std::string(ann)), all = house.ask(flags, std::string(ann));
  const auto value = one.get(), nothing = all.get();
  EXPECT_EQ(value.status, 200);
  EXPECT_EQ(value.body, R"({"key":"checkout","value":"old","reason":"DEFAULT","variant":"calm","metadata":{"reason":"FALLBACK","late":true}})");
  EXPECT_EQ(nothing.status, 503) << "a provider goes on with what it has";
  free.set_value();
  EXPECT_TRUE(house.shown().empty());
  EXPECT_FALSE(house.commits()) << "no exposure, no assignment of an experiment";
}

TEST(Deadline, a_log_that_is_slow_answers_what_is_written_as_a_prefetch_and_it_counts_once) {
  House house;
  http::Response slow;
  for (int tries = 0; tries < 20; ++tries) {
    slow = house.decide("100").get();
    EXPECT_TRUE(says(slow, R"("exposed":false)")) << slow.body;
    if (!says(slow, "late")) break;  // else the machine was busy: it was not even decided
  }
  ASSERT_TRUE(says(slow, "\"propensity\"")) << slow.body;
  EXPECT_TRUE(house.shown().empty());
  house.commit();
  const decide::Memory first = house.shown();
  ASSERT_EQ(first.seen.size(), 1U) << "what is written is what was answered";
  EXPECT_TRUE(says(slow, R"("id":")" + first.seen[0].exposure.items.at(0) + "\"")) << slow.body;
  auto again = house.ask("/v1/exposures", R"({"tokens":[")" + token_in(slow) + "\"]}");
  house.commit();
  EXPECT_TRUE(says(again.get(), R"("accepted":1)"));
  house.commit();
  EXPECT_EQ(house.shown(), first) << "its token says the same once more";
}

TEST(Deadline, in_time_it_is_exposed) {
  House house;
  http::Response answer;
  for (int tries = 0; tries < 20; ++tries) {
    auto asked = house.decide("1000");
    while (asked.wait_for(std::chrono::seconds(0)) != std::future_status::ready) house.commit();
    answer = asked.get();
    if (!says(answer, "late")) break;
  }
  EXPECT_TRUE(says(answer, R"("exposed":true)")) << answer.body;
  EXPECT_EQ(house.shown().seen.size(), 1U);
}

TEST(Deadline, a_placement_that_is_not_there_writes_nothing_of_the_others) {
  House house;
  auto asked = house.ask("/v1/decide", R"({"subject":{"userId":"ann"},"placements":[{"key":"hero"},{"key":"hera"}],"deadline_ms":1000})");
  EXPECT_NE(asked.get().status, 201);
  house.commit();
  EXPECT_TRUE(house.shown().empty());
}

TEST(Deadline, too_many_questions_are_told_so_beside_the_pages_own_default) {
  House house;
  auto free = house.occupy();
  std::vector<std::future<http::Response>> under_way;
  // A second each: who is late before the partition is even asked is under way no more.
  for (std::size_t i = 0; i < touchpoint::Counter::under_way_max; ++i) under_way.push_back(house.decide("1000"));
  const auto crowded = house.decide("1000").get();
  EXPECT_EQ(crowded.status, 429);
  EXPECT_EQ(crowded.headers.find("Retry-After"), "1");
  EXPECT_TRUE(says(crowded, R"("code":"over_limit")") && says(crowded, R"("items":[],"reason":"FALLBACK","late":true)")) << crowded.body;
  EXPECT_TRUE(crowded.body.ends_with("}")) << crowded.body;
  const auto value = house.ask(flag, std::string(ann)).get();
  EXPECT_EQ(value.status, 429);
  EXPECT_EQ(value.headers.find("Retry-After"), "1");
  for (auto& one : under_way) EXPECT_TRUE(says(one.get(), "\"late\":true"));
  free.set_value();
  EXPECT_TRUE(house.shown().empty());
  EXPECT_FALSE(house.commits());
}

}  // namespace
}  // namespace hospes
