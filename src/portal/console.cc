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
#include "portal/second.h"
#include "portal/sign_in.h"
#include "portal/sql.h"

namespace hospes::portal {
namespace {

using staff::Right;

enum class Read : std::uint8_t {
  start,
  owner_link,
  session,
  leave,
  sign_in,
  join,
  password,
  staff,
  house,
  sources,
  change_sources,
  home,
  segments,
  preview,
  members,
  sample,
  overlap,
  value,
  packaged,
  history,
  segment,
  keep,
  keep_file,
  switched,
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
  replay,
  effects,
  decisions,
  decisions_of,
  journeys,
  journey,
  waiting,
  journey_preview,
  journey_keep,
  journey_pause,
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
  approvals,
  audited,
  receipt,
  rotate,
  nowhere
};

/// A path of the console and the right that it takes: `suffix` empty and `prefix` whole, or a name between the two. The first
/// that fits is meant.
struct Route {
  Read read = Read::nowhere;
  Right right = Right::machine;
  std::string_view method, prefix, suffix = "";
  bool whole = false;

  bool is(std::string_view path) const {
    if (whole) return path == prefix;
    return between(path, prefix, suffix).has_value();
  }
};

constexpr bool whole = true;
constexpr auto routes = std::to_array<Route>({
    {Read::start, Right::anybody, "GET", "/start/"},
    {Read::owner_link, Right::machine, "POST", "/v1/owner_link", "", whole},
    {Read::session, Right::self, "GET", "/v1/session", "", whole},
    {Read::leave, Right::self, "DELETE", "/v1/session", "", whole},
    {Read::sign_in, Right::anybody, "POST", "/v1/session", "", whole},
    {Read::join, Right::anybody, "POST", "/v1/join", "", whole},
    {Read::password, Right::self, "POST", "/v1/password", "", whole},
    {Read::staff, Right::staff, "GET", "/v1/staff", "", whole},
    {Read::staff, Right::staff, "POST", "/v1/staff", "", whole},
    {Read::staff, Right::staff, "POST", "/v1/staff/", "/link"},
    {Read::staff, Right::staff, "POST", "/v1/staff/", "/unlock"},
    {Read::staff, Right::staff, "PATCH", "/v1/staff/"},
    {Read::house, Right::counts, "GET", "/v1/house", "", whole},
    {Read::sources, Right::counts, "GET", "/v1/sources", "", whole},
    {Read::change_sources, Right::sources, "POST", "/v1/sources", "", whole},
    {Read::sources, Right::counts, "GET", "/v1/sources/"},
    {Read::change_sources, Right::sources, "PATCH", "/v1/sources/"},
    {Read::change_sources, Right::sources, "POST", "/v1/sources/", "/keys"},
    {Read::change_sources, Right::sources, "DELETE", "/v1/sources/"},
    {Read::home, Right::counts, "GET", "/v1/home", "", whole},
    {Read::segments, Right::counts, "GET", "/v1/segments", "", whole},
    {Read::keep_file, Right::define, "PUT", "/v1/segments", "", whole},
    {Read::preview, Right::examples, "POST", "/v1/segments/preview", "", whole},
    {Read::members, Right::examples, "GET", "/v1/segments/", "/members"},
    {Read::sample, Right::examples, "GET", "/v1/segments/", "/sample"},
    {Read::overlap, Right::counts, "GET", "/v1/segments/", "/overlap"},
    {Read::value, Right::counts, "GET", "/v1/segments/", "/value"},
    {Read::switched, Right::counts, "GET", "/v1/backfill", "", whole},
    {Read::packaged, Right::counts, "GET", "/v1/packaged/segments", "", whole},
    {Read::history, Right::counts, "GET", "/v1/segments/", "/history"},
    {Read::versions, Right::counts, "GET", "/v1/segments/", "/versions"},
    {Read::undo, Right::define, "POST", "/v1/segments/", "/undo"},
    {Read::segment, Right::counts, "GET", "/v1/segments/"},
    {Read::keep, Right::define, "PUT", "/v1/segments/"},
    {Read::archive, Right::define, "DELETE", "/v1/segments/"},
    {Read::lifecycle, Right::counts, "GET", "/v1/lifecycle", "", whole},
    {Read::lifecycle, Right::counts, "GET", "/v1/lifecycle/"},
    {Read::set, Right::counts, "GET", "/v1/sets", "", whole},
    {Read::set_members, Right::examples, "GET", "/v1/sets/members", "", whole},
    {Read::regions, Right::counts, "GET", "/v1/sets/overlap", "", whole},
    {Read::members_out, Right::people, "POST", "/v1/sets/export", "", whole},
    {Read::passages, Right::people, "GET", "/v1/passages", "", whole},
    {Read::arrivals, Right::people, "GET", "/v1/arrivals", "", whole},
    {Read::search, Right::people, "POST", "/v1/arrivals/search", "", whole},
    {Read::profile, Right::person, "GET", "/v1/profiles/"},
    {Read::person, Right::person, "GET", "/v1/persons/", "/joins"},
    {Read::person, Right::identity, "POST", "/v1/persons/", "/split"},
    {Read::person, Right::identity, "POST", "/v1/persons/", "/merge"},
    {Read::person, Right::identity, "POST", "/v1/persons/", "/forget"},
    {Read::person, Right::rights, "POST", "/v1/persons/", "/guest_link"},
    {Read::requests, Right::rights, "GET", "/v1/requests", "", whole},
    {Read::requests, Right::rights, "POST", "/v1/requests", "", whole},
    {Read::requests, Right::rights, "POST", "/v1/requests/"},
    {Read::finder, Right::person, "POST", "/v1/find", "", whole},
    {Read::event, Right::person, "GET", "/v1/events/"},
    {Read::actions, Right::counts, "GET", "/v1/actions", "", whole},
    {Read::actions, Right::define, "POST", "/v1/destinations/", "/reopen"},
    {Read::replay, Right::define, "POST", "/v1/destinations/", "/replay"},
    {Read::effects, Right::person, "GET", "/v1/effects/"},
    {Read::decisions, Right::counts, "GET", "/v1/decisions", "", whole},
    {Read::decisions_of, Right::person, "GET", "/v1/decisions/of/"},
    {Read::journeys, Right::counts, "GET", "/v1/journeys", "", whole},
    {Read::led, Right::person, "GET", "/v1/journeys/of/"},
    {Read::waiting, Right::examples, "GET", "/v1/journeys/", "/waiting"},
    {Read::journey_preview, Right::examples, "POST", "/v1/journeys/preview", "", whole},
    {Read::journey, Right::counts, "GET", "/v1/journeys/"},
    {Read::journey_keep, Right::define, "PUT", "/v1/journeys/"},
    {Read::journey_pause, Right::define, "POST", "/v1/journeys/", "/pause"},
    {Read::journey_pause, Right::define, "POST", "/v1/journeys/", "/resume"},
    {Read::messages, Right::counts, "GET", "/v1/messages", "", whole},
    {Read::message_preview, Right::define, "POST", "/v1/messages/", "/preview"},
    {Read::message_test, Right::define, "POST", "/v1/messages/", "/test"},
    {Read::letters, Right::letters, "GET", "/v1/dead-letters", "", whole},
    {Read::resend, Right::letters, "POST", "/v1/dead-letters/resend", "", whole},
    {Read::discard, Right::letters, "POST", "/v1/dead-letters/discard", "", whole},
    {Read::letters, Right::letters, "GET", "/v1/dead-letters/"},
    {Read::campaigns, Right::counts, "GET", "/v1/campaigns", "", whole},
    {Read::campaigns, Right::define, "POST", "/v1/campaigns", "", whole},
    {Read::campaigns, Right::define, "POST", "/v1/campaigns/", "/test"},
    {Read::campaigns, Right::define, "POST", "/v1/campaigns/", "/ask"},
    {Read::campaigns, Right::define, "POST", "/v1/campaigns/", "/stop"},
    {Read::campaigns, Right::counts, "GET", "/v1/campaigns/"},
    {Read::approval, Right::anybody, "GET", "/approve/"},
    {Read::approval, Right::anybody, "POST", "/approve/"},
    {Read::insight, Right::counts, "GET", "/v1/insight", "", whole},
    {Read::insight, Right::counts, "GET", "/v1/insight/", "/plot"},
    {Read::insight, Right::counts, "GET", "/v1/insight/"},
    {Read::sql, Right::counts, "GET", "/v1/lake", "", whole},
    {Read::sql, Right::question, "POST", "/v1/sql", "", whole},
    {Read::sql, Right::counts, "GET", "/v1/jobs", "", whole},
    {Read::sql, Right::question, "POST", "/v1/jobs/"},
    {Read::sql, Right::question, "DELETE", "/v1/jobs/"},
    {Read::live, Right::people, "GET", "/v1/live", "", whole},
    {Read::counters, Right::counts, "GET", "/metrics", "", whole},
    {Read::approvals, Right::counts, "GET", "/v1/approvals", "", whole},
    {Read::approvals, Right::question, "POST", "/v1/approvals/", "/link"},
    {Read::approvals, Right::approve, "POST", "/v1/approvals/"},
    {Read::audited, Right::audit, "GET", "/v1/audit/log", "", whole},
    {Read::receipt, Right::audit, "GET", "/v1/receipts/"},
    {Read::rotate, Right::machine, "POST", "/v1/audit/rotate", "", whole},
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

const Route* route_of(const http::Request& request) {
  for (const Route* route : routes_of(request.path))
    if (route->method == request.method) return route;
  return nullptr;
}

Read read_of(const http::Request& request) {
  const Route* route = route_of(request);
  return route == nullptr ? Read::nowhere : route->read;
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

/// Of whom a role must say why it looks.
std::optional<Refused> check_reason(const Access::Session& session, Right right, const http::Request& request) {
  if (session.token || right != Right::person || !staff::says_why(session.role)) return std::nullopt;
  const auto reason = reason_of(request);
  if (reason) return std::nullopt;
  return Refused{403, "reason_needed", reason.error().message};
}

/// What stands between a request and its answer: person, path, method, right, page, reason. In this order, so that
/// a stranger learns of no path.
std::optional<http::Response> turned_away(const ConsoleDoors& doors, const http::Request& request) {
  const auto told = [](const std::optional<Refused>& no) -> std::optional<http::Response> {
    if (!no) return std::nullopt;
    return problem(no->status, no->code, no->message);
  };
  const Route* route = route_of(request);
  // Doors that are opened by a code or a password of their own.
  if (route != nullptr && route->right == Right::anybody) return std::nullopt;
  const auto found = routes_of(request.path);
  const bool known = !found.empty() && found.front()->read == Read::start;
  if (!known)
    if (auto no = told(doors.access.check_person(request, doors.clock.now()))) return no;
  if (found.empty()) return nowhere();
  if (route == nullptr) return wrong_method(request);
  const Access::Session session = doors.access.session(request);
  if (auto no = told(Access::check_right(session, route->right))) return no;
  if (auto no = told(check_reason(session, route->right, request))) return no;
  if (request.method == "GET") return std::nullopt;
  return told(doors.access.check_page(request));
}

/// Definitions, sources and letters that somebody changed, as one line of the audit log; the rest is told where it is
/// done.
void note_change(const ConsoleDoors& doors, const http::Request& request, const http::Response& out) {
  constexpr std::string_view root = "/v1/";
  const Route* route = route_of(request);
  if (route == nullptr || request.method == "GET" || out.status >= 300) return;
  if (route->right != Right::define && route->right != Right::sources && route->right != Right::letters) return;
  note_act(doors, request, {.act = "changed", .of = request.path.substr(root.size()), .what = request.method});
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
http::Response owner_link(const ConsoleDoors& doors) {
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
          [this](const http::Request& request) {
            http::Response out = answer(request);
            note_change(doors_, request, out);
            return out;
          }
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
      return owner_link(doors_);
    case Read::session:
      return read_session(doors_, request);
    case Read::leave:
      return leave(doors_, request);
    case Read::sign_in:
    case Read::join:
    case Read::password:
      return sign_in_alone(request);
    case Read::staff:
      return staff_accounts(doors_, request);
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
    case Read::switched:
      return read_switch(doors_);
    case Read::keep_file:
      return keep_file(doors_, request);
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
    case Read::value:
      return read_value(doors_, request);
    case Read::packaged:
      return read_packaged(request);
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
      return request.method == "POST" ? reopen_destination(doors_, request) : read_actions(doors_);
    case Read::replay:
      return replay_destination(doors_, request);
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
    case Read::journey_preview:
      return preview_journeys(doors_, request);
    case Read::journey_keep:
      return keep_journey(doors_, request);
    case Read::journey_pause:
      return pause_journey(doors_, request);
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
    case Read::approvals:
      return approvals(doors_, request);
    case Read::audited:
      return read_audit(doors_, request);
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

/// A hash takes a third of a second and 32 MB: one at a time, and the other thread stays free.
http::Response Console::sign_in_alone(const http::Request& request) {
  const std::unique_lock alone(hashing_, std::try_to_lock);
  if (!alone) return problem(503, "over_limit", "somebody else is signing in at this moment; try again");
  return sign_in(doors_, attempts_, request);
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
