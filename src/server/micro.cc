#include "server/micro.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <future>
#include <mutex>
#include <shared_mutex>

#include "base/json_text.h"
#include "clock/clock.h"
#include "collect/door.h"
#include "consent/permissions.h"
#include "disk/memory.h"
#include "http/inflate.h"
#include "log/local_log.h"
#include "node/node.h"
#include "seal/memory_keys.h"
#include "server/engines.h"
#include "store/memory.h"

namespace hospes::server {
namespace {

constexpr unsigned partitions = 4;

/// What the door said of the items of the request that is being answered on this thread: arrivals
/// are told right before the answer (collect/door.cc, done).
thread_local std::vector<collect::Arrival> heard;  // NOLINT: one request a thread at a time

class Told final : public http::Exchange {
 public:
  Told(http::Responder inner, std::function<void(const http::Response&)> before)
      : inner_(std::move(inner)), before_(std::move(before)) {}
  void send(http::Response response) override {
    before_(response);
    inner_.send(std::move(response));
  }
  std::shared_ptr<http::Stream> open_stream(http::Response head) override {
    return inner_.stream(std::move(head));
  }

 private:
  http::Responder inner_;
  std::function<void(const http::Response&)> before_;
};

/// The items of a body, in the order in which the door tells of them: answers, then events.
std::vector<std::string> items_of(const std::string& path, const std::string& body) {
  std::string text = body;
  if (http::looks_gzipped(text)) text = http::gunzip(text, {}).value_or("");
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::vector<std::string> answers, events;
  if (parser.parse(simdjson::padded_string(text)).get(root) != simdjson::SUCCESS) return {};
  simdjson::dom::array batch;
  if (root["batch"].get(batch) != simdjson::SUCCESS) return {simdjson::minify(root)};
  for (const auto item : batch) {
    std::string_view type;
    const bool answer = path != "/v1/consent" && item["type"].get(type) == simdjson::SUCCESS &&
                        type == "consent";
    (answer ? answers : events).push_back(simdjson::minify(item));
  }
  std::ranges::move(events, std::back_inserter(answers));
  return answers;
}

/// One house, from its start to the next reset.
class House final : private node::Listener, private collect::Sink, private collect::Arrivals {
 public:
  explicit House(const catalog::Catalog& catalog) : catalog_(catalog), store_(partitions) {}
  ~House() override {
    if (door_) door_->close();
    door_.reset();
    node_.reset();
  }

  Status open(const std::string& segments) {
    log::Options log;
    log.partitions = partitions;
    log.segment_bytes = 1 << 20;
    log.free_bytes_min = 0;
    log_ = TRY(log::open_local_log(disk_, log));
    flow::House house = TRY(engines_.house());
    node::Options options;
    options.partitions = partitions;
    options.workers = 1;
    options.checkpoint_every = std::chrono::hours(1'000'000);  // nothing is kept
    node_ = TRY(node::Node::open({*log_, store_, keys_, clock_}, std::move(house), options, *this));
    door_ = std::make_unique<collect::Door>(
        collect::DoorOptions{},
        collect::Doors{catalog_, sources_, names_, keys_, permissions_, *this, clock_, *this, shapes_}
    );
    if (segments.empty()) return {};
    std::promise<Status> durable;
    TRY(node_->define(segments, Duration(0), [&](Status s) { durable.set_value(std::move(s)); }));
    TRY(durable.get_future().get());
    node_->settle();
    return {};
  }

  void take(http::Request request, http::Responder responder) {
    {
      const std::lock_guard lock(mutex_);
      if (good_.size() + bad_.size() >= micro_events_max || bytes_ >= micro_bytes_max)
        return responder.send(http::from_error(
            {Code::over_limit, "micro holds all it can; begin again with POST /micro/reset"}
        ));
    }
    const bool collects = collect::Door::serves(request.path) && request.method == "POST";
    if (!collects) return door_->handle(std::move(request), std::move(responder));
    auto kept = std::make_shared<std::pair<std::string, std::string>>(request.path, request.body);
    door_->handle(
        std::move(request),
        http::Responder(std::make_shared<Told>(
            std::move(responder),
            [this, kept](const http::Response& response) {
              became(items_of(kept->first, kept->second), response);
            }
        ))
    );
  }

  std::string all() {
    const std::lock_guard lock(mutex_);
    return fmt::format(
        R"({{"total":{},"good":{},"bad":{}}})", good_.size() + bad_.size(), good_.size(), bad_.size()
    );
  }
  std::string good() { return listed(good_); }
  std::string bad() { return listed(bad_); }

  std::string segments() {
    node_->settle();
    struct Row {
      std::string id, name;
      std::vector<std::string> people;
    };
    std::mutex mutex;
    std::vector<Row> rows;
    node_->ask_all([&](const flow::PartitionState& s) {
      if (!s.engine) return;
      const std::lock_guard lock(mutex);
      const auto& all = s.engine->definitions();
      rows.resize(all.size());
      for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& one = all.at(static_cast<segment::SegmentIndex>(i)).definition;
        rows[i].id = one.id, rows[i].name = one.name_en;
        for (const std::uint32_t dense : s.members[i])
          rows[i].people.push_back(strongest_of(s, dense, keys_).value_or(""));
      }
    });
    std::string out;
    for (Row& row : rows) {
      std::ranges::sort(row.people);
      std::string people;
      for (const auto& one : row.people) people += (people.empty() ? "" : ",") + json_text(one);
      out += fmt::format(
          R"({}{{"id":{},"name":{},"members":{},"people":[{}]}})", out.empty() ? "" : ",",
          json_text(row.id), json_text(row.name), row.people.size(), people
      );
    }
    return "[" + out + "]";
  }

