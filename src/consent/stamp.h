// At the door: which purposes an event may serve. The door opens, use only closes (lens.h);
// docs/permission.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "consent/ledger.h"

namespace hospes::consent {

/// What an event says of itself. `yes` and `no` are purposes; a no always wins.
struct Signal {
  Mask yes = 0;
  Mask no = 0;
  Mask carried = 0;  // a server's yes that the device carries: a consent token
  Mask voided = 0;  // of a yes under a notice that the law does not accept
  bool unread =
      false;  // it said something that could not be read: `no` holds all that heeds answers
};

/// One category of a consent tool and what the visitor chose: Segment's categoryPreferences;
/// Rudder's allowedConsentIds are true, its deniedConsentIds false.
struct Preference {
  std::string_view category;
  bool allowed = false;
};

/// Reads what came on the wire through the source's map. `gpc`: Sec-GPC was 1. `unreadable`: there
/// was a consent object of the wrong shape; it was meant to say something, so all that heeds
/// answers is closed.
Signal read_signal(
    const catalog::Source& source, const catalog::Purposes& purposes,
    std::span<const Preference> preferences, bool gpc, bool unreadable
);

/// An atom that the event names, with its ledger; nullptr when it never answered.
struct Named {
  Atom atom;
  const Ledger* ledger = nullptr;
};

struct Question {
  std::span<const Named> named;
  Signal signal;
  const catalog::EventRow& event;
  const catalog::Source& source;
  const catalog::Purposes& purposes;
  catalog::KeyUse key = catalog::KeyUse::public_key;
  /// An identify or alias with a server key that names a user id and another atom: a same-account
  /// join, on contract.
  bool attested_login = false;
  Instant start;  // happening or receipt, whichever is earlier
  Instant receipt;
};

struct Stamp {
  Mask mask = 0;  // 0: the event is counted, not stored
  std::vector<OpenedBy> opened;
  /// Nothing here rests on consent for any event: only catalogued fields may be kept.
  bool catalogued_fields_only = false;
};

Stamp stamp(const Question& question);

/// Why a purpose stayed closed.
enum class Why : std::uint8_t {
  no_answer,     // consent, and nobody said yes
  against,       // an answer against was in force between start and receipt
  yes_too_late,  // the yes does not reach back to the start
  yes_ended,
  signal,          // the event itself says no
  unread,          // the event's own word could not be read, and is never taken for silence
  not_catalogued,  // serves only event types that the catalogue lists for it
  notice,          // the yes came under a notice that the law does not accept
  source_silent,   // interest, and the source does not list it under without_answer
};

/// Its name, as programs read it.
std::string_view to_string(Why why);

struct Missing {
  PurposeBit purpose = 0;
  Why why = Why::no_answer;
};

/// All purposes the stamp did not set, each with its reason. Not for the hot path.
std::vector<Missing> missing(const Question& question);
/// `measure: no answer`, and what to change.
std::string explain(const Missing& missing, const Question& question);

}  // namespace hospes::consent
