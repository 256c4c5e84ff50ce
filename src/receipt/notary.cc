#include "receipt/notary.h"

#include "catalog/kinds.h"
#include "receipt/canonical.h"

namespace hospes::receipt {
namespace {

std::string notice_of(const consent::Notice& notice) {
  return Canonical()
      .text("id", notice.id)
      .text("lang", notice.lang)
      .text("version", notice.version)
      .done();
}

}  // namespace

Result<Sealed> Notary::answered(const consent::Row& row) const {
  const Identifier who = TRY(keys_.reveal(row.atom));
  const catalog::Kind* kind = catalog::find_kind(who.kind);
  const catalog::Purpose& purpose = catalog_.purposes.at(row.purpose);
  Canonical record;
  record.text("at", to_string(row.acted))
      .text("basis", catalog::to_string(purpose.basis))
      .text("house", log_.origin())
      .text("kind", "consent")
      .text("purpose", purpose.name)
      .text("since", to_string(row.since))
      .text("source", row.source)
      .text("state", consent::to_string(row.state))
      .text("subject", (kind != nullptr ? std::string(kind->name) : "?") + ':' + who.value);
  if (row.until != Instant::never()) record.text("until", to_string(row.until));
  if (row.notice != consent::Notice{}) record.raw("notice", notice_of(row.notice));
  return log_.prepare({.atom = row.atom, .message = row.message, .record = record.done()});
}

Hash128 Notary::message_of_erasure(AtomId atom) const {
  return hash128("hospes erasure " + to_hex(atom), keys_.house_secret());
}

Result<Sealed> Notary::erased(const Erasure& erasure) const {
  Canonical record;
  record.text("at", to_string(erasure.at))
      .text("by", erasure.by)
      .number("events", erasure.events)
      .text("house", log_.origin())
      .text("kind", "erasure")
      .text("state", "done")
      .text("subject", to_hex(erasure.atom));
  return log_.prepare(
      {.atom = {}, .message = message_of_erasure(erasure.atom), .record = record.done()}
  );
}

std::string origin_of(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter || (c >= 'A' && c <= 'Z')) {
      out += static_cast<char>(letter ? c : c - 'A' + 'a');
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (out.ends_with('-')) out.pop_back();
  return (out.empty() ? "house" : out.substr(0, 64)) + "/receipts";
}

}  // namespace hospes::receipt
