#include "portal/rights.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include "collect/hash.h"
#include "collect/tombstones.h"
#include "flow/cold.h"
#include "flow/evidence.h"
#include "flow/retention.h"
#include "portal/joins.h"
#include "portal/kept.h"

namespace hospes::portal {
namespace {

using Word = record::Ruled::Word;

constexpr auto applied_within = std::chrono::seconds(2);
constexpr int judged_tries_max = 15;  // each as long as that

Status write_records(const ConsoleDoors& doors, std::vector<node::Node::Addressed> records) {
  std::promise<Status> durable;
  auto known = durable.get_future();
  TRY(doors.node.append(std::move(records), [&](Status s) { durable.set_value(std::move(s)); }));
  return known.get();
}

Hash128 message_of(
    const ConsoleDoors& doors, std::string_view what, AtomId a, AtomId b, Instant now
) {
  return collect::message_hash(
      doors.keys.house_secret(), "console",
      std::string(what) + to_hex(a) + to_hex(b) + std::to_string(now.us)
  );
}

bool stands(const Place& place, const record::Ruled& r, Instant since) {
  return r.word == Word::vouch ||  // is evidence, and no ruling
         std::ranges::any_of(place.component.rulings, [&](const flow::Ruling& known) {
           return known.a == r.a.id && known.b == r.b.id && known.word == r.word &&
                  known.acted >= since;
         });
}

}  // namespace

Status enter(const ConsoleDoors& doors, receipt::Sealed entry) {
  std::vector<receipt::Sealed> entries;
  entries.push_back(std::move(entry));
  return enter_all(doors, std::move(entries));
}

Status enter_all(const ConsoleDoors& doors, std::vector<receipt::Sealed> entries) {
  std::promise<Status> durable;
  auto known = durable.get_future();
  TRY(doors.receipts.append(std::move(entries), [&](Status s) { durable.set_value(std::move(s)); })
  );
  return known.get();
}

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

Result<Done> rule(
    const ConsoleDoors& doors, AtomId of, std::vector<record::Ruled> rulings, std::uint8_t by
) {
  const Instant now = doors.clock.now();
  std::vector<node::Node::Addressed> records;
  for (record::Ruled& r : rulings) {
    r.by = by;
    r.message = message_of(doors, std::to_string(static_cast<int>(r.word)), r.a.id, r.b.id, now);
    records.push_back(
        {doors.node.lane_of(r.a.id), std::make_shared<const record::Record>(record::Record{
                                         .stamp = now, .origin = {}, .to = {}, .body = r})}
    );
  }
  TRY(write_records(doors, std::move(records)));
  return Done{wait_until(doors, of, [&](const Place& place) {
    return std::ranges::all_of(rulings, [&](const record::Ruled& r) {
      return stands(place, r, now);
    });
  })};
}

Result<Done> part(const ConsoleDoors& doors, AtomId of, AtomId other) {
  std::vector<record::Ruled> rulings;
  find_atom(doors.node, of, [&](const Place& place) {
    rulings = rulings_for(place, {.of = of, .with = other, .word = Word::part});
  });
  if (rulings.empty()) return fail(Code::not_found, "nothing joins these two");
  return rule(doors, of, std::move(rulings), by_guest);
}

std::size_t events_of(const ConsoleDoors& doors, AtomId of) {
  std::size_t out = 0;
  find_atom(doors.node, of, [&](const Place& place) {
    out = flow::timeline_of(place.state, place.component, place.atom).size();
  });
  return out;
}

namespace {

/// Applied, one way or the other.
Status come_to_be(const ConsoleDoors& doors, AtomId of) {
  bool erased = false;
  const auto judged = [&](const Place& place) {
    erased = place.atom.erased;
    const auto at = static_cast<std::size_t>(&place.atom - place.component.atoms.data());
    return erased || !flow::has_lapsed(place.state, place.component, at);
  };
  for (int tries = 0; tries < judged_tries_max; ++tries)
    if (wait_until(doors, of, judged))
      return erased ? Status() : fail(Code::conflict, "something came of it meanwhile");
  return fail(Code::unavailable, "an erasure was not applied in time; the next start does it");
}

Result<Done> erase(
    const ConsoleDoors& doors, const Atom& of, std::string_view by, bool if_lapsed
) {
  record::Forgotten f{.atom = of, .edges = {}, .message = {}, .tombstone = {}, .if_lapsed = if_lapsed};
  receipt::Erasure erasure{.atom = of.id, .at = doors.clock.now(), .by = std::string(by)};
  erasure.events = events_of(doors, of.id);
  find_atom(doors.node, of.id, [&](const Place& place) {
    f.edges =
        flow::edges_to_keep(place.component, of.id, doors.node.house().link, place.state.clock);
  });
  if (const auto who = doors.keys.reveal(of.id))
    f.tombstone = collect::tombstone_hash(doors.keys.house_secret(), who->kind, who->value);
  f.message = message_of(doors, "forget", of.id, of.id, erasure.at);
  TRY(keep_evidence(doors, of, by, erasure.at));
  // The record before the key: should we stop in between, the next start destroys the key.
  TRY(write_records(
      doors,
      {{doors.node.lane_of(of.id), std::make_shared<const record::Record>(record::Record{
                                       .stamp = erasure.at, .origin = {}, .to = {}, .body = f})}}
  ));
  if (if_lapsed) TRY(come_to_be(doors, of.id));
  // From here on nothing that happened before is taken of it.
  if (doors.tombstones != nullptr) doors.tombstones->add(f.tombstone, erasure.at);
  Done out{wait_until(doors, of.id, [](const Place& place) { return place.atom.erased; })};
  TRY(doors.keys.destroy(of.id));
  if (doors.letters != nullptr) TRY(doors.letters->forget(of.id));
  // Should we stop before this, the next start enters it.
  receipt::Sealed leaf = TRY(doors.notary.erased(erasure));
  TRY(enter(doors, std::move(leaf)));
  out.receipt = TRY(doors.receipts.receipt(doors.notary.message_of_erasure(of.id)));
  if (doors.erasures && !if_lapsed) doors.erasures();  // of many, whoever lets them go says it once
  return out;
}

}  // namespace

Result<Done> erase(const ConsoleDoors& doors, const Atom& of, std::string_view by) {
  return erase(doors, of, by, false);
}

Result<Done> erase_lapsed(const ConsoleDoors& doors, const Atom& of) {
  return erase(doors, of, "retention", true);
}

}  // namespace hospes::portal
