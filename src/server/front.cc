#include "server/front.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/kinds.h"

namespace hospes::server {
namespace {

constexpr std::chrono::milliseconds look_every{200};
constexpr unsigned counts_every = 300;  // looks: a minute

using Sent = std::function<void(http::Response& response)>;

/// Tells `sent` before the answer leaves; of a stream only its head.
class Observed final : public http::Exchange {
 public:
  Observed(http::Responder inner, Sent sent) : inner_(std::move(inner)), sent_(std::move(sent)) {}

  void send(http::Response response) override {
    sent_(response);
    inner_.send(std::move(response));
  }
  std::shared_ptr<http::Stream> open_stream(http::Response head) override {
    sent_(head);
    return inner_.stream(std::move(head));
  }

 private:
  http::Responder inner_;
  Sent sent_;
};

http::Responder observed(http::Responder inner, Sent sent) {
  return http::Responder(std::make_shared<Observed>(std::move(inner), std::move(sent)));
}

/// What somebody looked at: a word of ours, never the path. Empty: nobody's data.
struct Look {
  std::string_view what;
  std::string_view kind = "";
};

Look look_of(const http::Request& request) {
  const std::string_view path = request.path;
  constexpr std::string_view profiles = "/v1/profiles";
  if (path.starts_with("/v1/events/")) return {"event"};
  if (path.starts_with("/v1/dead-letters/") && request.method == "GET") return {"dead letter"};
  if (path.starts_with("/v1/segments/") && (path.ends_with("/members") || path.ends_with("/sample")))
    return {"members"};
  if (path == "/v1/segments/preview") return {"preview"};
  if (path == "/v1/live" || path == "/v1/passages" || path.starts_with("/v1/arrivals"))
    return {"live"};
  if (!path.starts_with(profiles)) return {""};  // a find is told by the portal, with its kind
  std::string_view rest = path.substr(profiles.size());
  if (!rest.starts_with('/')) return {""};
  rest.remove_prefix(1);
  const catalog::Kind* kind = catalog::find_kind(rest.substr(0, rest.find(':')));
  return {
      path.find("/why/") == path.npos ? "profile" : "why",
      kind == nullptr ? std::string_view("unknown") : std::string_view(kind->name)};
}

}  // namespace

void Answers::count(int status) {
  const auto at = std::ranges::find(statuses, status);
  ++counts_
      [at == statuses.end() ? statuses.size() - 1
                            : static_cast<std::size_t>(at - statuses.begin())];
}

std::string reached_at(std::string url, unsigned port) {
  while (url.ends_with('/')) url.pop_back();
  return url.empty() ? "http://127.0.0.1:" + std::to_string(port) : url;
}

std::uint64_t Answers::refused() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < statuses.size(); ++i)
    if (statuses[i] >= 400 || statuses[i] == 0) sum += of(i);
  return sum;
}

Front::Front(diary::Diary& diary, const pages::Pages& pages) : diary_(diary), pages_(pages) {}
Front::~Front() { close(); }

void Front::open(Rooms rooms) {
  rooms_ = std::make_unique<const Rooms>(std::move(rooms));
  open_ = rooms_.get();
  watcher_ = std::thread([this] { watch(); });
}

http::Response Front::starting() const {
  auto response = http::text(
      503, fmt::format(
               "the house is starting: {} records of the log replayed so far; try again\n",
               records_.load()
           )
  );
  response.headers.add("Retry-After", "5");
  return response;
}

void Front::from_public(http::Request request, http::Responder responder) {
  const Rooms* rooms = open_;
  if (rooms == nullptr) {
    public_answers_.count(503);
    return responder.send(starting());
  }
  rooms->door(std::move(request), observed(std::move(responder), [this](http::Response& response) {
                public_answers_.count(response.status);
              }));
}

http::Response Front::before_open(const http::Request& request) const {
  if (request.path == "/healthz") return http::text(200, "ok\n");
  if (auto page = pages_.answer(request)) return std::move(*page);  // it waits with the reader
  return starting();
}

/// Somebody who comes by the owner link in a browser sees a page.
void Front::welcome(http::Response& response, const http::Request& request) const {
  if (response.status == 200) {
    response.status = 303;
    response.headers.add("Location", "/");
  } else if (response.status == 403) {
    response = pages_.shell(request, 403);
  }
}

