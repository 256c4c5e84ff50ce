// All that the house knows and deduces of one guest, as values: gathered in one
// question to the partition, drawn by the pages. It reaches the firm person of
// the login (design.md section 2): what only asserted evidence joins is named
// by its kind and masked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "consent/ledger.h"
#include "outbox/level.h"
#include "portal/console.h"
#include "rights/request.h"

namespace hospes::guest {

struct KnownIdentifier {
  AtomId id;
  KindId kind = 0;
  std::string value;
  Instant since;
  Grade grade = Grade::attested;  // of the best evidence that ties it to the others
  bool login = false;
};

/// Joined to the guest by what anybody could have sent: its value and events
/// are not shown.
struct Unproved {
  AtomId id;
  KindId kind = 0;
  Instant since;
};

/// When the house's schedules end it (docs/retention.md).
struct KeptUntil {
  std::optional<Instant> at;  // none: the house set no end
  bool moves = false;         // later, when the guest does something
};

/// The latest word on one trait.
struct Trait {
  std::string name, value, source;
  Instant at;
  bool correctable = false;  // what is no identifier is retyped
  Mask serves = 0;  // by what may see it now; none: an answer closed it
  KeptUntil kept;
};

struct Done {
  Instant at, received;
  std::string type, event, source;
  Mask serves = 0;
  KeptUntil kept;
  std::vector<std::pair<std::string, std::string>> properties;
};

/// Events of one name.
struct Habit {
  std::string event;
  std::uint64_t times = 0;
  Instant first, last;
  Mask serves = 0;               // of any of them
  KeptUntil kept;                // the last of them
  std::optional<Decimal> total;  // of the property `total`, when each has it
};

/// One condition of a rule, and what it saw.
struct WhyLine {
  unsigned depth = 0;
  bool truth = false;
  std::string en, fr;  // the condition in words
  std::string value;   // what it compared: a number or text; empty: none
  std::size_t events = 0;
  std::optional<Instant> first, last;
};

struct Deduced {
  std::string id, name_en, name_fr;
  // Only of the one that was wanted:
  std::vector<WhyLine> why;
  std::optional<Instant> ends;  // when time alone ends it
  std::size_t read = 0,
              hidden = 0;      // things it looked at, and those it may not see
  std::string why_en, why_fr;  // the whole explanation, as staff read it
  PurposeBit purpose = 0;
  std::optional<Instant> since;
};

struct Permission {
  PurposeBit purpose = 0;
  std::optional<consent::Answer> answer;  // the most restrictive that stands; none: unset
  Instant since, until = Instant::never();
  consent::Notice notice;  // that was shown
  std::string source;
  Hash128 message;
  bool elsewhere = false;  // said through an identifier that is not firmly the guest's
};

struct Known {
  AtomId login;
  std::string called;  // empty: nobody said
  Instant as_of;
  std::vector<KnownIdentifier> identifiers;  // the login first
  std::vector<Unproved> unproved;
  std::vector<Trait> traits;
  std::vector<Habit> habits;  // the most frequent first
  std::vector<Done> done;     // newest first
  std::uint64_t done_in_all = 0;
  std::vector<Deduced> deduced;
  std::size_t deduced_masked = 0;       // segments that only hold with what is not proved
  std::vector<Permission> permissions;  // every purpose of the house, in order
  outbox::Choice level;                 // how often they want to hear from the house
  std::vector<rights::Request> requests;  // newest first
  bool scheduled = false;  // the house says how long it keeps things
  bool halted = false;  // nothing of theirs is used: a request keeps it from use
  std::string portable;  // when wanted: guest/portable.h

  std::vector<AtomId> atoms() const;
};

struct Wanted {
  std::size_t done_skip = 0, done_max = 20;
  std::string why = "";  // of this segment: an explanation costs some hundred evaluations
  bool portable = false;
};

/// Nothing: nobody ever sent an event or an answer under it, or it was erased.
std::optional<Known> known(const portal::ConsoleDoors& doors, AtomId login, const Wanted& wanted);

}  // namespace hospes::guest
