#include "portal/console.h"

#include <array>

#include "portal/attendance.h"
#include "portal/audit.h"
#include "portal/campaign_routes.h"
#include "portal/census.h"
#include "portal/history.h"
#include "portal/insights.h"
#include "portal/joins.h"
#include "portal/json.h"
#include "portal/live.h"
#include "portal/messages.h"
#include "portal/queue.h"
#include "portal/reads.h"
#include "portal/requests.h"
#include "portal/sql.h"

namespace hospes::portal {
namespace {

enum class Read : std::uint8_t {
  start,
  owner_link,
  session,
  leave,
  house,
  sources,
  change_sources,
  home,
  segments,
  preview,
  members,
  sample,
  overlap,
  history,
  segment,
  keep,
  archive,
  versions,
  undo,
  lifecycle,
  set,
  set_members,
  regions,
  members_out,
  passages,
  arrivals,
  search,
  profile,
  person,
  requests,
  finder,
  event,
  actions,
  effects,
  decisions,
  decisions_of,
  journeys,
  journey,
  waiting,
  led,
  messages,
  message_preview,
  message_test,
  letters,
  resend,
  discard,
  campaigns,
  approval,
  insight,
  sql,
  live,
  counters,
  receipt,
  rotate,
  nowhere
};

/// A path of the console: `suffix` empty and `prefix` whole, or a name between the two. The first
/// that fits is meant.
struct Route {
  Read read = Read::nowhere;
  std::string_view method, prefix, suffix = "";
  bool whole = false;

