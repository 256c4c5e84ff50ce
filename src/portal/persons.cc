// /v1/persons/{kind}:{value}/…: the joins of a person, and undoing them. docs/http_api.md.
#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <thread>

#include "catalog/kinds.h"
#include "collect/hash.h"
#include "flow/cold.h"
#include "flow/evidence.h"
#include "portal/body.h"
#include "portal/joins.h"
#include "portal/json.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

using Word = record::Ruled::Word;

constexpr auto applied_within = std::chrono::seconds(2);  // then the answer says `pending`

struct Wish {
  std::optional<Identifier> with;
  bool as_guest = false, undo = false, commit = false;
};

Result<Wish> wish_of(const http::Request& request) {
  Wish out;
  for (const Field& f : TRY(read_object(request.body))) {
    if (f.name == "with" && f.text) {
      out.with = TRY(catalog::parse_identifier(f.value));
    } else if (f.name == "as" && (f.value == "guest" || f.value == "staff")) {
      out.as_guest = f.value == "guest";
    } else if ((f.name == "undo" || f.name == "commit") &&
               (f.value == "true" || f.value == "false")) {
      (f.name == "undo" ? out.undo : out.commit) = f.value == "true";
    } else {
      return fail(
          Code::invalid_input, f.name +
                                   " is not understood here; send with (kind:value), as (staff or "
                                   "guest), undo and commit (true or false)"
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

Status write(const ConsoleDoors& doors, std::vector<node::Node::Addressed> records) {
  std::promise<Status> durable;
  auto known = durable.get_future();
  TRY(doors.node.append(std::move(records), [&](Status s) { durable.set_value(std::move(s)); }));
  return known.get();
}

/// Until `holds` where the atom lives; false after two seconds.
bool wait_until(
    const ConsoleDoors& doors, AtomId atom, const std::function<bool(const Place&)>& holds
) {
  const auto end = std::chrono::steady_clock::now() + applied_within;
  for (;;) {
    bool yes = false;
    find_atom(doors.node, atom, [&](const Place& place) { yes = holds(place); });
    if (yes || std::chrono::steady_clock::now() > end) return yes;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

std::uint8_t speaker(const http::Request& request) {
  return request.headers.has("Authorization") ? 1 : 0;
}

Hash128 message_of(const ConsoleDoors& doors, std::string_view what, AtomId a, AtomId b, Instant now) {
  return collect::message_hash(
      doors.keys.house_secret(), "console",
      std::string(what) + to_hex(a) + to_hex(b) + std::to_string(now.us)
  );
}

void note(const ConsoleDoors& doors, const http::Request& request, std::string_view what) {
  doors.diary.note(
      diary::Level::info, "portal.decided", "somebody decided who is who",
      {{"what", std::string(what)},
       {"by", std::string(speaker(request) == 1 ? "token" : "session")}}
  );
}

http::Response written(const Status& status, std::string_view people, bool applied) {
  if (!status) return problem(status.error());
  return http::json(
      200, Object()
                   .truth("committed", true)
                   .truth("pending", !applied)
                   .raw("people", people)
                   .done() +
               "\n"
  );
}

struct Drawn {
  std::vector<record::Ruled> rulings;
  std::string before, after;
};

http::Response commit(
    const ConsoleDoors& doors, const http::Request& request, const Atom& of, Drawn drawn
) {
  const Instant now = doors.clock.now();
  std::vector<node::Node::Addressed> records;
  for (record::Ruled& r : drawn.rulings) {
    r.by = r.word == Word::part || r.word == Word::unpart ? 2 : speaker(request);
    r.message =
        message_of(doors, std::to_string(static_cast<int>(r.word)), r.a.id, r.b.id, now);
    records.push_back(
        {doors.node.lane_of(r.a.id),
         std::make_shared<const record::Record>(record::Record{
             .stamp = now, .origin = {}, .to = {}, .body = r})}
    );
  }
  note(doors, request, "rulings");
  const Status durable = write(doors, std::move(records));
  const bool applied = durable && wait_until(doors, of.id, [&](const Place& place) {
    return std::ranges::all_of(drawn.rulings, [&](const record::Ruled& r) {
      return r.word == Word::vouch ||
             std::ranges::any_of(place.component.rulings, [&](const flow::Ruling& known) {
               return known.a == r.a.id && known.b == r.b.id && known.word == r.word &&
                      known.acted >= now;
             });
    });
  });
  std::string people = drawn.after;
  find_atom(doors.node, of.id, [&](const Place& place) {
    people = people_after(doors, place, {});
  });
  return written(durable, people, applied);
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

/// Enters what was done into the transparency log. Should we stop before, the next start does.
Result<std::string> receipt_of(const ConsoleDoors& doors, const receipt::Erasure& erasure) {
  std::vector<receipt::Sealed> entries;
  entries.push_back(TRY(doors.notary.erased(erasure)));
  std::promise<Status> durable;
  TRY(doors.receipts.append(std::move(entries), [&](Status s) {
    durable.set_value(std::move(s));
  }));
  TRY(durable.get_future().get());
  return doors.receipts.receipt(doors.notary.message_of_erasure(erasure.atom));
}

http::Response forget(
    const ConsoleDoors& doors, const http::Request& request, const Atom& of, const Wish& wish
) {
  record::Forgotten f{.atom = of, .edges = {}};
  std::string before = "[]";
  std::size_t events = 0;
  find_atom(doors.node, of.id, [&](const Place& place) {
    f.edges = flow::edges_to_keep(
        place.component, of.id, doors.node.house().link, place.state.clock
    );
    before = people_after(doors, place, {});
    events = flow::timeline_of(place.state, place.component, place.atom).size();
  });
  if (!wish.commit)
    return http::json(
        200, Object()
                     .truth("committed", false)
                     .raw("before", before)
                     .number("events_erased", events)
                     .done() +
                 "\n"
    );
  const Instant now = doors.clock.now();
  f.message = message_of(doors, "forget", of.id, of.id, now);
  note(doors, request, "forget");
  // The record first: should we stop in between, the next start destroys the key.
  Status done = write(
      doors, {{doors.node.lane_of(of.id), std::make_shared<const record::Record>(record::Record{
                                              .stamp = now, .origin = {}, .to = {}, .body = f})}}
  );
  const bool applied = done && wait_until(doors, of.id, [](const Place& place) {
    return place.atom.erased;
  });
  if (done) done = doors.keys.destroy(of.id);
  if (!done) return problem(done.error());
  const auto receipt = receipt_of(
      doors, {.atom = of.id, .at = now, .by = speaker(request) == 1 ? "token" : "session", .events = events}
  );
  if (!receipt) return problem(receipt.error());
  return http::json(
      200, Object()
                   .truth("committed", true)
                   .truth("pending", !applied)
                   .raw("people", "[]")
                   .raw("receipt", *receipt)
                   .done() +
               "\n"
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
    http::Response out = problem(404, "not_found", "nobody ever sent an event of this identifier");
    find_atom(doors.node, of->id, [&](const Place& place) {
      out = http::json(200, joins_of(doors, place));
    });
    return out;
  }
  const auto wish = wish_of(request);
  if (!wish) return problem(422, "invalid_input", wish.error().message);
  if (what == "split") return split(doors, request, *of, *wish);
  if (what == "merge") return merge(doors, request, *of, *wish);
  return forget(doors, request, *of, *wish);
}

}  // namespace hospes::portal
