#include "portal/second.h"

#include <fmt/format.h>

#include <algorithm>

#include "digest/digest.h"
#include "portal/audit.h"
#include "portal/body.h"
#include "portal/campaign_routes.h"
#include "portal/json.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

std::string approval_json(const staff::Approval& a, Instant now) {
  const bool late = a.ends <= now && a.state != staff::Approval::State::used;
  return Object()
      .text("id", a.id)
      .text("kind", a.wanted.kind)
      .text("what", a.wanted.what)
      .number("people", a.wanted.people)
      .text("state", late && !(a.state == staff::Approval::State::refused) ? "over" : to_string(a.state))
      .text("by", a.wanted.by)
      .text("asked", to_string(a.asked))
      .text("until", to_string(a.ends))
      .raw("answered_by", a.answered_by.empty() ? "null" : json_text(a.answered_by))
      .raw("answered", a.answered ? json_text(to_string(*a.answered)) : "null")
      .done();
}

Result<http::Response> answered(const ConsoleDoors& doors, const http::Request& request, std::string_view id) {
  std::optional<bool> yes;
  for (const Field& f : TRY(read_object(request.body)))
    if (f.name == "yes" && (f.value == "true" || f.value == "false")) yes = f.value == "true";
  if (!yes) return fail(Code::invalid_input, R"(send {"yes": true} or {"yes": false})");
  const Instant now = doors.clock.now();
  const auto a = TRY(doors.access.approvals().answer(id, person_behind(doors, request), *yes, now));
  note_act(doors, request, {.act = *yes ? "approved" : "refused", .of = a.id, .what = a.wanted.kind});
  if (*yes && a.wanted.kind == "campaign") {
    if (doors.campaigns == nullptr) return fail(Code::not_found, "this house keeps no campaigns");
    TRY(approve_campaign(doors, a.wanted.what, a.wanted.exactly, person_behind(doors, request)));
    TRY(doors.access.approvals().take(a.wanted, now));
  }
  return http::json(200, approval_json(a, now) + "\n");
}

/// Only where nobody else could say yes: it would be a way around them.
Result<http::Response> linked(const ConsoleDoors& doors, const http::Request& request, std::string_view id) {
  const Instant now = doors.clock.now();
  const std::string by = person_behind(doors, request);
  if (somebody_else(doors, by))
    return fail(
        Code::conflict, "another account can say yes, so no link is made: they find it under Staff in the console"
    );
  const std::string code = TRY(doors.access.approvals().new_link(id, now));
  note_act(doors, request, {.act = "approval_link", .of = std::string(id)});
  http::Response out = http::json(
      200, Object().text("path", "/approve/" + code).text("until", to_string(now + staff::approval_good_for)).done() + "\n"
  );
  out.headers.add("Cache-Control", "no-store");
  return out;
}

Result<http::Response> of_approvals(const ConsoleDoors& doors, const http::Request& request) {
  constexpr std::string_view root = "/v1/approvals/";
  if (request.method == "GET") {
    List out;
    for (const staff::Approval& a : doors.access.approvals().all()) out.add(approval_json(a, doors.clock.now()));
    return http::json(200, Object().raw("approvals", out.done()).done() + "\n");
  }
  if (const auto id = between(request.path, root, "/link")) return linked(doors, request, *id);
  return answered(doors, request, std::string_view(request.path).substr(root.size()));
}

}  // namespace

std::string person_behind(const ConsoleDoors& doors, const http::Request& request) {
  const Access::Session session = doors.access.session(request);
  return session.token ? std::string(owner_name) : session.account;
}

bool somebody_else(const ConsoleDoors& doors, std::string_view by) {
  if (by != owner_name) return true;  // the owner, by link
  return std::ranges::any_of(doors.access.accounts().all(), [&](const staff::Account& a) {
    return a.on && a.has_password && a.name != by && staff::may(a.role, staff::Right::approve);
  });
}

std::optional<http::Response> second_person(
    const ConsoleDoors& doors, const http::Request& request, const Grave& grave
) {
  const auto note = [&](std::string_view act, const std::string& of) {
    note_act(doors, request, {.act = std::string(act), .of = of, .what = fmt::format("{} ({} people)", grave.what, grave.people)});
  };
  const Instant now = doors.clock.now();
  if (grave.kind == "export" && grave.people <= people_alone_max &&
      doors.access.approvals().alone(person_behind(doors, request), grave.people, now) <= people_alone_a_day_max) {
    note(grave.kind, "");
    return std::nullopt;
  }
  const staff::Wanted wanted{
      .kind = grave.kind, .what = grave.what, .exactly = hex(view_of(sha256(grave.exactly))),
      .people = grave.people, .by = person_behind(doors, request)};
  const auto given = doors.access.approvals().take(wanted, now);
  if (!given) return problem(given.error());
  if (*given) {
    note(grave.kind, (*given)->id);
    return std::nullopt;
  }
  const auto waits = doors.access.approvals().ask(wanted, now);
  if (!waits) return problem(waits.error());
  note("approval_asked", waits->id);
  const bool others = somebody_else(doors, wanted.by);
  return problem(
      409, problem_fields(
               409, "second_person_needed",
               fmt::format(
                   "this takes the yes of a second person ({}): {}. Once it is given, ask again within a day",
                   grave.kind == "export" ? "more than 1,000 people leave the house, or more than 10,000 in a day" : "it changes the rules of the house",
                   others ? "an owner or privacy officer finds it under Staff in the console"
                          : "nobody else has an account here that may: make one (hospes staff add), or give somebody "
                            "the link of hospes approval link " + waits->id
               )
           ).raw("approval", approval_json(*waits, now))
  );
}

http::Response approvals(const ConsoleDoors& doors, const http::Request& request) {
  auto out = of_approvals(doors, request);
  return out ? std::move(*out) : problem(out.error());
}

}  // namespace hospes::portal
