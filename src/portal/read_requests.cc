// /v1/requests: exercised rights with their clocks, begun and answered by staff with a reason that
// the person reads. docs/rights.md, docs/http_api.md.
#include <algorithm>
#include <charconv>

#include "catalog/kinds.h"
#include "portal/audit.h"
#include "portal/body.h"
#include "portal/json.h"
#include "portal/reads.h"
#include "portal/requests.h"

namespace hospes::portal {
namespace {

using rights::State;

constexpr std::size_t listed_max = 1'000;

rights::By speaker(const http::Request& request) {
  return request.headers.has("Authorization") ? rights::By::token : rights::By::session;
}

std::string hex_of(Hash128 id) { return to_hex(AtomId{id.hi, id.lo}); }

std::string json_of(const rights::Request& r, std::string_view who, Instant now) {
  const rights::RightRow& row = rights::row_of(r.right);
  Object out;
  out.text("id", hex_of(r.id))
      .text("who", who)
      .text("right", row.name)
      .number("article", row.article)
      .text("state", to_string(r.state))
      .text("by", to_string(r.by))
      .text("made", to_string(r.made))
      .text("changed", to_string(r.changed))
      .text("deadline", to_string(r.deadline))
      .truth("late", rights::is_open(r.state) && r.ends == Instant::never() && r.deadline < now);
  if (r.ends != Instant::never()) out.text("ends", to_string(r.ends));
  if (!r.what.empty()) out.text("what", r.what);
  if (!r.reason.empty()) out.text("reason", r.reason);
  return out.done();
}

struct Listed {
  rights::Request request;
  AtomId atom;
};

http::Response list(const ConsoleDoors& doors, const http::Request& request) {
  const auto wanted = request.query_value("state");
  std::vector<Listed> found;
  walk_atoms(doors.node, [&](const Place& place) {
    for (const rights::Request& r : place.atom.requests) {
      if (wanted && to_string(r.state) != *wanted) continue;
      const auto known = std::ranges::find(found, r.id, [](const Listed& l) { return l.request.id; });
      if (known == found.end()) found.push_back({r, place.atom.atom.id});
    }
    return found.size() < listed_max;
  });
  const Instant now = doors.clock.now();
  std::ranges::sort(found, [](const Listed& a, const Listed& b) {
    const auto place = [](const rights::Request& r) {
      const bool open = rights::is_open(r.state);
      return std::tuple(!open, open ? r.deadline.us : -r.changed.us, r.id);
    };
    return place(a.request) < place(b.request);
  });
  List rows;
  for (const Listed& l : found) rows.add(json_of(l.request, name_of(l.atom, doors.keys), now));
  return http::json(200, Object().raw("requests", rows.done()).done() + "\n");
}

struct Body {
  std::string who, right, state, what, value, reason;
  std::optional<std::int64_t> hours;
};

Result<Body> body_of(const http::Request& request) {
  Body out;
  for (const Field& f : TRY(read_object(request.body))) {
    std::string* text = f.name == "who"      ? &out.who
                        : f.name == "right"  ? &out.right
                        : f.name == "state"  ? &out.state
                        : f.name == "what"   ? &out.what
                        : f.name == "value"  ? &out.value
                        : f.name == "reason" ? &out.reason
                                             : nullptr;
    if (text != nullptr && f.text) {
      *text = f.value;
      continue;
    }
    std::int64_t hours = 0;
    const char* const end = f.value.data() + f.value.size();
    if (f.name != "hours" || std::from_chars(f.value.data(), end, hours).ptr != end || hours < 0)
      return fail(
          Code::invalid_input,
          f.name + " is not understood here; send who (kind:value), right or state, what, value, "
                   "reason as text, hours as a number"
      );
    out.hours = hours;
  }
  return out;
}

Result<Atom> atom_of_body(const ConsoleDoors& doors, const Body& body) {
  const auto id = TRY(atom_asked(doors, body.who));
  std::optional<Atom> found;
  if (id)
    find_atom(doors.node, *id, [&](const Place& place) {
      if (!place.atom.erased) found = place.atom.atom;
    });
  if (!found) return fail(Code::not_found, "nobody bears this identifier");
  return *found;
}

http::Response told(const ConsoleDoors& doors, const Atom& atom, const Requested& done, int status) {
  Object out;
  out.raw("request", json_of(done.request, name_of(atom.id, doors.keys), doors.clock.now()));
  const auto receipt = done.leaf ? doors.receipts.receipt_at(*done.leaf) : Result<std::string>("");
  out.raw("receipt", receipt && !receipt->empty() ? *receipt : "null");
  if (!done.cancel.empty()) out.text("cancel", done.cancel);
  const bool by_the_person = done.request.right == rights::Right::access ||
                             done.request.right == rights::Right::portability;
  const bool begun = status == 201;  // a later link would void the one they hold
  if (begun && by_the_person && rights::is_open(done.request.state) && doors.guest_link) {
    const GuestLink link = doors.guest_link(atom, to_string(done.request.by));
    out.text("guest_link", link.path).text("until", to_string(link.until));
  }
  return http::json(status, out.done() + "\n");
}

http::Response begin(const ConsoleDoors& doors, const http::Request& request, const Body& body) {
  const auto right = rights::find(body.right);
  if (!right)
    return problem(
        422, "invalid_input",
        "right is one of access, correction, erasure, restriction, portability, objection, withdrawal"
    );
  const auto atom = atom_of_body(doors, body);
  if (!atom) return problem(atom.error());
  const catalog::Kind* kind = catalog::find_kind(atom->kind);
  if (kind == nullptr || kind->is_device)
    return problem(
        422, "invalid_input",
        "a device exercises no right: name a user id, an address, a number or a card"
    );
  Wanted wanted{.right = *right, .what = body.what, .value = body.value, .reason = body.reason,
                .by = speaker(request), .role = seen_as(doors, request)};
  if (body.hours) {
    if (*body.hours > 72) return problem(422, "invalid_input", "an erasure counts down 72 hours at most");
    wanted.countdown = std::chrono::hours(*body.hours);
  }
  const auto done = portal::request(doors, *atom, wanted);
  if (done) note_act(doors, request, {.act = "request_made", .of = to_hex(atom->id), .what = body.right});
  if (!done && done.error().code == Code::invalid_input)
    return problem(422, "invalid_input", done.error().message);
  if (!done) return problem(done.error());
  doors.diary.note(
      diary::Level::info, "portal.requested", "staff recorded a right for who wrote or called",
      {{"right", std::string(body.right)}, {"by", std::string(to_string(wanted.by))}}
  );
  return told(doors, *atom, *done, 201);
}

std::optional<State> state_of(std::string_view text) {
  for (const State s : {State::extended, State::fulfilled, State::denied, State::revoked})
    if (to_string(s) == text) return s;
  return std::nullopt;
}

http::Response answer(
    const ConsoleDoors& doors, const http::Request& request, std::string_view id, const Body& body
) {
  const auto hash = atom_of(id);
  const auto state = state_of(body.state);
  if (!hash) return problem(404, "not_found", "a request's id is 32 hexadecimal digits");
  if (!state)
    return problem(422, "invalid_input", "state is one of extended, fulfilled, denied");
  const auto atom = atom_of_body(doors, body);
  if (!atom) return problem(atom.error());
  const auto done = say(doors, atom->id, {hash->hi, hash->lo}, *state, speaker(request), body.reason, seen_as(doors, request));
  if (done) note_act(doors, request, {.act = "request_answered", .of = to_hex(atom->id), .what = body.state});
  return done ? told(doors, *atom, *done, 200) : problem(done.error());
}

}  // namespace

http::Response requests(const ConsoleDoors& doors, const http::Request& request) {
  if (request.method == "GET") return list(doors, request);
  const auto body = body_of(request);
  if (!body) return problem(422, "invalid_input", body.error().message);
  if (const auto id = between(request.path, "/v1/requests/", "")) return answer(doors, request, *id, *body);
  return begin(doors, request, *body);
}

}  // namespace hospes::portal