void Front::from_console(http::Request request, http::Responder responder) {
  const Rooms* rooms = open_;
  if (rooms == nullptr) {
    http::Response early = before_open(request);
    console_answers_.count(early.status);
    pages::add_guards(early.headers);
    return responder.send(std::move(early));
  }
  // A browser or a mail program that only guesses where somebody will go uses no link up.
  if (request.path.starts_with("/start/") && request.headers.has("Sec-Purpose")) {
    console_answers_.count(403);
    return responder.send(http::text(403, "open the owner link yourself\n"));
  }
  const Look look = look_of(request);
  const std::string_view by = request.headers.has("Authorization") ? "token" : "session";
  const bool metrics = request.path == "/metrics";
  std::optional<http::Request> guest;  // a copy, for the request itself goes on
  if (request.path.starts_with("/start/") && pages::wants_page(request)) guest = request;
  auto counted = observed(std::move(responder), [=, this](http::Response& response) {
    if (guest) welcome(response, *guest);
    pages::add_guards(response.headers);
    console_answers_.count(response.status);
    if (metrics && response.status == 200) response.body += this->metrics();
    if (look.what.empty()) return;
    diary_.note(
        diary::Level::info, "portal.looked", "somebody looked at a person's data",
        {{"what", std::string(look.what)},
         {"kind", std::string(look.kind)},
         {"by", std::string(by)},
         {"status", std::int64_t{response.status}}}
    );
  });
  const bool placed = !rooms->check_place(request);
  if (placed) {
    if (auto page = pages_.answer(request)) return counted.send(std::move(*page));
  }
  if (request.path != "/readyz" || !placed)
    return rooms->console(std::move(request), std::move(counted));
  const Status ready = rooms->ready();
  counted.send(ready ? http::text(200, "ready\n") : http::text(503, ready.error().message + "\n"));
}

std::string Front::metrics() const {
  std::string out = "# TYPE hospes_server_answers_total counter\n";
  const auto lines = [&](std::string_view listener, const Answers& answers) {
    for (std::size_t i = 0; i < Answers::statuses.size(); ++i) {
      if (answers.of(i) == 0) continue;
      out += fmt::format(
          "hospes_server_answers_total{{listener=\"{}\",status=\"{}\"}} {}\n", listener,
          Answers::statuses[i] == 0 ? "other" : std::to_string(Answers::statuses[i]), answers.of(i)
      );
    }
  };
  lines("public", public_answers_);
  lines("console", console_answers_);
  return out + fmt::format(
                   "# TYPE hospes_server_ready_state gauge\nhospes_server_ready_state {}\n",
                   open_.load()->ready() ? 1 : 0
               );
}

void Front::tell_turn(const Status& ready) {
  const std::string now = ready ? "" : ready.error().message;
  if (now.empty() == refusal_.empty()) return;
  refusal_ = now;
  if (now.empty()) {
    diary_.note(diary::Level::info, "server.writable", "the house accepts events again");
  } else {
    diary_.note(
        diary::Level::error, "server.read_only", "the house reads but accepts nothing: " + now
    );
  }
}

void Front::tell_refused() {
  const std::uint64_t front = public_answers_.refused(), back = console_answers_.refused();
  if (front == public_told_ && back == console_told_) return;
  diary_.note(
      diary::Level::info, "server.refused", "requests refused since the last such line",
      {{"public", static_cast<std::int64_t>(front - std::exchange(public_told_, front))},
       {"console", static_cast<std::int64_t>(back - std::exchange(console_told_, back))}}
  );
}

void Front::watch() {
  std::unique_lock lock(mutex_);
  for (unsigned looks = 1; !stop_; ++looks) {
    lock.unlock();
    tell_turn(rooms_->ready());
    if (looks % counts_every == 0) tell_refused();
    lock.lock();
    wake_.wait_for(lock, look_every, [this] { return stop_; });
  }
}

void Front::close() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stop_, true)) return;
    wake_.notify_all();
  }
  if (!watcher_.joinable()) return;
  watcher_.join();
  tell_turn(rooms_->ready());
  tell_refused();
}

}  // namespace hospes::server
