#include "guest/consent_records.h"

#include <fmt/format.h>

#include "catalog/kinds.h"
#include "portal/json.h"
#include "rights/request.h"

namespace hospes::guest {
namespace {

using portal::List;
using portal::Object;

constexpr std::string_view context =
    R"({"dct":"http://purl.org/dc/terms/","dpv":"https://w3id.org/dpv#","eu-gdpr":"https://w3id.org/dpv/legal/eu/gdpr#",)"
    R"("loc":"https://w3id.org/dpv/loc#","xsd":"http://www.w3.org/2001/XMLSchema#"})";

/// RFC 9562, version 8: its bits are ours, out of the answer's keyed hash.
std::string uuid_of(Hash128 message) {
  const std::uint64_t hi = (message.hi & ~0xf000ULL) | 0x8000ULL;
  const std::uint64_t lo = (message.lo & ~(3ULL << 62)) | (2ULL << 62);
  return fmt::format(
      "urn:uuid:{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", hi >> 32, hi >> 16 & 0xffff, hi & 0xffff, lo >> 48, lo & 0xffff'ffff'ffff
  );
}

std::string_view status_of(consent::Answer answer, catalog::Basis basis) {
  if (basis == catalog::Basis::interest)
    return consent::is_against(answer) ? "dpv:LegitimateInterestObjected" : "dpv:LegitimateInterestNotObjected";
  switch (answer) {
    case consent::Answer::given:
      return "dpv:ConsentGiven";
    case consent::Answer::refused:
      return "dpv:ConsentRefused";
    default:
      return "dpv:ConsentWithdrawn";
  }
}

std::string at_time(Instant at) {
  return Object().text("@type", "xsd:dateTime").text("@value", to_string(at)).done();
}

/// What the person may do about it, as DPV names the articles.
std::string rights_of(catalog::Basis basis) {
  List out;
  for (const rights::RightRow& right : rights::table()) {
    if (right.right == rights::Right::withdrawal && basis != catalog::Basis::consent) continue;
    const std::string name = right.right == rights::Right::withdrawal ? "A7-3" : "A" + std::to_string(right.article);
    out.add(json_text("eu-gdpr:" + name));
  }
  return out.done();
}

std::string notice_of(const Permission& said) {
  Object out;
  out.text("@type", "dpv:ConsentNotice");
  if (!said.notice.id.empty()) out.text("dct:identifier", said.notice.id);
  if (!said.notice.version.empty()) out.text("dct:hasVersion", said.notice.version);
  if (!said.notice.lang.empty()) out.text("dct:language", said.notice.lang);
  return out.done();
}

std::string in_both(std::string_view en, std::string_view fr) {
  return List()
      .add(Object().text("@language", "en").text("@value", en).done())
      .add(Object().text("@language", "fr").text("@value", fr).done())
      .done();
}

std::string process_of(const Doors& doors, const catalog::Purpose& purpose) {
  Object storage;
  storage.text("@type", "dpv:StorageCondition");
  // No term is set: it ends by the person's own act.
  storage.raw("dpv:hasDuration", Object()
                                     .text("@type", "dpv:UntilEventDuration")
                                     .raw("dct:description", in_both("until you erase it", "jusqu’à ce que vous l’effaciez"))
                                     .done());
  const bool shared = purpose.name.starts_with("share:");
  Object out;
  out.text("@type", "dpv:Process")
      .raw("dpv:hasPurpose", Object()
                                 .text("@type", "dpv:Purpose")
                                 .text("dct:identifier", purpose.name)
                                 .raw("dct:description", in_both(purpose.serves_en, purpose.serves_fr))
                                 .done())
      .text("dpv:hasPersonalData", "dpv:PersonalData")
      .raw("dpv:hasStorageCondition", storage.done())
      .raw("dpv:hasDataController", Object().text("@type", "dpv:DataController").text("dpv:hasName", doors.house.catalog.house.name).done());
  if (shared)
    out.raw("dpv:hasRecipient", Object().text("@type", "dpv:ThirdParty").text("dpv:hasName", purpose.name.substr(6)).done());
  return out.text("dpv:hasJurisdiction", "loc:EU")
      .text("dpv:hasLegalBasis", purpose.basis == catalog::Basis::consent ? "eu-gdpr:A6-1-a" : "eu-gdpr:A6-1-f")
      .raw("dpv:hasRight", rights_of(purpose.basis))
      .done();
}

}  // namespace

std::string consent_records(const Doors& doors, const Known& known) {
  List graph;
  for (const Permission& said : known.permissions) {
    if (!said.answer) continue;
    const catalog::Purpose& purpose = doors.house.catalog.purposes.at(said.purpose);
    Object record;
    record.text("@id", uuid_of(said.message))
        .text("@type", "dpv:ConsentRecord")
        .text("dct:conformsTo", "ISO/IEC TS 27560:2023")
        .text("dpv:hasDataSubject", "_:you")
        .raw("dpv:hasNotice", notice_of(said))
        .raw("dpv:hasProcess", process_of(doors, purpose))
        .raw("dpv:hasConsentStatus", Object()
                                         .text("@type", std::string(status_of(*said.answer, purpose.basis)))
                                         .raw("dpv:isIndicatedAtTime", at_time(said.since))
                                         .text("dpv:isIndicatedBy", "_:you")
                                         .text("dct:source", said.source)
                                         .done());
    if (said.until != Instant::never()) record.raw("dct:valid", at_time(said.until));
    graph.add(record.done());
  }
  return Object().raw("@context", context).text("dct:conformsTo", doors.house.catalog.purposes.pack()).raw("@graph", graph.done()).done() + "\n";
}

}  // namespace hospes::guest
