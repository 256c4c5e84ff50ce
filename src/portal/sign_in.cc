#include "portal/sign_in.h"

#include "http/address.h"
#include "portal/audit.h"
#include "portal/body.h"
#include "portal/json.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

/// What a form says; each is one line of text.
struct Said {
  std::string name, password, old, code;
};

Result<Said> said_in(const http::Request& request) {
  Said out;
  for (const Field& f : TRY(read_object(request.body))) {
    if (!f.text) return fail(Code::invalid_input, f.name + " is a text");
    if (f.name == "name") out.name = f.value;
    else if (f.name == "password") out.password = f.value;
    else if (f.name == "old") out.old = f.value;
    else if (f.name == "code") out.code = f.value;
    else return fail(Code::invalid_input, f.name + " is not understood here; send name, password, old or code");
  }
  return out;
}

/// A wrong name, password or code: 401, and not told apart. A lock: 429 with the seconds until it ends.
http::Response refused(const Error& error) {
  if (error.code == Code::not_found) return problem(401, "not_known", error.message);
  if (error.code == Code::over_limit) return problem(429, "locked", error.message);
  return problem(error);
}

std::string account_json(const staff::Account& a) {
  const auto moment = [](const std::optional<Instant>& at) { return at ? json_text(to_string(*at)) : "null"; };
  return Object()
      .text("name", a.name)
      .text("called", a.called)
      .text("role", staff::row_of(a.role).name)
      .truth("on", a.on)
      .text("since", to_string(a.since))
      .truth("has_password", a.has_password)
      .raw("link_until", moment(a.link_ends))
      .raw("locked_until", moment(a.locked_until))
      .done();
}

Result<http::Response> welcomed(const ConsoleDoors& doors, const staff::Account& account) {
  const std::string cookie = TRY(doors.access.begin_session(account.name, doors.clock.now()));
  http::Response out = http::json(200, account_json(account) + "\n");
  out.headers.add("Set-Cookie", cookie);
  return out;
}

Result<http::Response> by_password(const ConsoleDoors& doors, const Said& said) {
  const Instant now = doors.clock.now();
  auto account = doors.access.accounts().sign_in(said.name, said.password, now, [&](Instant until) {
    doors.diary.note(
        diary::Level::warn, "staff.locked", "too many wrong passwords", {{"account", said.name}, {"until", to_string(until)}}
    );
    note_act(doors, {.account = said.name, .role = "", .act = "locked", .of = said.name, .what = to_string(until)});
  });
  if (!account) return refused(account.error());
  note_act(
      doors, {.account = account->name, .role = std::string(staff::row_of(account->role).name), .act = "signed_in"}
  );
  return welcomed(doors, *account);
}

Result<http::Response> by_link(const ConsoleDoors& doors, const Said& said) {
  const Instant now = doors.clock.now();
  if (said.password.empty()) {
    const auto who = doors.access.accounts().invited(said.code, now);
    if (!who) return problem(401, "not_known", "this link was used, or is older than a day: ask an owner for another");
    return http::json(200, account_json(*who) + "\n");
  }
  const auto account = doors.access.accounts().join(said.code, said.password, now);
  if (!account) return refused(account.error());
  TRY(doors.access.end_sessions(account->name));
  note_act(
      doors,
      {.account = account->name, .role = std::string(staff::row_of(account->role).name), .act = "password_chosen"}
  );
  return welcomed(doors, *account);
}

Result<http::Response> another_password(
    const ConsoleDoors& doors, const http::Request& request, const Said& said
) {
  const Access::Session session = doors.access.session(request);
  if (!doors.access.accounts().find(session.account))
    return fail(Code::invalid_input, "the owner comes in by link and has no password: make an account for yourself");
  const Status done = doors.access.accounts().change_password(session.account, said.old, said.password, doors.clock.now());
  if (!done) return refused(done.error());
  TRY(doors.access.end_sessions(session.account, &request));
  note_act(doors, request, {.act = "password_changed", .of = session.account});
  return http::Response{204, {}, ""};
}

Result<http::Response> let_in(const ConsoleDoors& doors, const http::Request& request) {
  const Said said = TRY(said_in(request));
  if (request.path == "/v1/session") return by_password(doors, said);
  if (request.path == "/v1/join") return by_link(doors, said);
  return another_password(doors, request, said);
}