 private:
  void became(const std::vector<std::string>& items, const http::Response& response) {
    const auto arrivals = std::exchange(heard, {});
    const std::lock_guard lock(mutex_);
    if (response.status != 200 || arrivals.size() != items.size()) {
      std::string all;
      for (const auto& item : items) all += (all.empty() ? "" : ",") + item;
      std::string why = response.body;
      while (why.ends_with('\n')) why.pop_back();
      return put(
          bad_, fmt::format(
                    R"({{"request":[{}],"verdict":"refused","status":{},"why":{}}})", all,
                    response.status, json_text(why)
                )
      );
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
      const collect::Arrival& a = arrivals[i];
      if (a.verdict == collect::Verdict::accepted) {
        put(good_, R"({"event":)" + items[i] + R"(,"verdict":"accepted"})");
        continue;
      }
      const bool withheld = a.verdict == collect::Verdict::withheld;
      put(bad_, fmt::format(
                    R"({{"event":{},"verdict":"{}",{}"why":{}}})", items[i],
                    withheld ? "withheld" : "rejected",
                    withheld ? "" : R"("rule":)" + json_text(a.rule) + ",", json_text(a.detail)
                ));
    }
  }
  void put(std::vector<std::string>& into, std::string json) {
    bytes_ += json.size();
    into.push_back(std::move(json));
  }
  std::string listed(const std::vector<std::string>& list) {
    const std::lock_guard lock(mutex_);
    return fmt::format("[{}]", fmt::join(list, ","));
  }

  // node::Listener
  void transitions(const std::vector<flow::Transition>&) override {}
  void fates(const std::vector<flow::Fate>&) override {}
  void answers(const std::vector<consent::Row>& rows) override {
    for (const consent::Row& row : rows) permissions_.add(row);
  }
  // collect::Arrivals
  void arrived(std::vector<collect::Arrival> arrivals) override {
    std::ranges::move(arrivals, std::back_inserter(heard));
  }
  // collect::Sink
  Status append(std::vector<collect::Outgoing> records, std::function<void(Status)> done) override {
    std::vector<node::Node::Addressed> addressed;
    for (collect::Outgoing& r : records)
      addressed.push_back({node_->lane_of(r.anchor), std::move(r.record)});
    return node_->append(std::move(addressed), std::move(done));
  }

  const catalog::Catalog& catalog_;
  const collect::LiveSources sources_{catalog_.sources};
  SystemClock clock_;
  Names names_;
  Engines engines_{names_, catalog_};
  collect::Shapes shapes_{names_};
  consent::Permissions permissions_;
  disk::MemoryDisk disk_;
  seal::MemoryKeys keys_;
  store::MemoryStore store_;
  std::mutex mutex_;
  std::vector<std::string> good_, bad_;  // as JSON; guarded by mutex_
  std::size_t bytes_ = 0;                // of both; guarded by mutex_
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<node::Node> node_;
  std::unique_ptr<collect::Door> door_;
};

class Running final : public Micro {
 public:
  Running(catalog::Catalog catalog, std::string segments)
      : catalog_(std::move(catalog)), segments_(std::move(segments)) {}

  Status begin() {
    auto fresh = std::make_unique<House>(catalog_);
    TRY(fresh->open(segments_));
    const std::unique_lock lock(mutex_);
    house_.swap(fresh);
    return {};
  }

  void handle(http::Request request, http::Responder responder) override {
    const bool reads = request.method == "GET";
    if (request.path == "/micro/reset" && request.method == "POST") {
      const Status begun = begin();
      return responder.send(begun ? http::json(200, R"({"total":0,"good":0,"bad":0})")
                                  : http::from_error(begun.error()));
    }
    const std::shared_lock lock(mutex_);
    if (reads && request.path == "/micro/all") return responder.send(http::json(200, house_->all()));
    if (reads && request.path == "/micro/good")
      return responder.send(http::json(200, house_->good()));
    if (reads && request.path == "/micro/bad") return responder.send(http::json(200, house_->bad()));
    if (reads && request.path == "/micro/segments")
      return responder.send(http::json(200, house_->segments()));
    if (request.path.starts_with("/micro"))
      return responder.send(http::text(
          404, "GET /micro/all, /micro/good, /micro/bad, /micro/segments; POST /micro/reset\n"
      ));
    house_->take(std::move(request), std::move(responder));
  }

 private:
  const catalog::Catalog catalog_;
  const std::string segments_;
  std::shared_mutex mutex_;
  std::unique_ptr<House> house_;  // guarded by mutex_
};

}  // namespace

Result<std::unique_ptr<Micro>> Micro::open(catalog::Catalog catalog, std::string segments) {
  auto out = std::make_unique<Running>(std::move(catalog), std::move(segments));
  TRY(out->begin());
  return std::unique_ptr<Micro>(std::move(out));
}

}  // namespace hospes::server
