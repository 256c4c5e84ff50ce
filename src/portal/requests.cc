#include "portal/requests.h"

#include <algorithm>
#include <future>

#include "collect/answer.h"
#include "collect/hash.h"
#include "flow/cold.h"
#include "flow/evidence.h"
#include "mail/token.h"
#include "portal/audit.h"
#include "portal/rights.h"

namespace hospes::portal {
namespace {

using rights::By;
using rights::Right;
using rights::State;

constexpr std::size_t value_bytes_max = 1'000;
constexpr unsigned months_to_answer = 1, months_more = 2;

Hash128 made_of(const ConsoleDoors& doors, std::string_view what) {
  return collect::message_hash(doors.keys.house_secret(), "request", what);
}

Status write(const ConsoleDoors& doors, std::vector<collect::Outgoing> records) {
  std::promise<Status> durable;
  auto known = durable.get_future();
  TRY(doors.sink->append(std::move(records), [&](Status s) { durable.set_value(std::move(s)); }));
  return known.get();
}

collect::Outgoing record_of(const ConsoleDoors& doors, const Atom& atom, const rights::Request& r) {
  const std::string word = to_hex(AtomId{r.id.hi, r.id.lo}) + std::to_string(r.changed.us);
  record::Requested said{
      .atom = atom, .message = made_of(doors, word + to_hex(atom.id)), .content = form_of(r)};
  return {
      atom.id, std::make_shared<const record::Record>(record::Record{
                   .stamp = r.changed, .origin = {}, .to = {}, .body = std::move(said)})};
}

/// The request under each of these identifiers, the leaf under the first.
Result<std::optional<std::uint64_t>> put(
    const ConsoleDoors& doors, const std::vector<Atom>& atoms, const rights::Request& r
) {
  std::vector<collect::Outgoing> records;
  for (const Atom& atom : atoms) records.push_back(record_of(doors, atom, r));
  TRY(write(doors, std::move(records)));
  for (const Atom& atom : atoms) {
    wait_until(doors, atom.id, [&](const Place& place) {
      const auto at = std::ranges::find(place.atom.requests, r.id, &rights::Request::id);
      return at != place.atom.requests.end() && at->changed >= r.changed;
    });
  }
  receipt::Sealed leaf = TRY(doors.notary.requested({atoms.front().id, r}));
  const Hash128 message = leaf.message;
  TRY(enter(doors, std::move(leaf)));
  return doors.receipts.leaf_of(message);
}

bool asks_answers(Right right) { return right == Right::objection || right == Right::withdrawal; }

Result<std::vector<PurposeBit>> closed_by(const ConsoleDoors& doors, const Wanted& wanted) {
  const auto basis = wanted.right == Right::objection ? catalog::Basis::interest : catalog::Basis::consent;
  std::vector<PurposeBit> out;
  for (const catalog::Purpose& p : doors.catalog.purposes.rows())
    if (p.basis == basis && (wanted.what.empty() || p.name == wanted.what)) out.push_back(p.ordinal);
  if (!out.empty()) return out;
  return fail(
      Code::invalid_input,
      wanted.right == Right::objection
          ? "one objects to a purpose that rests on legitimate interest, and \"" + wanted.what + "\" is none"
          : "one withdraws from a purpose that rests on consent, and \"" + wanted.what + "\" is none"
  );
}

/// The noes, in force when it returns: no send that was released is still on its way, or it is known.
Status say_no(const ConsoleDoors& doors, const Atom& login, const Wanted& wanted, Instant now) {
  const auto purposes = TRY(closed_by(doors, wanted));
  std::vector<collect::Outgoing> records;
  std::vector<Hash128> messages;
  for (const PurposeBit purpose : purposes) {
    consent::Row row{.atom = login.id, .purpose = purpose, .since = now, .acted = now};
    row.state = wanted.right == Right::objection ? consent::Answer::objected : consent::Answer::withdrawn;
    row.source = wanted.by == By::guest ? by_guest_book : by_staff;
    row.notice = {std::string(row.source), "1", wanted.lang};
    row.message = made_of(doors, to_hex(login.id) + std::to_string(purpose) + std::to_string(now.us));
    messages.push_back(row.message);
    records.push_back(collect::record_of(login, row, wanted.reason, now));
  }
  TRY(write(doors, std::move(records)));
  wait_until(doors, login.id, [&](const Place& place) {
    return std::ranges::all_of(messages, [&](Hash128 message) {
      return std::ranges::any_of(place.atom.ledger.rows(), [&](const consent::Row& row) {
        return row.message == message;
      });
    });
  });
  return {};
}

/// What a trait says now, and may serve.
struct Held {
  Mask mask = 0;
  std::vector<OpenedBy> opened;
  ValueKind kind = ValueKind::null;
  std::pair<Instant, Hash128> key{Instant::beginning(), {}};
};

std::optional<Held> held(const ConsoleDoors& doors, AtomId login, Name trait) {
  std::optional<Held> out;
  find_atom(doors.node, login, [&](const Place& place) {
    const auto at = static_cast<std::size_t>(&place.atom - place.component.atoms.data());
    for (const std::uint16_t i :
         flow::reached(place.component, at, doors.node.house().link, place.state.clock)) {
      const Timeline& all = flow::timeline_of(place.state, place.component, place.component.atoms[i]);
      for (const Moment& m : all.in_order()) {
        const std::pair key{m.happened, m.message};
        if (m.type != EventType::identify || (out && key < out->key)) continue;
        const auto value = find_property(all.body(m), trait);
        if (value.kind == ValueKind::null) continue;
        const auto opened = all.opened(m);
        out = Held{m.mask, {opened.begin(), opened.end()}, value.kind, key};
      }
    }
  });
  return out;
}

/// The value as the trait is kept: a number stays one.
Result<Value> value_of(ValueKind kind, const std::string& text) {
  if (text.size() > value_bytes_max) return fail(Code::invalid_input, "at most 1,000 bytes");
  switch (kind) {
    case ValueKind::number: {
      const auto number = parse_decimal(text);
      if (!number) return fail(Code::invalid_input, "this is kept as a number; write one");
      return Value::of(*number);
    }
    case ValueKind::boolean:
      if (text != "true" && text != "false")
        return fail(Code::invalid_input, "this is kept as yes or no; write true or false");
      return Value::of(text == "true");
    case ValueKind::atom:
      return fail(
          Code::conflict,
          "an address or a number by which somebody is found is not retyped: part from it, and give "
          "the new one to the house"
      );
    default:
      return Value::of(text);
  }
}

/// An identify of the person's own: later than what it corrects, it serves what that served and no
/// more, so the trait keeps its place in every computation that may see it.
Status correct(const ConsoleDoors& doors, const Atom& login, const Wanted& wanted, Instant now) {
  const Name trait = doors.names.find(wanted.what);
  const auto old = trait == no_name ? std::nullopt : held(doors, login.id, trait);
  if (!old) return fail(Code::not_found, "the house keeps no trait of this name");
  const Value value = TRY(value_of(old->kind, wanted.value));
  record::Arrived arrived;
  Event& e = arrived.event;
  e.anchor = e.owner = login;
  e.mask = old->mask;
  e.opened = old->opened;
  e.happened = std::max(now, old->key.first + Duration(1));
  e.received = e.original = e.sent = now;
  e.type = EventType::identify;
  e.grade = Grade::attested;
  e.message_id = "correction-" + std::to_string(now.us);
  e.message = made_of(doors, to_hex(login.id) + e.message_id + wanted.what);
  e.name = TRY(doors.names.intern(event_name(EventType::identify, "")));
  e.source = TRY(doors.names.intern(wanted.by == By::guest ? by_guest_book : by_staff));
  e.properties.add(trait, value.view());
  const Hash128 message = e.message;
  TRY(write(
      doors, {{login.id, std::make_shared<const record::Record>(record::Record{
                             .stamp = now, .origin = {}, .to = {}, .body = std::move(arrived)})}}
  ));
  wait_until(doors, login.id, [&](const Place& place) {
    const Timeline& all = flow::timeline_of(place.state, place.component, place.atom);
    return std::ranges::any_of(all.in_order(), [&](const Moment& m) { return m.message == message; });
  });
  return {};
}

rights::Request begun(const ConsoleDoors& doors, const Atom& login, const Wanted& wanted, Instant now) {
  rights::Request r{.right = wanted.right, .by = wanted.by, .made = now, .changed = now};
  r.id = made_of(doors, to_hex(login.id) + std::to_string(static_cast<int>(wanted.right)) + std::to_string(now.us));
  r.deadline = rights::months_after(now, months_to_answer);
  r.what = wanted.what;
  r.reason = wanted.reason;
  const bool waits = wanted.right == Right::erasure ||
                     (wanted.by != By::guest &&
                      (wanted.right == Right::access || wanted.right == Right::portability));
  r.state = waits ? State::open : State::fulfilled;
  if (wanted.right == Right::erasure) r.ends = now + wanted.countdown;
  return r;
}

std::string cancel_path(const ConsoleDoors& doors, AtomId login, const rights::Request& r) {
  const mail::Token token{
      .kind = mail::Token::Kind::keep, .address = login, .effect = r.id,
      .until = static_cast<std::uint32_t>(r.ends.us / 86'400'000'000 + 2)};
  return "/guest/keep/" + mail::TokenKey(doors.keys.house_secret()).seal(token);
}

Status check(const ConsoleDoors& doors, const Atom& login, const Wanted& wanted) {
  const bool staff = wanted.by != By::guest;
  if (staff && wanted.reason.find_first_not_of(' ') == std::string::npos)
    return fail(Code::invalid_input, "say why, as reason: the person reads it");
  if (wanted.reason.size() > rights::reason_bytes_max)
    return fail(Code::invalid_input, "the reason has more than 300 bytes");
  if (wanted.countdown < Duration(0) || wanted.countdown > rights::countdown_usual)
    return fail(Code::invalid_input, "an erasure counts down 72 hours at most");
  if (staff && wanted.right == Right::erasure && wanted.countdown < std::chrono::hours(1))
    return fail(Code::invalid_input, "an erasure that staff begin leaves the person an hour to cancel it");
  if (wanted.right != Right::restriction && wanted.right != Right::erasure) return {};
  Status out;
  find_atom(doors.node, login.id, [&](const Place& place) {
    for (const rights::Request& r : place.atom.requests)
      if (r.right == wanted.right && rights::halts(r))
        out = fail(Code::conflict, "it is in force already, since " + to_string(r.made));
  });
  return out;
}

}  // namespace

std::vector<Atom> reached(const ConsoleDoors& doors, AtomId atom) {
  std::vector<Atom> out;
  find_atom(doors.node, atom, [&](const Place& place) {
    const auto at = static_cast<std::size_t>(&place.atom - place.component.atoms.data());
    out.push_back(place.atom.atom);
    for (const std::uint16_t i :
         flow::reached(place.component, at, doors.node.house().link, place.state.clock))
      if (i != at) out.push_back(place.component.atoms[i].atom);
  });
  return out;
}

Result<Requested> request(const ConsoleDoors& doors, const Atom& login, const Wanted& wanted) {
  TRY(check(doors, login, wanted));
  std::vector<Atom> atoms = reached(doors, login.id);
  if (atoms.empty()) return fail(Code::not_found, "the house keeps nothing of this identifier");
  const Instant now = doors.clock.now();
  if (wanted.right == Right::correction) TRY(correct(doors, login, wanted, now));
  if (asks_answers(wanted.right)) TRY(say_no(doors, login, wanted, now));
  // What halts lies under all that it reaches, as an erasure does; the rest under the login.
  if (wanted.right != Right::restriction && wanted.right != Right::erasure) atoms.resize(1);
  Requested out{.request = begun(doors, login, wanted, now), .leaf = {}};
  if (wanted.by != By::guest)
    TRY(tell_look(
        doors, {login.id, now, "asked:" + std::string(to_string(wanted.right)),
                wanted.role.empty() ? std::string(to_string(wanted.by)) : wanted.role, wanted.reason}
    ));
  out.leaf = TRY(put(doors, atoms, out.request));
  if (wanted.right == Right::erasure) {
    out.cancel = cancel_path(doors, login.id, out.request);
    if (doors.erasures) doors.erasures();
  }
  return out;
}

Status note_noes(
    const ConsoleDoors& doors, const Atom& login, std::span<const PurposeBit> purposes
) {
  const Instant now = doors.clock.now();
  std::vector<collect::Outgoing> records;
  std::vector<Hash128> ids;
  for (const PurposeBit bit : purposes) {
    const catalog::Purpose& purpose = doors.catalog.purposes.at(bit);
    const bool interest = purpose.basis == catalog::Basis::interest;
    Wanted said{.right = interest ? Right::objection : Right::withdrawal, .what = purpose.name};
    rights::Request r = begun(doors, login, said, now);
    r.id = made_of(doors, to_hex(login.id) + said.what + std::to_string(now.us));
    ids.push_back(r.id);
    records.push_back(record_of(doors, login, r));
  }
  TRY(write(doors, std::move(records)));
  wait_until(doors, login.id, [&](const Place& place) {
    return std::ranges::all_of(ids, [&](Hash128 id) {
      return std::ranges::find(place.atom.requests, id, &rights::Request::id) != place.atom.requests.end();
    });
  });
  return {};
}

Result<Requested> say(
    const ConsoleDoors& doors, AtomId of, Hash128 id, State state, By by, std::string_view reason,
    std::string_view role
) {
  std::optional<rights::Request> known;
  std::vector<Atom> atoms;
  find_atom(doors.node, of, [&](const Place& place) {
    // An identifier that came later does not bear it; one that was parted from keeps its own.
    for (const flow::AtomState& a : place.component.atoms) {
      const auto at = std::ranges::find(a.requests, id, &rights::Request::id);
      if (at == a.requests.end()) continue;
      if (a.atom.id == of) {
        atoms.insert(atoms.begin(), a.atom);
        known = *at;
      } else {
        atoms.push_back(a.atom);
      }
    }
  });
  if (!known) return fail(Code::not_found, "this identifier bears no such request");
  const bool lifts = state == State::revoked && rights::halts(*known);
  if (!rights::is_open(known->state) && !lifts)
    return fail(Code::conflict, "it has ended: it is " + std::string(to_string(known->state)));
  if (state == State::fulfilled && known->right == Right::erasure)
    return fail(Code::conflict, "an erasure is done when its countdown is over, and not said to be");
  const Instant now = std::max(doors.clock.now(), known->changed + Duration(1));
  known->state = state;
  known->by = by;
  known->changed = now;
  if (!reason.empty() || state == State::extended || state == State::denied) known->reason = reason;
  if (state == State::extended) known->deadline = rights::months_after(known->made, months_to_answer + months_more);
  if (!rights::may_be(*known))
    return fail(
        Code::conflict, state == State::revoked || rights::row_of(known->right).stops
                            ? "only the person ends what keeps the house from using their data"
                            : "say why, as reason: the person reads it"
    );
  Requested out{.request = *known, .leaf = {}};
  if (by != By::guest)
    TRY(tell_look(
        doors, {of, now, "answered:" + std::string(to_string(known->right)),
                role.empty() ? std::string(to_string(by)) : std::string(role), known->reason}
    ));
  out.leaf = TRY(put(doors, atoms, *known));
  return out;
}

std::vector<rights::Request> requests_of(const Place& place, PurposeBit link) {
  std::vector<rights::Request> out;
  const auto at = static_cast<std::size_t>(&place.atom - place.component.atoms.data());
  for (const std::uint16_t i : flow::reached(place.component, at, link, place.state.clock)) {
    for (const rights::Request& r : place.component.atoms[i].requests) {
      const auto known = std::ranges::find(out, r.id, &rights::Request::id);
      if (known == out.end()) {
        out.push_back(r);
      } else if (known->changed < r.changed) {
        *known = r;
      }
    }
  }
  std::ranges::sort(out, [](const auto& a, const auto& b) {
    return std::tie(b.made, b.id) < std::tie(a.made, a.id);
  });
  return out;
}

Status fulfil(const ConsoleDoors& doors, AtomId of, std::span<const Right> rights) {
  std::vector<Hash128> open;
  find_atom(doors.node, of, [&](const Place& place) {
    for (const rights::Request& r : place.atom.requests)
      if (rights::is_open(r.state) && std::ranges::find(rights, r.right) != rights.end())
        open.push_back(r.id);
  });
  for (const Hash128 id : open) TRY(say(doors, of, id, State::fulfilled, By::guest, ""));
  return {};
}

Status cancel_by_link(const ConsoleDoors& doors, std::string_view text) {
  const mail::TokenKey tokens(doors.keys.house_secret());
  const auto token = tokens.open(text, mail::Token::Kind::keep, doors.clock.now());
  if (!token) return fail(Code::not_found, "this link is not complete, or its time is over");
  TRY(say(doors, token->address, token->effect, State::revoked, By::guest, ""));
  return {};
}

}  // namespace hospes::portal
