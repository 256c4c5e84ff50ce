#include "scenario/house.h"

#include <future>

#include "base/check.h"
#include "flow/decisions.h"
#include "flow/effects.h"
#include "portal/people.h"

namespace hospes::scenario {
namespace {

class Once final : public http::Exchange {
 public:
  void send(http::Response response) override { answer.set_value(std::move(response)); }
  std::shared_ptr<http::Stream> open_stream(http::Response) override { return nullptr; }
  std::promise<http::Response> answer;
};

template <class Room>
http::Response ask(Room& room, http::Request request) {
  request.body.reserve(request.body.size() + http::body_padding);
  const auto once = std::make_shared<Once>();
  auto answer = once->answer.get_future();
  room.handle(std::move(request), http::Responder(once));
  return answer.get();
}

}  // namespace

House::House(catalog::Catalog catalog, const Files& files, const Way& way, Instant starts, std::uint64_t seed)
    : way_(way),
      segment_bytes_((1 << 18) + 2 * way.partitions * (files.segments.size() + files.journeys.size())),
      catalog_(std::move(catalog)),
      clock_(starts),
      dice_(seed),
      store_(way.partitions),
      diary_(diary::open_diary({.level = diary::Level::error})) {
  for (const auto& [name, text] : {std::pair(portal::Definitions::file, files.segments), std::pair(portal::Definitions::journeys_file, files.journeys)})
    check(text.empty() || disk::replace(disk_, "", std::string(name), text).has_value(), "its files are written");
  open();
  if (catalog_.actions.text.empty() && catalog_.decisions.text.empty()) return;
  const Status taken = definitions_->take();
  check(taken.has_value(), taken ? "" : taken.error().message.c_str());
}

House::~House() { close(); }

void House::open() {
  permissions_ = std::make_unique<consent::Permissions>();
  log::Options log;
  log.partitions = way_.partitions;
  log.segment_bytes = segment_bytes_;
  log.free_bytes_min = 0;
  auto opened = log::open_local_log(disk_, log);
  check(opened.has_value(), "the log opens");
  log_ = std::move(*opened);
  auto access = portal::Access::open(disk_, "console", {}, clock_.now());
  check(access.has_value(), "the console's folder opens");
  access_ = std::move(*access);
  auto pulse = portal::Pulse::open(disk_, "console", clock_);
  check(pulse.has_value(), "the console's counts open");
  pulse_ = std::move(*pulse);
  auto house = engines_.house();
  check(house.has_value(), "the house has the purpose that joins devices");
  node::Options options;
  options.partitions = way_.partitions;
  options.tick_every = std::chrono::milliseconds(1);
  options.checkpoint_every = way_.checkpoints ? Duration(0) : Duration(std::chrono::hours(1'000'000));
  options.timelines_bytes_max = way_.cold ? 1 : std::size_t{64} << 20;
  auto node = node::Node::open({*log_, store_, keys_, clock_}, std::move(*house), options, *this);
  check(node.has_value(), "the node recovers");
  node_ = std::move(*node);
  auto receipts = receipt::TransparencyLog::open(
      {disk_, disk_, keys_},
      {.origin = "scenario/receipts", .free_bytes_min = 0, .segment_bytes = 1 << 18}, clock_.now()
  );
  check(receipts.has_value(), "the transparency log opens");
  receipts_ = std::move(*receipts);
  notary_.emplace(*receipts_, catalog_, keys_);
  definitions_ = std::make_unique<portal::Definitions>(*node_, disk_, node::Beside{catalog_.actions.text, catalog_.decisions.text, catalog_.retention.text});
  sources_.emplace(catalog_.sources);
  sourcebook_.emplace(*sources_, catalog_.purposes, disk_);
  console_ = std::make_unique<portal::Console>(portal::ConsoleDoors{
      *node_, keys_, catalog_, names_, clock_, *access_, feed_, *pulse_, health_, shapes_, *diary_,
      *receipts_, *notary_, *definitions_, *sourcebook_});
  door_ = std::make_unique<collect::Door>(
      collect::DoorOptions{},
      collect::Doors{catalog_, *sources_, names_, keys_, *permissions_, *this, clock_, *this, shapes_}
  );
  counter_ = std::make_unique<touchpoint::Counter>(touchpoint::Doors{
      keys_, catalog_, *sources_, clock_,
      [this](http::Request q, http::Responder r) { door_->handle(std::move(q), std::move(r)); }});
  counter_->begin(*node_);
}

void House::close() {
  if (counter_) counter_->close();
  if (door_) door_->close();
  if (console_) console_->close();
  counter_.reset();
  door_.reset();
  console_.reset();
  definitions_.reset();
  node_.reset();
  pulse_.reset();
  notary_.reset();
  receipts_.reset();
  log_.reset();
}

namespace {

http::Request posted(std::string path, std::string_view key, std::string body) {
  http::Request request;
  request.method = "POST";
  request.path = std::move(path);
  request.headers.add("X-Write-Key", key);
  request.body = std::move(body);
  return request;
}

}  // namespace

http::Response House::post(std::string path, std::string_view key, std::string body) {
  return ask(*door_, posted(std::move(path), key, std::move(body)));
}

http::Response House::decide(std::string body) {
  return ask(*counter_, posted("/v1/decide", "server", std::move(body)));
}

http::Response House::read(
    std::string_view method, std::string path, std::string query, std::string body
) {
  http::Request request;
  request.method = method;
  request.path = std::move(path);
  request.query = std::move(query);
  request.headers.add("Host", "127.0.0.1");
  request.headers.add("Authorization", "Bearer " + access_->staff_token());
  request.body = std::move(body);
  return ask(*console_, std::move(request));
}

Status House::lead(const std::string& journeys) {
  TRY(disk::replace(disk_, "", std::string(portal::Definitions::journeys_file), journeys));
  const auto next = TRY(definitions_->next());
  if (!next) return {};
  TRY(engines_.check(*next, journeys));
  return definitions_->take();
}

void House::set_clock(Instant now) {
  check(now >= clock_.now(), "a script's time goes forward");
  clock_.set(now);
}

void House::set_clock_back(Duration by) { clock_.set(clock_.now() - by); }

void House::append_one(record::Body body, AtomId anchor) {
  const auto record = std::make_shared<const record::Record>(
      record::Record{.stamp = clock_.now(), .origin = {}, .to = {}, .body = std::move(body)});
  std::promise<Status> durable;
  check(
      node_->append({{node_->lane_of(anchor), record}}, [&](Status s) { durable.set_value(std::move(s)); })
          .has_value(),
      "a record is taken"
  );
  check(durable.get_future().get().has_value(), "a record is durable");
}

void House::take(const std::string& offer, std::string_view decision) {
  for (int times = way_.twice ? 2 : 1; times > 0; --times)
    append_one(record::Took{offer, hash128(decision)}, flow::stock_lane(offer));
}

/// The twin of a sender and its destination: what is ready is claimed and arrives at once.
void House::perform() {
  for (;;) {
    std::vector<flow::Effected> open;
    std::mutex mutex;
    node_->ask_all([&](const flow::PartitionState& s) {
      const std::lock_guard lock(mutex);
      flow::visit_open(s, [&](const flow::Effected& e) {
        if (e.effect.state != outbox::State::planned) open.push_back(e);
      });
    });
    if (open.empty()) return;
    for (const flow::Effected& e : open) {
      if (e.effect.state == outbox::State::ready) {
        append_one(record::Claimed{e.anchor, e.effect.key, e.effect.attempts + 1}, e.anchor.id);
        continue;
      }
      append_one(
          record::Performed{.anchor = e.anchor, .effect = e.effect.key, .attempt = e.effect.attempts,
                            .status = 204, .source = {}, .read = {}},
          e.anchor.id
      );
      sent_.push_back(
          to_string(clock_.now()) + " " + portal::name_of(e.anchor.id, keys_) + " " + e.effect.rule +
          (e.effect.passage.offer.empty() ? "" : " with an offer")
      );
    }
    node_->settle();
  }
}

std::vector<std::string> House::take_sent() { return std::exchange(sent_, {}); }

/// A tick in each lane: timers fire up to now, and every partition's clock says now.
void House::calm() {
  node_->settle();
  std::vector<node::Node::Addressed> ticks;
  const auto tick = std::make_shared<const record::Record>(record::Record{
      .stamp = clock_.now(), .origin = {}, .to = {}, .body = record::Tick{}});
  for (unsigned p = 0; p < way_.partitions; ++p) ticks.push_back({static_cast<Partition>(p), tick});
  std::promise<Status> durable;
  check(
      node_->append(std::move(ticks), [&](Status s) { durable.set_value(std::move(s)); }).has_value(),
      "a tick is taken"
  );
  check(durable.get_future().get().has_value(), "a tick is durable");
  node_->settle();
  perform();
}

void House::rest() {
  if (way_.restarts == Way::never) return;
  if (way_.restarts == Way::killed) disk_.fail_at(1, disk::MemoryDisk::Fault::power_cut);
  close();
  if (way_.restarts == Way::killed) {
    disk_.crash(dice_);
    store_.crash(dice_);
  }
  open();
}

std::vector<flow::Transition> House::take_passages() {
  const std::lock_guard lock(mutex_);
  return std::exchange(passages_, {});
}

std::string House::segment_id(const flow::Transition& passage) {
  std::promise<std::string> id;
  node_->ask(passage.partition, [&](const flow::PartitionState& s) {
    id.set_value(s.engine->definitions().at(passage.segment).definition.id);
  });
  return id.get_future().get();
}

void House::transitions(const std::vector<flow::Transition>& passed) {
  feed_.passed(passed);
  pulse_->passed(passed);
  const std::lock_guard lock(mutex_);
  passages_.insert(passages_.end(), passed.begin(), passed.end());
}

void House::answers(const std::vector<consent::Row>& rows) {
  for (const consent::Row& row : rows) permissions_->add(row);
}

Status House::append(std::vector<collect::Outgoing> records, std::function<void(Status)> done) {
  std::vector<node::Node::Addressed> addressed;
  for (collect::Outgoing& r : records) {
    addressed.push_back({node_->lane_of(r.anchor), std::move(r.record)});
  }
  return node_->append(std::move(addressed), std::move(done));
}

}  // namespace hospes::scenario
