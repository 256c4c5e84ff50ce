#include "collect/door.h"

#include <algorithm>

#include "base/json_text.h"
#include "collect/browser.h"
#include "collect/desk.h"
#include "collect/paths.h"

namespace hospes::collect {
namespace {

/// As the last member of the answer.
void add_receipt(http::Response& response, const std::string& receipt) {
  if (receipt.empty()) return;
  response.body.pop_back();
  response.body.append(",\"receipt\":").append(receipt).append("}");
}

std::string_view without_line_end(std::string_view text) {
  return text.substr(0, text.find_last_not_of('\n') + 1);
}

std::string_view code_of(int status) {
  switch (status) {
    case 400:
      return "invalid_input";
    case 401:
      return "key_unknown";
    case 403:
      return "not_allowed";
    case 413:
    case 429:
      return "over_limit";
    case 503:
      return "unavailable";
    default:
      return "refused";
  }
}

/// A refusal as RFC 9457 has it, for the path that is ours alone: the clients of all others read text.
http::Response as_problem(const http::Response& refusal) {
  std::string text = "{\"type\":\"about:blank\",\"title\":";
  text += json_text(http::reason_of(refusal.status));
  text += ",\"status\":" + std::to_string(refusal.status) + ",\"detail\":";
  text += json_text(without_line_end(refusal.body));
  text += ",\"code\":";
  text += json_text(code_of(refusal.status));
  http::Response out{
      refusal.status, {{"Content-Type", "application/problem+json"}}, std::move(text) + "}\n"};
  if (const auto wait = refusal.headers.find("Retry-After"); !wait.empty())
    out.headers.add("Retry-After", wait);
  return out;
}

/// Nobody waits for what is said here.
class Unheard final : public http::Exchange {
 public:
  void send(http::Response) override {}
  std::shared_ptr<http::Stream> open_stream(http::Response) override { return nullptr; }
};

/// What the house saw itself; of invented people apart, for their events bear the badge.
const catalog::Source& own_source(bool simulated) {
  static const catalog::Source real{.name = std::string(own_source_name)};
  static const catalog::Source invented{.name = std::string(own_source_name), .simulated = true};
  return simulated ? invented : real;
}

}  // namespace

/// Requests that share one sync and one append.
struct Door::Group {
  struct Open {
    std::string origin;  // of the page that may read the answer
    http::Responder responder;
    Prepared prepared;
    bool rests = false;  // its answer waits for the log
    bool ours = false;   // no client but ours asks here
  };
  std::vector<Open> open;
  std::vector<Outgoing> records;
  std::vector<dead_letter::Letter> letters;
  std::size_t bytes = 0;  // of their bodies, inflated
};

Door::Door(DoorOptions options, Doors doors)
    : options_(options), doors_(doors), thread_([this] { run(); }) {}

Door::~Door() { close(); }

bool Door::serves(std::string_view path) { return path_of(path).has_value(); }

bool Door::tell(std::string item, bool simulated) {
  http::Request request{.method = "POST", .path = "/v1/track", .body = std::move(item)};
  request.body.reserve(request.body.size() + http::body_padding);
  const std::lock_guard lock(mutex_);
  if (stop_ || waiting_.size() >= options_.requests_max / 2) return false;  // callers come first
  waiting_.push_back(
      {std::move(request), http::Responder(std::make_shared<Unheard>()), &own_source(simulated)}
  );
  wake_.notify_one();
  return true;
}

void Door::handle(http::Request request, http::Responder responder) {
  const auto found = path_of(request.path);
  if (!found) {
    responder.send(http::text(
        404,
        "no such path: events go to /v1/track, identify, page, screen, group, alias or batch, "
        "answers to /v1/consent\n"
    ));
    return;
  }
  const auto sources = doors_.sources.now();
  const auto reply = [&](http::Response response) {
    if (found->row->shared())
      share(response, shared_with(*sources, nullptr, request.headers.find("Origin")));
    responder.send(std::move(response));
  };
  const Pages pages{
      *sources, doors_.catalog.purposes, doors_.clock.now(), options_.tls_in_front};
  if (request.method == "OPTIONS" && found->row->shared())
    return responder.send(preflight(pages, *found, request));
  const auto method = found->row->method();
  if (request.method != method) {
    auto out = http::text(405, std::string("send it with ").append(method).append("\n"));
    out.headers.add(
        "Allow", std::string(method).append(found->row->shared() ? ", OPTIONS" : "")
    );
    return reply(std::move(out));
  }
  if (method == "GET")
    return responder.send(document(pages, *found, request));
  if (found->row->use == Use::metrics) return reply(http::json(200, "{\"success\":true}"));
  {
    const std::lock_guard lock(mutex_);
    if (!stop_ && waiting_.size() < options_.requests_max) {
      waiting_.push_back({std::move(request), std::move(responder)});
      wake_.notify_one();
      return;
    }
    if (stop_) return reply(busy({Code::unavailable, "the house is closing"}));
  }
  doors_.arrivals.turned_away(
      {nullptr, 429, doors_.clock.now(), "too many requests are waiting", {}}
  );
  reply(busy({Code::over_limit, "too many requests are waiting"}));
}

/// The next request; with `wait`, as soon as there is one and what is under way leaves room for it.
/// Nothing: there is none, or with `wait`, the door is closed and all is taken.
std::optional<Door::Waiting> Door::next(bool wait, std::size_t& load) {
  std::unique_lock lock(mutex_);
  const auto ready = [&] {
    return waiting_.empty() ? stop_ : under_way_bytes_ < options_.under_way_bytes_max;
  };
  if (wait) wake_.wait(lock, ready);
  if (waiting_.empty()) return std::nullopt;
  load = std::min<std::size_t>(100, waiting_.size() * 100 / options_.requests_max);
  std::optional<Waiting> out = std::move(waiting_.front());
  waiting_.pop_front();
  return out;
}

void Door::run() {
  Desk desk(doors_, options_.tls_in_front);
  for (;;) {
    auto group = std::make_shared<Group>();
    while (group->open.size() < options_.group_max && group->bytes < options_.group_bytes_max) {
      std::size_t load = 0;
      auto waiting = next(group->open.empty(), load);
      if (!waiting) break;
      take(desk, std::move(*waiting), load, *group);
    }
    if (group->open.empty()) return;
    commit(std::move(group));
  }
}

void Door::take(Desk& desk, Waiting waiting, std::size_t load, Group& group) {
  const Instant now = doors_.clock.now();
  auto prepared = waiting.own != nullptr ? desk.own(waiting.request, *waiting.own, now)
                                         : desk.take(waiting.request, now);
  if (prepared.response.status == 200)
    prepared.response.headers.add("X-Hospes-Load", std::to_string(load));
  const bool rests = !prepared.records.empty();
  std::ranges::move(prepared.records, std::back_inserter(group.records));
  std::ranges::move(prepared.letters, std::back_inserter(group.letters));
  group.bytes += prepared.bytes;
  const auto page = waiting.request.headers.find("Origin");
  if (prepared.response.status >= 400)
    doors_.arrivals.turned_away(
        {prepared.source, prepared.response.status, doors_.clock.now(),
         without_line_end(prepared.response.body), page}
    );
  const auto origin = shared_with(*prepared.sources, prepared.source, page);
  group.open.push_back(
      {std::string(origin), std::move(waiting.responder), std::move(prepared), rests,
       waiting.request.path == "/v1/consent"}
  );
}

void Door::commit(std::shared_ptr<Group> group) {
  {
    const std::lock_guard lock(mutex_);
    ++under_way_;
    under_way_bytes_ += group->bytes;
  }
  if (group->records.empty() && group->letters.empty()) return done(*group, {});
  // An acknowledged record must be able to be opened: its atoms' keys come first.
  if (auto synced = doors_.keys.sync(); !synced) return done(*group, synced);
  if (!group->letters.empty()) doors_.letters->keep(std::exchange(group->letters, {}));
  if (group->records.empty()) return done(*group, {});
  auto records = std::move(group->records);
  const auto appended = doors_.sink.append(std::move(records), [this, group](Status durable) {
    done(*group, durable);
  });
  if (!appended) done(*group, appended);
}

void Door::done(Group& group, const Status& durable) {
  for (Group::Open& open : group.open) {
    Prepared& p = open.prepared;
    const bool lost = open.rests && !durable;
    if (lost) {
      p.response = busy(durable.error());
    } else {
      // Before the answer: who hears that a no was recorded finds it in force.
      for (const consent::Row& row : p.answers) doors_.permissions.add(row);
      std::size_t in_flight = 0;
      for (const consent::Row& row : p.answers)
        if (consent::is_against(row.state)) in_flight += doors_.sink.in_flight(row.message);
      if (in_flight > 0) p.response.headers.add("X-Hospes-In-Flight", std::to_string(in_flight));
      if (!p.arrivals.empty()) doors_.arrivals.arrived(std::exchange(p.arrivals, {}));
      if (p.receipt_of) add_receipt(p.response, doors_.sink.receipt(*p.receipt_of));
    }
    if (open.ours && p.response.status >= 400) p.response = as_problem(p.response);
    share(p.response, open.origin);
    open.responder.send(std::move(p.response));
  }
  const std::lock_guard lock(mutex_);
  --under_way_;
  under_way_bytes_ -= group.bytes;
  wake_.notify_one();
  idle_.notify_all();
}

void Door::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&] { return under_way_ == 0; });
}

}  // namespace hospes::collect
