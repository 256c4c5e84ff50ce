#include "portal/kept.h"

#include "catalog/kinds.h"
#include "catalog/pack.h"
#include "consent/ledger.h"
#include "evidence/evidence.h"
#include "portal/json.h"
#include "portal/people.h"

namespace hospes::portal {
namespace {

/// Words and dates of the house's own: nothing that somebody typed.
std::string requests_of(const Place& place) {
  List out;
  for (const rights::Request& r : place.atom.requests)
    out.add(Object()
                .text("right", to_string(r.right))
                .text("state", to_string(r.state))
                .text("by", to_string(r.by))
                .text("made", to_string(r.made))
                .text("changed", to_string(r.changed))
                .done());
  return out.done();
}

std::string answers_of(const ConsoleDoors& doors, const Place& place) {
  List out;
  for (const consent::Row& row : place.atom.ledger.rows()) {
    if (row.state == consent::Answer::closing) continue;
    Object one;
    one.text("purpose", doors.catalog.purposes.at(row.purpose).name).text("state", to_string(row.state));
    one.text("since", to_string(row.since)).text("acted", to_string(row.acted));
    if (row.until != Instant::never()) one.text("until", to_string(row.until));
    if (!row.notice.id.empty())
      one.raw("notice", Object().text("id", row.notice.id).text("version", row.notice.version).text("lang", row.notice.lang).done());
    out.add(one.text("source", row.source).done());
  }
  return out.done();
}

}  // namespace

Status keep_evidence(const ConsoleDoors& doors, const Atom& of, std::string_view by, Instant at) {
  const auto who = doors.keys.reveal(of.id);
  const catalog::Kind* kind = catalog::find_kind(of.kind);
  if (doors.evidence == nullptr || !who || kind == nullptr) return {};
  std::string requests = "[]", answers = "[]";
  find_atom(doors.node, of.id, [&](const Place& place) {
    requests = requests_of(place);
    answers = answers_of(doors, place);
  });
  for (const catalog::EvidenceRule& rule : catalog::fr_eu_pack().evidence) {
    const bool of_request = rule.of == "request";
    // Whoever was let go because of the schedules asked for nothing.
    if (of_request ? requests == "[]" && by == "retention" : answers == "[]") continue;
    const std::string what = Object()
                                 .text("of", rule.of)
                                 .text("erased", to_string(at))
                                 .text("by", by)
                                 .raw(of_request ? "requests" : "answers", of_request ? requests : answers)
                                 .done();
    TRY(doors.evidence->keep(
        std::string(kind->name) + ":" + who->value, {.ground = rule.source, .until = rule.keep.end(at), .what = what}
    ));
  }
  return {};
}

}  // namespace hospes::portal