/// With the link by which its person comes in, made a moment ago.
http::Response with_link(const ConsoleDoors& doors, int status, std::string_view name, const std::string& code) {
  const auto account = doors.access.accounts().find(name);
  http::Response out = http::json(
      status, Object().raw("account", account_json(*account)).text("path", "/join/" + code).done() + "\n"
  );
  out.headers.add("Cache-Control", "no-store");
  return out;
}

struct Wanted {
  staff::Account account;
  staff::Accounts::Change change;
};

Result<Wanted> wanted_in(const http::Request& request) {
  Wanted out;
  for (const Field& f : TRY(read_object(request.body))) {
    if (f.name == "name" && f.text) {
      out.account.name = f.value;
    } else if (f.name == "called" && f.text) {
      out.account.called = f.value;
      out.change.called = f.value;
    } else if (f.name == "role" && f.text) {
      const auto role = staff::find_role(f.value);
      if (!role) return fail(Code::invalid_input, "a role is one of: " + staff::role_names());
      out.account.role = *role;
      out.change.role = *role;
    } else if (f.name == "on" && (f.value == "true" || f.value == "false")) {
      out.change.on = f.value == "true";
    } else {
      return fail(Code::invalid_input, f.name + " is not understood here; send name, called, role, and on (true or false)");
    }
  }
  return out;
}

Result<http::Response> added(const ConsoleDoors& doors, const http::Request& request) {
  const Wanted wanted = TRY(wanted_in(request));
  if (!wanted.change.role) return fail(Code::invalid_input, "say the role, one of: " + staff::role_names());
  const std::string code = TRY(doors.access.accounts().add(wanted.account, doors.clock.now()));
  note_act(
      doors, request,
      {.act = "account_made", .of = wanted.account.name, .what = std::string(staff::row_of(wanted.account.role).name)}
  );
  return with_link(doors, 201, wanted.account.name, code);
}

Result<http::Response> changed(const ConsoleDoors& doors, const http::Request& request, std::string_view name) {
  const Wanted wanted = TRY(wanted_in(request));
  const auto account = TRY(doors.access.accounts().change(name, wanted.change));
  if (!account.on) TRY(doors.access.end_sessions(name));
  std::string what;
  if (wanted.change.role) what = staff::row_of(account.role).name;
  if (wanted.change.on) what += std::string(what.empty() ? "" : ", ") + (account.on ? "on" : "off");
  note_act(doors, request, {.act = "account_changed", .of = account.name, .what = what});
  return http::json(200, account_json(account) + "\n");
}

Result<http::Response> of_accounts(const ConsoleDoors& doors, const http::Request& request) {
  constexpr std::string_view root = "/v1/staff/";
  staff::Accounts& accounts = doors.access.accounts();
  if (request.method == "GET") {
    List out;
    for (const staff::Account& a : accounts.all()) out.add(account_json(a));
    return http::json(200, Object().raw("accounts", out.done()).done() + "\n");
  }
  if (request.path == "/v1/staff") return added(doors, request);
  if (request.method == "PATCH") return changed(doors, request, std::string_view(request.path).substr(root.size()));
  if (const auto name = between(request.path, root, "/unlock")) {
    TRY(accounts.unlock(*name));
    note_act(doors, request, {.act = "unlocked", .of = std::string(*name)});
    return http::json(200, account_json(*accounts.find(*name)) + "\n");
  }
  const std::string name(*between(request.path, root, "/link"));
  const std::string code = TRY(accounts.new_link(name, doors.clock.now()));
  note_act(doors, request, {.act = "link_made", .of = name});
  return with_link(doors, 200, name, code);
}

}  // namespace

http::Response sign_in(const ConsoleDoors& doors, Attempts& attempts, const http::Request& request) {
  if (!http::from_our_page(request))
    return problem(403, "page_unproved", "a password is taken from a page of the console only, of the same origin");
  const std::string_view from = http::is_loopback(request.remote) ? std::string_view() : request.remote;
  if (!attempts.take(from, doors.clock.now()))
    return problem(429, "over_limit", "too many tries in one minute: wait a minute");
  auto out = let_in(doors, request);
  return out ? std::move(*out) : problem(out.error());
}

http::Response staff_accounts(const ConsoleDoors& doors, const http::Request& request) {
  auto out = of_accounts(doors, request);
  return out ? std::move(*out) : problem(out.error());
}

}  // namespace hospes::portal
