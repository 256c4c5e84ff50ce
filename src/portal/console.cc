#include "portal/console.h"

#include <array>

#include "portal/census.h"
#include "portal/live.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

/// A path of the console: `suffix` empty and `prefix` whole, or a name between the two.
struct Route {
  std::string_view method, prefix, suffix;
  bool whole = false;

  bool is(std::string_view path) const {
    if (whole) return path == prefix;
    return between(path, prefix, suffix).has_value();
  }
};

enum Place { start, segments, preview_of, members, profile, finder, event, live, counters, places };

constexpr std::array<Route, places> routes = {{
    {"GET", "/start/", ""},
    {"GET", "/v1/segments", "", true},
    {"POST", "/v1/segments/preview", "", true},
    {"GET", "/v1/segments/", "/members"},
    {"GET", "/v1/profiles/", ""},
    {"POST", "/v1/find", "", true},
    {"GET", "/v1/events/", ""},
    {"GET", "/v1/live", "", true},
    {"GET", "/metrics", "", true},
}};

std::size_t place_of(std::string_view path) {
  std::size_t i = 0;
  while (i < routes.size() && !routes[i].is(path)) ++i;
  return i;
}

http::Response nowhere() {
  return problem(
      404, "not_found",
      "try /v1/segments, /v1/segments/{id}/members, /v1/segments/preview, "
      "/v1/profiles/user_id:…, /v1/find, /v1/events/{messageId}, /v1/live, /metrics, /healthz or "
      "/readyz"
  );
}

/// What stands between a request and its answer: place, path, method, person. In this order, so
/// that a stranger learns of no path.
std::optional<http::Response> turned_away(
    const ConsoleDoors& doors, const http::Request& request, std::size_t place
) {
  if (place != start) {
    if (const auto no = doors.access.check_person(request, doors.clock.now()))
      return problem(no->status, no->code, no->message);
  }
  if (place == routes.size()) return nowhere();
  if (routes[place].method == request.method) return std::nullopt;
  http::Response out = problem(
      405, "invalid_input",
      std::string(request.path).append(" is asked with ").append(routes[place].method)
  );
  out.headers.add("Allow", routes[place].method);
  return out;
}

}  // namespace

Console::Console(ConsoleDoors doors)
    : doors_(doors),
      live_(std::make_unique<Live>(doors_)),
      census_(std::make_unique<Census>(doors_)) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Console::~Console() { close(); }

void Console::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_all();
  }
  for (std::thread& t : threads_)
    if (t.joinable()) t.join();
  live_->close();
}

void Console::handle(http::Request request, http::Responder responder) {
  if (const auto no = doors_.access.check_place(request))
    return responder.send(problem(no->status, no->code, no->message));
  if (request.path == "/healthz") return responder.send(http::text(200, "ok\n"));
  const std::size_t place = place_of(request.path);
  if (auto no = turned_away(doors_, request, place)) return responder.send(std::move(*no));
  if (place == live) return live_->open(request, std::move(responder));
  const std::lock_guard lock(mutex_);
  if (stop_ || waiting_.size() >= questions_max)
    return responder.send(
        problem(503, "over_limit", "too many questions wait; ask again in a second")
    );
  waiting_.push_back({std::move(request), std::move(responder)});
  wake_.notify_one();
}

void Console::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    next.responder.send(answer(next.request));
  }
}

http::Response Console::answer(const http::Request& request) {
  switch (place_of(request.path)) {
    case start:
      return enter(*between(request.path, routes[start].prefix, ""));
    case segments:
      return read_segments(doors_, *census_, request);
    case members:
      return read_members(doors_, request);
    case preview_of:
      return preview_alone(request);
    case profile:
      return read_profile(doors_, request);
    case finder:
      return find(doors_, request);
    case event:
      return read_event(doors_, request);
    case counters:
      return metrics(doors_, live_->readers());
    default:
      return nowhere();
  }
}

http::Response Console::preview_alone(const http::Request& request) {
  const std::unique_lock alone(previewing_, std::try_to_lock);
  if (!alone) return problem(503, "over_limit", "another preview is being counted; ask again");
  return preview(doors_, *census_, request);
}

http::Response Console::enter(std::string_view code) {
  const auto session = doors_.access.redeem(code, doors_.clock.now());
  if (!session) return problem(session.error());
  if (!*session)
    return problem(
        403, "not_found",
        "this owner link is wrong, used or older than 15 minutes; a restart of hospes prints a "
        "new one"
    );
  http::Response welcome =
      http::text(200, "You are the owner of this house. Look next at /v1/segments\n");
  welcome.headers.add("Set-Cookie", **session);
  return welcome;
}

}  // namespace hospes::portal