  bool is(std::string_view path) const {
    if (whole) return path == prefix;
    return between(path, prefix, suffix).has_value();
  }
};

constexpr bool whole = true;
constexpr auto routes = std::to_array<Route>({
    {Read::start, "GET", "/start/"},
    {Read::owner_link, "POST", "/v1/owner_link", "", whole},
    {Read::session, "GET", "/v1/session", "", whole},
    {Read::leave, "DELETE", "/v1/session", "", whole},
    {Read::house, "GET", "/v1/house", "", whole},
    {Read::sources, "GET", "/v1/sources", "", whole},
    {Read::change_sources, "POST", "/v1/sources", "", whole},
    {Read::sources, "GET", "/v1/sources/"},
    {Read::change_sources, "PATCH", "/v1/sources/"},
    {Read::change_sources, "POST", "/v1/sources/", "/keys"},
    {Read::change_sources, "DELETE", "/v1/sources/"},
    {Read::home, "GET", "/v1/home", "", whole},
    {Read::segments, "GET", "/v1/segments", "", whole},
    {Read::preview, "POST", "/v1/segments/preview", "", whole},
    {Read::members, "GET", "/v1/segments/", "/members"},
    {Read::sample, "GET", "/v1/segments/", "/sample"},
    {Read::overlap, "GET", "/v1/segments/", "/overlap"},
    {Read::history, "GET", "/v1/segments/", "/history"},
    {Read::versions, "GET", "/v1/segments/", "/versions"},
    {Read::undo, "POST", "/v1/segments/", "/undo"},
    {Read::segment, "GET", "/v1/segments/"},
    {Read::keep, "PUT", "/v1/segments/"},
    {Read::archive, "DELETE", "/v1/segments/"},
    {Read::lifecycle, "GET", "/v1/lifecycle", "", whole},
    {Read::lifecycle, "GET", "/v1/lifecycle/"},
    {Read::set, "GET", "/v1/sets", "", whole},
    {Read::set_members, "GET", "/v1/sets/members", "", whole},
    {Read::regions, "GET", "/v1/sets/overlap", "", whole},
    {Read::members_out, "POST", "/v1/sets/export", "", whole},
    {Read::passages, "GET", "/v1/passages", "", whole},
    {Read::arrivals, "GET", "/v1/arrivals", "", whole},
    {Read::search, "POST", "/v1/arrivals/search", "", whole},
    {Read::profile, "GET", "/v1/profiles/"},
    {Read::person, "GET", "/v1/persons/", "/joins"},
    {Read::person, "POST", "/v1/persons/", "/split"},
    {Read::person, "POST", "/v1/persons/", "/merge"},
    {Read::person, "POST", "/v1/persons/", "/forget"},
    {Read::person, "POST", "/v1/persons/", "/guest_link"},
    {Read::requests, "GET", "/v1/requests", "", whole},
    {Read::requests, "POST", "/v1/requests", "", whole},
    {Read::requests, "POST", "/v1/requests/"},
    {Read::finder, "POST", "/v1/find", "", whole},
    {Read::event, "GET", "/v1/events/"},
    {Read::actions, "GET", "/v1/actions", "", whole},
    {Read::effects, "GET", "/v1/effects/"},
    {Read::decisions, "GET", "/v1/decisions", "", whole},
    {Read::decisions_of, "GET", "/v1/decisions/of/"},
    {Read::journeys, "GET", "/v1/journeys", "", whole},
    {Read::led, "GET", "/v1/journeys/of/"},
    {Read::waiting, "GET", "/v1/journeys/", "/waiting"},
    {Read::journey, "GET", "/v1/journeys/"},
    {Read::messages, "GET", "/v1/messages", "", whole},
    {Read::message_preview, "POST", "/v1/messages/", "/preview"},
    {Read::message_test, "POST", "/v1/messages/", "/test"},
    {Read::letters, "GET", "/v1/dead-letters", "", whole},
    {Read::resend, "POST", "/v1/dead-letters/resend", "", whole},
    {Read::discard, "POST", "/v1/dead-letters/discard", "", whole},
    {Read::letters, "GET", "/v1/dead-letters/"},
    {Read::campaigns, "GET", "/v1/campaigns", "", whole},
    {Read::campaigns, "POST", "/v1/campaigns", "", whole},
    {Read::campaigns, "POST", "/v1/campaigns/", "/test"},
    {Read::campaigns, "POST", "/v1/campaigns/", "/ask"},
    {Read::campaigns, "POST", "/v1/campaigns/", "/stop"},
    {Read::campaigns, "GET", "/v1/campaigns/"},
    {Read::approval, "GET", "/approve/"},
    {Read::approval, "POST", "/approve/"},
    {Read::insight, "GET", "/v1/insight", "", whole},
    {Read::insight, "GET", "/v1/insight/", "/plot"},
    {Read::insight, "GET", "/v1/insight/"},
    {Read::sql, "GET", "/v1/lake", "", whole},
    {Read::sql, "POST", "/v1/sql", "", whole},
    {Read::sql, "GET", "/v1/jobs", "", whole},
    {Read::sql, "POST", "/v1/jobs/"},
    {Read::sql, "DELETE", "/v1/jobs/"},
    {Read::live, "GET", "/v1/live", "", whole},
    {Read::counters, "GET", "/metrics", "", whole},
    {Read::receipt, "GET", "/v1/receipts/"},
    {Read::rotate, "POST", "/v1/audit/rotate", "", whole},
});

/// Every route of the path: one for each method it is asked with.
std::vector<const Route*> routes_of(std::string_view path) {
  std::vector<const Route*> out;
  for (const Route& route : routes) {
    if (!route.is(path)) continue;
    if (!out.empty() && out.front()->prefix != route.prefix) break;
    out.push_back(&route);
  }
  return out;
}

Read read_of(const http::Request& request) {
  for (const Route* route : routes_of(request.path))
    if (route->method == request.method) return route->read;
  return Read::nowhere;
}

http::Response nowhere() {
  return problem(
      404, "not_found",
      "try /v1/home, /v1/house, /v1/sources, /v1/session, /v1/segments, /v1/segments/{id}, "
      "/v1/segments/{id}/members, /v1/segments/preview, /v1/lifecycle, /v1/sets, /v1/passages, /v1/arrivals, "
      "/v1/profiles/user_id:…, /v1/actions, /v1/effects/user_id:…, /v1/messages, /v1/campaigns, /v1/decisions, /v1/decisions/of/user_id:…, /v1/journeys, "
      "/v1/journeys/{id}, /v1/journeys/of/user_id:…, /v1/requests, /v1/find, /v1/events/{messageId}, /v1/dead-letters, "
      "/v1/insight, /v1/lake, /v1/sql, /v1/jobs, /v1/receipts/{leaf}, /v1/audit/checkpoint, /v1/live, /metrics, /healthz or /readyz"
  );
}

http::Response wrong_method(const http::Request& request) {
  std::string allowed;
  for (const Route* route : routes_of(request.path))
    allowed.append(allowed.empty() ? "" : ", ").append(route->method);
  http::Response out = problem(
      405, "invalid_input", std::string(request.path).append(" is asked with ").append(allowed)
  );
  out.headers.add("Allow", allowed);
  return out;
}

/// What stands between a request and its answer: person, path, method, page. In this order, so that
/// a stranger learns of no path.
std::optional<http::Response> turned_away(const ConsoleDoors& doors, const http::Request& request) {
  const auto told = [](const std::optional<Refused>& no) -> std::optional<http::Response> {
    if (!no) return std::nullopt;
    return problem(no->status, no->code, no->message);
  };
  const auto found = routes_of(request.path);
  // Two doors are opened by a code of their own.
  const bool start = !found.empty() && found.front()->read == Read::start;
  const bool approves = !found.empty() && found.front()->read == Read::approval;
  if (approves && read_of(request) != Read::nowhere) return std::nullopt;
  if (!start && !approves) {
    if (auto no = told(doors.access.check_person(request, doors.clock.now()))) return no;
  }
  if (found.empty()) return nowhere();
  if (read_of(request) == Read::nowhere) return wrong_method(request);
  if (request.method == "GET") return std::nullopt;
  return told(doors.access.check_page(request));
}

http::Response leave(const ConsoleDoors& doors, const http::Request& request) {
  const auto cookie = doors.access.leave(request);
  if (!cookie) return problem(cookie.error());
  http::Response out{204, {}, ""};
  out.headers.add("Set-Cookie", *cookie);
  return out;
}

/// Not with a session: who has lent somebody their browser for a minute shall not have lent them
/// the house.
http::Response owner_link(const ConsoleDoors& doors, const http::Request& request) {
  if (!doors.access.session(request).token)
    return problem(
        403, "token_needed", "a new owner link is made with the staff token: hospes link"
    );
  const Instant now = doors.clock.now();
  return http::json(
      200, Object().text("path", "/start/" + doors.access.new_owner_code(now))
                   .text("until", to_string(now + owner_link_good_for))
                   .done() +
               "\n"
  );
}

}  // namespace

Console::Console(ConsoleDoors doors)
    : doors_(doors),
      live_(std::make_unique<Live>(doors_)),
      census_(std::make_unique<Census>(doors_)),
      attendance_(std::make_unique<Attendance>(doors_)),
      history_(std::make_unique<History>(doors_)),
      pressure_(std::make_unique<Pressure>()),
      insights_(std::make_unique<Insights>(doors_)),
      sql_(std::make_unique<Sql>(doors_)),
      queue_(std::make_unique<Queue>(
          threads, questions_max, "too many questions wait; ask again in a second",
          [this](const http::Request& request) { return answer(request); }
      )) {}

Console::~Console() { close(); }

void Console::close() {
  queue_->close();
  insights_->close();
  sql_->close();
  live_->close();
}

void Console::handle(http::Request request, http::Responder responder) {
  if (const auto no = doors_.access.check_place(request))
    return responder.send(problem(no->status, no->code, no->message));
  if (request.path == "/healthz") return responder.send(http::text(200, "ok\n"));
  if (is_audit(request.path)) return responder.send(audit(doors_.receipts, request));
  if (auto no = turned_away(doors_, request)) return responder.send(std::move(*no));
  const Read read = read_of(request);
  if (read == Read::live) return live_->open(request, std::move(responder));
  if (read == Read::insight) return insights_->handle(std::move(request), std::move(responder));
  if (read == Read::sql) return sql_->handle(std::move(request), std::move(responder));
  queue_->put(std::move(request), std::move(responder));
}

http::Response Console::answer(const http::Request& request) {
  switch (read_of(request)) {
    case Read::start:
      return enter(*between(request.path, "/start/", ""));
    case Read::owner_link:
      return owner_link(doors_, request);
    case Read::session:
      return read_session(doors_, request);
    case Read::leave:
      return leave(doors_, request);
    case Read::house:
      return read_house(doors_);
    case Read::sources:
      return read_sources(doors_, request);
    case Read::change_sources:
      return change_sources(doors_, request);
    case Read::home:
      return read_home(doors_, *attendance_, request);
    case Read::segments:
    case Read::segment:
      return read_segments(doors_, *census_, request);
    case Read::keep:
      return keep_segment(doors_, *census_, request);
    case Read::archive:
      return archive_segment(doors_, request);
    case Read::lifecycle:
      return read_lifecycle(doors_, request);
    case Read::set:
      return read_set(doors_, request);
    case Read::set_members:
      return read_set_members(doors_, request);
    case Read::regions:
      return read_regions(doors_, request);
    case Read::members_out:
      return members_out(doors_, request);
    case Read::versions:
      return read_versions(doors_, request);
    case Read::undo:
      return undo_segment(doors_, *census_, request);
    case Read::preview:
      return preview_alone(request);
    case Read::members:
      return read_members(doors_, request);
    case Read::sample:
      return read_sample(doors_, request);
    case Read::overlap:
      return read_overlap(doors_, request);
    case Read::history:
      return history_->read(request);
    case Read::passages:
      return read_passages(doors_, request);
    case Read::arrivals:
      return read_arrivals(doors_, request);
    case Read::search:
      return search_arrivals(doors_, request);
    case Read::profile:
      return read_profile(doors_, request);
    case Read::person:
      return persons(doors_, request);
    case Read::requests:
      return requests(doors_, request);
    case Read::finder:
      return find(doors_, request);
    case Read::event:
      return read_event(doors_, request);
    case Read::actions:
      return read_actions(doors_);
    case Read::effects:
      return read_effects(doors_, request);
    case Read::decisions:
      return read_decisions(doors_);
    case Read::decisions_of:
      return read_decisions_of(doors_, request);
    case Read::journeys:
      return read_journeys(doors_);
    case Read::journey:
      return read_journey(doors_, request);
    case Read::waiting:
      return read_waiting(doors_, request);
    case Read::led:
      return read_led(doors_, request);
    case Read::messages:
      return read_messages(doors_);
    case Read::message_preview:
      return preview_message(doors_, request);
    case Read::message_test:
      return test_message(doors_, request);
    case Read::letters:
      return read_letters(doors_, request);
    case Read::resend:
      return resend_letters(doors_, request);
    case Read::discard:
      return discard_letters(doors_, request);
    case Read::campaigns:
      return campaigns(doors_, *pressure_, request);
    case Read::approval:
      return approval(doors_, request);
    case Read::counters:
      return metrics(doors_, live_->readers());
    case Read::receipt:
      return read_receipt(doors_, request);
    case Read::rotate:
      return rotate_key(doors_, request);
    case Read::insight:
    case Read::sql:
    case Read::live:
    case Read::nowhere:
      break;
  }
  return nowhere();
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
        "this owner link is wrong, used or older than 15 minutes; `hospes link` prints a "
        "new one"
    );
  http::Response welcome =
      http::text(200, "You are the owner of this house. Look next at /v1/segments\n");
  welcome.headers.add("Set-Cookie", **session);
  return welcome;
}

}  // namespace hospes::portal
