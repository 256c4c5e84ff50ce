#include "guest/acts.h"

#include <algorithm>
#include <future>

#include "collect/answer.h"
#include "collect/hash.h"
#include "portal/people.h"
#include "portal/rights.h"

namespace hospes::guest {
namespace {

/// The rows of one purpose, of the login first.
std::vector<consent::Row> rows_of(
    const Doors& doors, const Known& known, PurposeBit purpose, const Answering& said, Instant now
) {
  const bool interest = doors.house.catalog.purposes.at(purpose).basis == catalog::Basis::interest;
  consent::Row row{.purpose = purpose, .since = now, .acted = now};
  row.state = said.yes   ? consent::Answer::given
              : interest ? consent::Answer::objected
                         : consent::Answer::withdrawn;
  row.source = source_name;
  row.notice = {std::string(source_name), std::string(notice_version), std::string(said.lang)};
  std::vector<consent::Row> out;
  for (const KnownIdentifier& one : known.identifiers) {
    if (!said.yes && !one.login) continue;
    row.atom = one.id;
    row.message = collect::message_hash(
        doors.house.keys.house_secret(), source_name,
        to_hex(one.id) + "-" + std::to_string(purpose) + "-" + std::to_string(now.us)
    );
    out.push_back(row);
  }
  return out;
}

void heard(const Doors& doors, const consent::Row& row) {
  collect::Arrival arrival{.verdict = collect::Verdict::accepted, .at = row.acted};
  arrival.type = "consent";
  arrival.name = "consent";
  arrival.source = row.source;
  arrival.owner = to_hex(row.atom);
  arrival.message = row.message;
  doors.arrivals.arrived({std::move(arrival)});
}

Status write(const Doors& doors, std::vector<collect::Outgoing> records) {
  std::promise<Status> durable;
  TRY(doors.sink.append(std::move(records), [&](Status s) { durable.set_value(std::move(s)); }));
  return durable.get_future().get();
}

/// Until the page that is drawn next shows them.
void wait_for(const Doors& doors, const std::vector<consent::Row>& rows) {
  for (const consent::Row& row : rows) {
    portal::wait_until(doors.house, row.atom, [&](const portal::Place& place) {
      return std::ranges::any_of(place.atom.ledger.rows(), [&](const consent::Row& known) {
        return known.message == row.message;
      });
    });
  }
}

}  // namespace

Result<std::vector<std::uint64_t>> answer(
    const Doors& doors, const Session& session, const Known& known, const Answering& said
) {
  const Instant now = doors.house.clock.now();
  std::vector<consent::Row> rows;
  for (const PurposeBit purpose : said.purposes) {
    if ((doors.house.node.house().heeds_no_answer & bit(purpose)) != 0)
      return fail(Code::invalid_input, "contract and duty rest on no answer");
    for (consent::Row& row : rows_of(doors, known, purpose, said, now))
      rows.push_back(std::move(row));
  }
  std::vector<collect::Outgoing> records;
  for (const consent::Row& row : rows) {
    const auto of = std::ranges::find(known.identifiers, row.atom, &KnownIdentifier::id);
    records.push_back(collect::record_of(
        {row.atom, of->since, of->kind}, row,
        session.via == "mail" ? "a one-time link, sent to the address"
                              : "a one-time link, given by the staff's " + session.via,
        now
    ));
  }
  TRY(write(doors, std::move(records)));
  for (const consent::Row& row : rows) {
    doors.permissions.add(row);
    heard(doors, row);
  }
  wait_for(doors, rows);
  if (!said.yes) TRY(portal::note_noes(doors.house, session.login, said.purposes));
  std::vector<std::uint64_t> leaves;
  for (const consent::Row& row : rows) {
    if (row.atom != known.login) continue;
    if (const auto leaf = doors.house.receipts.leaf_of(row.message)) leaves.push_back(*leaf);
  }
  return leaves;
}

Result<std::vector<std::uint64_t>> choose(
    const Doors& doors, const Session& session, const Known& known, outbox::Level level
) {
  const Instant now = doors.house.clock.now();
  auto leaf = TRY(
      doors.house.notary.levelled(known.login, outbox::to_string(level), source_name, now)
  );
  const Hash128 message = leaf.message;
  record::Levelled said{
      .atom = session.login, .level = static_cast<std::uint8_t>(level), .message = message,
      .source = std::string(source_name)};
  TRY(write(doors, {{known.login, std::make_shared<const record::Record>(record::Record{
                                      .stamp = now, .origin = {}, .to = {}, .body = std::move(said)})}}));
  portal::wait_until(doors.house, known.login, [&](const portal::Place& place) {
    return place.atom.chosen.message == message;
  });
  TRY(portal::enter(doors.house, std::move(leaf)));
  const auto number = doors.house.receipts.leaf_of(message);
  return number ? std::vector{*number} : std::vector<std::uint64_t>();
}

Status say_no(
    const Doors& doors, const Atom& atom, PurposeBit purpose, std::string_view source,
    std::string_view lang
) {
  bool stands = false;
  portal::find_atom(doors.house.node, atom.id, [&](const portal::Place& place) {
    const consent::Standing* s = place.atom.ledger.standing(purpose);
    stands = s != nullptr && consent::is_against(s->state);
  });
  if (stands) return {};
  const Instant now = doors.house.clock.now();
  consent::Row row{.atom = atom.id, .purpose = purpose, .state = consent::Answer::withdrawn,
                   .since = now, .acted = now};
  row.source = source;
  row.notice = {std::string(source), std::string(notice_version), std::string(lang)};
  row.message = collect::message_hash(
      doors.house.keys.house_secret(), source,
      to_hex(atom.id) + "-" + std::to_string(purpose) + "-" + std::to_string(now.us)
  );
  TRY(write(doors, {collect::record_of(atom, row, "a signed link in a message", now)}));
  doors.permissions.add(row);
  heard(doors, row);
  wait_for(doors, {row});
  return {};
}

Status part(const Doors& doors, const Session& session, AtomId other) {
  TRY(portal::part(doors.house, session.login.id, other));
  return {};
}

Status note_export(const Doors& doors, const Session& session) {
  receipt::Sealed leaf = TRY(doors.house.notary.exported(session.login.id, doors.house.clock.now()));
  TRY(portal::enter(doors.house, std::move(leaf)));
  constexpr rights::Right taken[] = {rights::Right::access, rights::Right::portability};
  return portal::fulfil(doors.house, session.login.id, taken);
}

Result<std::uint64_t> ask(
    const Doors& doors, const Session& session, const portal::Wanted& wanted
) {
  const auto asked = TRY(portal::request(doors.house, session.login, wanted));
  return asked.leaf.value_or(0);
}

Result<std::vector<std::uint64_t>> take_back(
    const Doors& doors, const Session& session, const Known& known, rights::Right right
) {
  std::vector<std::uint64_t> out;
  for (const rights::Request& r : known.requests) {
    if (r.right != right || !rights::halts(r)) continue;
    const auto asked = TRY(portal::say(
        doors.house, session.login.id, r.id, rights::State::revoked, rights::By::guest, ""
    ));
    if (asked.leaf) out.push_back(*asked.leaf);
  }
  return out;
}

Result<std::vector<std::string>> erase(const Doors& doors, const Known& known) {
  std::vector<std::string> out;
  for (auto one = known.identifiers.rbegin(); one != known.identifiers.rend(); ++one) {
    auto erased = TRY(portal::erase(doors.house, {one->id, one->since, one->kind}, "guest"));
    out.push_back(std::move(erased.receipt));
  }
  return out;
}

}  // namespace hospes::guest
