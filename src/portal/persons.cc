// /v1/persons/{kind}:{value}/…: the joins of a person, and undoing them. docs/http_api.md.
#include <algorithm>

#include "catalog/kinds.h"
#include "portal/audit.h"
#include "portal/body.h"
#include "portal/joins.h"
#include "portal/json.h"
#include "portal/reads.h"
#include "portal/rights.h"

namespace hospes::portal {
namespace {

using Word = record::Ruled::Word;

constexpr std::size_t reason_bytes_max = 300;

struct Wish {
  std::optional<Identifier> of, with;
  bool as_guest = false, undo = false, commit = false;
  std::string reason;
};

Result<Wish> wish_of(const http::Request& request) {
  Wish out;
  for (const Field& f : TRY(read_object(request.body))) {
    if (f.name == "with" && f.text) {
      out.with = TRY(catalog::parse_identifier(f.value));
    } else if (f.name == "of" && f.text) {
      out.of = TRY(catalog::parse_identifier(f.value));
    } else if (f.name == "as" && (f.value == "guest" || f.value == "staff")) {
      out.as_guest = f.value == "guest";
    } else if (f.name == "reason" && f.text) {
      out.reason = f.value;
    } else if ((f.name == "undo" || f.name == "commit") &&
               (f.value == "true" || f.value == "false")) {
      (f.name == "undo" ? out.undo : out.commit) = f.value == "true";
    } else {
      return fail(
          Code::invalid_input, f.name +
                                   " is not understood here; send with and of (kind:value), as (staff or "
                                   "guest), reason, undo and commit (true or false)"
      );
    }
  }
  return out;
}

/// The atom that bears it now; not_found.
Result<Atom> bearer(const ConsoleDoors& doors, const Identifier& identifier) {
  const auto atom = TRY(doors.keys.find(identifier));
  if (!atom) return fail(Code::not_found, "nobody bears this identifier");
  return *atom;
}

/// `person:` and the hex id that other reads give, or an identifier.
Result<Atom> whom(const ConsoleDoors& doors, std::string_view who) {
  constexpr std::string_view person = "person:";
  if (!who.starts_with(person)) return bearer(doors, TRY(catalog::parse_identifier(who)));
  const auto id = atom_of(who.substr(person.size()));
  if (!id) return fail(Code::invalid_input, "a person's id is 32 hexadecimal digits");
  std::optional<Atom> found;
  find_atom(doors.node, *id, [&](const Place& place) {
    if (!place.atom.erased) found = place.atom.atom;
  });
  if (!found) return fail(Code::not_found, "nobody has this id");
  return *found;
}

std::uint8_t speaker(const http::Request& request) {
  return request.headers.has("Authorization") ? 1 : 0;
}

void note(const ConsoleDoors& doors, const http::Request& request, std::string_view what) {
  doors.diary.note(
      diary::Level::info, "portal.decided", "somebody decided who is who",
      {{"what", std::string(what)},
       {"by", std::string(speaker(request) == 1 ? "token" : "session")}}
  );
}

http::Response written(const Done& done, std::string_view people) {
  Object out;
  out.truth("committed", true).truth("pending", !done.applied).raw("people", people);
  if (!done.receipt.empty()) out.raw("receipt", done.receipt);
  return http::json(200, out.done() + "\n");
}

struct Drawn {
  std::vector<record::Ruled> rulings;
  std::string before, after;
};

http::Response commit(
    const ConsoleDoors& doors, const http::Request& request, const Atom& of, Drawn drawn
) {
  note(doors, request, "rulings");
  note_act(doors, request, {.act = "rulings", .of = to_hex(of.id)});
  const bool guests = std::ranges::any_of(drawn.rulings, [](const record::Ruled& r) {
    return r.word == Word::part || r.word == Word::unpart;
  });
  const auto done =
      rule(doors, of.id, std::move(drawn.rulings), guests ? by_guest : speaker(request));
  if (!done) return problem(done.error());
  std::string people = drawn.after;
  find_atom(doors.node, of.id, [&](const Place& place) {
    people = people_after(doors, place, {});
  });
  return written(*done, people);
}

http::Response split(
    const ConsoleDoors& doors, const http::Request& request, const Atom& of, const Wish& wish
) {
  Undoing undoing{.of = of.id, .with = {}};
  if (wish.with) {
    const auto other = bearer(doors, *wish.with);
    if (!other) return problem(other.error());
    undoing.with = other->id;
  }
  undoing.word = wish.as_guest ? (wish.undo ? Word::unpart : Word::part)
                               : (wish.undo ? Word::uncut : Word::cut);
  Drawn drawn;
  find_atom(doors.node, of.id, [&](const Place& place) {
    drawn.rulings = rulings_for(place, undoing);
    drawn.before = people_after(doors, place, {});
    drawn.after = people_after(doors, place, drawn.rulings);
  });
  if (drawn.rulings.empty())
    return problem(422, "invalid_input", "nothing joins these two; /joins lists what does");
  if (wish.commit) return commit(doors, request, of, std::move(drawn));
  return http::json(
      200, Object()
                   .truth("committed", false)
                   .raw("before", drawn.before)
                   .raw("after", drawn.after)
                   .number("edges", drawn.rulings.size())
                   .done() +
               "\n"
  );
}

/// One end must have said yes to `link`, and none no.
bool may_join(const ConsoleDoors& doors, AtomId a, AtomId b) {
  bool yes = false;
  bool no = false;
  for (const AtomId id : {a, b}) {
    find_atom(doors.node, id, [&](const Place& place) {
      const consent::Standing* s = place.atom.ledger.standing(doors.node.house().link);
      if (s == nullptr) return;
      yes = yes || s->yes_over(place.state.clock, place.state.clock);
      no = no || consent::is_against(s->state);
    });
  }
  return yes && !no;
}

http::Response merge(
    const ConsoleDoors& doors, const http::Request& request, const Atom& of, const Wish& wish
) {
  if (!wish.with) return problem(422, "invalid_input", "say with whom, as with: \"kind:value\"");
  const auto other = bearer(doors, *wish.with);
  if (!other) return problem(other.error());
  if (other->id == of.id) return problem(422, "invalid_input", "these are one identifier already");
  if (!may_join(doors, of.id, other->id))
    return problem(
        409, "conflict",
        "neither identifier has a yes to link in force, or one has a no: staff cannot speak for "
        "them; record their answer at /v1/consent first"
    );
  record::Ruled r{.a = of, .b = *other};
  if (r.b.id < r.a.id) std::swap(r.a, r.b);
  Drawn drawn;
  r.word = Word::uncut;
  drawn.rulings.push_back(r);
  r.word = Word::vouch;
  drawn.rulings.push_back(r);
  if (!wish.commit)
    return http::json(200, Object().truth("committed", false).truth("allowed", true).done() + "\n");
  return commit(doors, request, of, std::move(drawn));
}

http::Response forget(
    const ConsoleDoors& doors, const http::Request& request, const Atom& of, const Wish& wish
) {
  if (wish.commit) {
    note(doors, request, "forget");
    note_act(doors, request, {.act = "forget", .of = to_hex(of.id)});
    const auto done = erase(doors, of, speaker(request) == 1 ? "token" : "session");
    return done ? written(*done, "[]") : problem(done.error());
  }
  std::string before = "[]";
  find_atom(doors.node, of.id, [&](const Place& place) { before = people_after(doors, place, {}); });
  return http::json(
      200, Object()
                   .truth("committed", false)
                   .raw("before", before)
                   .number("events_erased", events_of(doors, of.id))
                   .done() +
               "\n"
  );
}

/// A link by which the person comes in to their own pages. Who makes it could use it: so it needs a
/// reason, and the person reads both.
http::Response guest_link(
    const ConsoleDoors& doors, const http::Request& request, const Atom& of, const Wish& wish
) {
  const catalog::Kind* kind = catalog::find_kind(of.kind);
  if (kind == nullptr || kind->is_device)
    return problem(422, "invalid_input", "a device lets nobody in: name a user id, an address, a number or a card");
  if (wish.reason.find_first_not_of(' ') == std::string::npos || wish.reason.size() > reason_bytes_max)
    return problem(422, "invalid_input", "say why, as reason: at most 300 bytes, which the person reads");
  if (!doors.guest_link) return problem(404, "not_found", "this house has no guest book");
  const std::string by = speaker(request) == 1 ? "token" : "session";
  if (const Status told = tell_look(doors, {of.id, doors.clock.now(), "guest_link", seen_as(doors, request), wish.reason}); !told)
    return problem(told.error());
  note_act(doors, request, {.act = "guest_link", .of = to_hex(of.id)});
  const GuestLink link = doors.guest_link(of, by);
  return http::json(
      200, Object().text("path", link.path).text("until", to_string(link.until)).done() + "\n"
  );
}

}  // namespace

http::Response persons(const ConsoleDoors& doors, const http::Request& request) {
  constexpr std::string_view root = "/v1/persons/";
  const std::string_view rest = std::string_view(request.path).substr(root.size());
  const auto slash = rest.rfind('/');
  const std::string_view what = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  const auto of = whom(doors, rest.substr(0, slash));
  if (!of) return problem(of.error());
  if (what == "joins") {
    look_at(doors, request, of->id, "joins");
    http::Response out = problem(404, "not_found", "nobody ever sent an event of this identifier");
    find_atom(doors.node, of->id, [&](const Place& place) {
      out = http::json(200, joins_of(doors, place));
    });
    return out;
  }
  const auto wish = wish_of(request);
  if (!wish) return problem(422, "invalid_input", wish.error().message);
  if (what == "split") {
    const auto end = wish->of ? bearer(doors, *wish->of) : of;
    return end ? split(doors, request, *end, *wish) : problem(end.error());
  }
  if (what == "merge") return merge(doors, request, *of, *wish);
  if (what == "guest_link") return guest_link(doors, request, *of, *wish);
  return forget(doors, request, *of, *wish);
}

}  // namespace hospes::portal
