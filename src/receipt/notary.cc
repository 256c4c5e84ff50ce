#include "receipt/notary.h"

#include "catalog/kinds.h"
#include "receipt/canonical.h"

namespace hospes::receipt {
namespace {

/// The instant, or its ten minutes.
std::string moment(Instant at, bool brief) {
  constexpr std::int64_t ten_minutes_us = 600'000'000;
  return std::to_string(brief ? at.us / ten_minutes_us : at.us);
}

std::string notice_of(const consent::Notice& notice) {
  return Canonical()
      .text("id", notice.id)
      .text("lang", notice.lang)
      .text("version", notice.version)
      .done();
}

}  // namespace

/// kind:value.
Result<std::string> Notary::subject(AtomId atom) const {
  const Identifier who = TRY(keys_.reveal(atom));
  const catalog::Kind* kind = catalog::find_kind(who.kind);
  return (kind != nullptr ? std::string(kind->name) : "?") + ':' + who.value;
}

Result<Sealed> Notary::answered(const consent::Row& row) const {
  const catalog::Purpose& purpose = catalog_.purposes.at(row.purpose);
  Canonical record;
  record.text("at", to_string(row.acted))
      .text("basis", catalog::to_string(purpose.basis))
      .text("house", log_.origin())
      .text("kind", "consent")
      .text("pack", catalog_.purposes.pack())
      .text("purpose", purpose.name)
      .text("since", to_string(row.since))
      .text("source", row.source)
      .text("state", consent::to_string(row.state))
      .text("subject", TRY(subject(row.atom)));
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

Result<Sealed> Notary::looked(const Look& look) const {
  const Hash128 message = hash128(
      "hospes look " + to_hex(look.atom) + look.what + look.by + look.reason + moment(look.at, look.brief),
      keys_.house_secret()
  );
  if (log_.knows(message)) return Sealed{.message = message};
  Canonical record;
  record.text("at", to_string(look.at))
      .text("by", look.by)
      .text("house", log_.origin())
      .text("kind", kind_of_look)
      .text("what", look.what);
  if (!look.reason.empty()) record.text("reason", look.reason);
  return log_.prepare({.atom = look.atom, .message = message, .record = record.done()});
}

Result<Sealed> Notary::acted(const Act& act) const {
  const Hash128 message = hash128(
      "hospes act " + act.account + '\n' + act.role + '\n' + act.act + '\n' + act.of + '\n' + act.what + '\n' +
          moment(act.at, act.brief),
      keys_.house_secret()
  );
  if (log_.knows(message)) return Sealed{.message = message};
  Canonical record;
  record.text("account", act.account)
      .text("act", act.act)
      .text("at", to_string(act.at))
      .text("house", log_.origin())
      .text("kind", kind_of_act);
  if (!act.of.empty()) record.text("of", act.of);
  if (!act.role.empty()) record.text("role", act.role);
  if (!act.what.empty()) record.text("what", act.what);
  return log_.prepare({.atom = {}, .message = message, .record = record.done()});
}

Result<Sealed> Notary::exported(AtomId atom, Instant at) const {
  Canonical record;
  record.text("at", to_string(at))
      .text("house", log_.origin())
      .text("kind", "export")
      .text("subject", TRY(subject(atom)));
  const Hash128 message =
      hash128("hospes export " + to_hex(atom) + std::to_string(at.us), keys_.house_secret());
  return log_.prepare({.atom = atom, .message = message, .record = record.done()});
}

Result<Sealed> Notary::levelled(
    AtomId atom, std::string_view level, std::string_view source, Instant at
) const {
  Canonical record;
  record.text("at", to_string(at))
      .text("house", log_.origin())
      .text("kind", "level")
      .text("level", level)
      .text("source", source)
      .text("subject", TRY(subject(atom)));
  const Hash128 message =
      hash128("hospes level " + to_hex(atom) + std::to_string(at.us), keys_.house_secret());
  return log_.prepare({.atom = atom, .message = message, .record = record.done()});
}

Result<Sealed> Notary::requested(const Asked& asked) const {
  const rights::Request& r = asked.request;
  Canonical record;
  record.text("at", to_string(r.changed))
      .text("by", to_string(r.by))
      .text("deadline", to_string(r.deadline))
      .text("house", log_.origin())
      .text("kind", "request")
      .text("made", to_string(r.made))
      .text("right", to_string(r.right))
      .text("state", to_string(r.state))
      .text("subject", TRY(subject(asked.atom)));
  if (r.ends != Instant::never()) record.text("ends", to_string(r.ends));
  if (!r.reason.empty()) record.text("reason", r.reason);
  if (!r.what.empty()) record.text("what", r.what);
  const Hash128 message = hash128(
      "hospes request " + to_hex(asked.atom) + to_hex(AtomId{r.id.hi, r.id.lo}) +
          std::to_string(r.changed.us),
      keys_.house_secret()
  );
  return log_.prepare({.atom = asked.atom, .message = message, .record = record.done()});
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
