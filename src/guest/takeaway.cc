#include "guest/takeaway.h"

#include <limits>

#include "catalog/kinds.h"
#include "digest/digest.h"
#include "guest/consent_records.h"
#include "guest/leaves.h"
#include "guest/words.h"
#include "portal/json.h"

namespace hospes::guest {
namespace {

using portal::List;
using portal::Object;

constexpr std::size_t receipts_max = 500;

std::string purposes_json(const Doors& doors, Mask mask) {
  List out;
  for (const std::string_view name : doors.house.catalog.purposes.names(mask))
    out.add(json_text(name));
  return out.done();
}

std::string profile(const Doors& doors, const Known& k) {
  List identifiers, traits, unproved;
  for (const KnownIdentifier& one : k.identifiers) {
    const catalog::Kind* kind = catalog::find_kind(one.kind);
    identifiers.add(Object()
                        .text("kind", kind == nullptr ? "unknown" : kind->name)
                        .text("value", one.value)
                        .text("since", to_string(one.since))
                        .text(
                            "why", one.login                    ? "login"
                                   : one.grade == Grade::proved ? "proved"
                                                                : "attested"
                        )
                        .done());
  }
  for (const Trait& one : k.traits)
    traits.add(Object()
                   .text("name", one.name)
                   .text("value", one.value)
                   .text("said", to_string(one.at))
                   .text("source", one.source)
                   .raw("used_for", purposes_json(doors, one.serves))
                   .done());
  for (const Unproved& one : k.unproved) {
    const catalog::Kind* kind = catalog::find_kind(one.kind);
    unproved.add(Object()
                     .text("kind", kind == nullptr ? "unknown" : kind->name)
                     .text("since", to_string(one.since))
                     .done());
  }
  return Object()
             .text("house", doors.house.catalog.house.name)
             .text("name", k.called)
             .text("as_of", to_string(k.as_of))
             .raw("identifiers", identifiers.done())
             .raw("traits", traits.done())
             .raw("joined_without_proof", unproved.done())
             .done() +
         "\n";
}

std::string events(const Doors& doors, const Known& k) {
  std::string out;
  for (const Done& one : k.done) {
    Object properties;
    for (const auto& [name, value] : one.properties) properties.text(name, value);
    out += Object()
               .text("at", to_string(one.at))
               .text("received", to_string(one.received))
               .text("type", one.type)
               .text("event", one.event)
               .text("source", one.source)
               .raw("used_for", purposes_json(doors, one.serves))
               .raw("properties", properties.done())
               .done() +
           "\n";
  }
  return out;
}

std::string permissions(const Doors& doors, const Known& k) {
  List out;
  for (const Permission& one : k.permissions) {
    const catalog::Purpose& p = doors.house.catalog.purposes.at(one.purpose);
    Object row;
    row.text("purpose", p.name).text("means", p.serves_en).text("basis", to_string(p.basis));
    row.text("state", one.answer ? consent::to_string(*one.answer) : "unset");
    if (one.answer) row.text("since", to_string(one.since));
    out.add(row.done());
  }
  return out.done() + "\n";
}

std::string deductions(const Doors& doors, const Known& k) {
  List out;
  for (const Deduced& one : k.deduced) {
    Object row;
    row.text("id", one.id).text("name_en", one.name_en).text("name_fr", one.name_fr);
    row.text("purpose", doors.house.catalog.purposes.at(one.purpose).name);
    if (one.since) row.text("since", to_string(*one.since));
    if (const auto asked = known(doors.house, k.login, {.done_max = 0, .why = one.id})) {
      for (const Deduced& told : asked->deduced)
        if (told.id == one.id) row.text("why_en", told.why_en).text("why_fr", told.why_fr);
    }
    out.add(row.done());
  }
  return out.done() + "\n";
}

std::string requests(const Known& k) {
  List out;
  for (const rights::Request& r : k.requests) {
    Object row;
    row.text("right", to_string(r.right)).number("article", rights::row_of(r.right).article);
    row.text("state", to_string(r.state)).text("by", to_string(r.by)).text("made", to_string(r.made));
    row.text("deadline", to_string(r.deadline)).text("changed", to_string(r.changed));
    if (r.ends != Instant::never()) row.text("ends", to_string(r.ends));
    if (!r.what.empty()) row.text("what", r.what);
    if (!r.reason.empty()) row.text("reason", r.reason);
    out.add(row.done());
  }
  return out.done() + "\n";
}

std::string looks(const Doors& doors, const Known& k) {
  List out;
  for (const Leaf& leaf : leaves(doors.house.receipts, k.atoms(), "look", receipts_max)) {
    Object row;
    for (const auto& [name, value] : leaf.record) row.text(name, value);
    out.add(row.done());
  }
  return out.done() + "\n";
}

std::string manifest(const Doors& doors, const std::vector<zip::File>& files, Instant at) {
  List list;
  for (const zip::File& file : files) {
    list.add(Object()
                 .text("name", file.name)
                 .number("bytes", file.bytes.size())
                 .text("sha256", hex(view_of(sha256(file.bytes))))
                 .done());
  }
  return Object()
             .text("format", "hospes takeaway 1")
             .text("house", doors.house.catalog.house.name)
             .text("made", to_string(at))
             .raw("files", list.done())
             .done() +
         "\n";
}

}  // namespace

Result<std::vector<zip::File>> takeaway(const Doors& doors, const Session& session) {
  const auto all =
      known(doors.house, session.login.id, {.done_max = std::numeric_limits<std::size_t>::max(), .portable = true});
  if (!all) return fail(Code::not_found, "nobody is there any more");
  std::vector<zip::File> out = {
      {"profile.json", profile(doors, *all)},
      {"events.ndjson", events(doors, *all)},
      {"portable.ndjson", all->portable},
      {"permissions.json", permissions(doors, *all)},
      {"consents.jsonld", consent_records(doors, *all)},
      {"derived.json", deductions(doors, *all)},
      {"looked.json", looks(doors, *all)},
      {"requests.json", requests(*all)}};
  for (const Leaf& leaf : leaves(doors.house.receipts, all->atoms(), "", receipts_max)) {
    if (auto proof = doors.house.receipts.receipt_at(leaf.number))
      out.push_back({"receipts/" + std::to_string(leaf.number) + ".json", std::move(*proof)});
  }
  out.push_back({"manifest.json", manifest(doors, out, doors.house.clock.now())});
  return out;
}

}  // namespace hospes::guest
