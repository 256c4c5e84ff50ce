// Why is this person in that segment, or not, and what would change it? Built on the evaluator, so
// it cannot disagree.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "segment/evaluate.h"
#include "segment/sentence.h"

namespace hospes::segment {

inline constexpr std::size_t evidence_max = 20;      // events shown per test: the latest ones
inline constexpr std::size_t added_events_max = 64;  // of a proposed change
inline constexpr std::size_t tries_max = 600;        // evaluations spent on one proposal
inline constexpr std::size_t edges_max = 64;         // instants looked at ahead

struct Evidence {
  Hash128 message;
  Instant happened;
  Name event = no_name;
};

/// One test of the predicate, and what it saw.
struct Reason {
  BoundKind kind = BoundKind::all;
  bool truth = false;
  std::string subject;  // `count("Order Completed", 90d)`; empty for all, any, not
  Value value;          // kind null: none. For ages the instant, as text
  std::string needs;    // `>= 4`
  std::size_t events = 0;
  std::vector<Evidence> evidence;      // ascending in time
  std::optional<Instant> first, last;  // of all events that took part
  Instant changes = Instant::never();  // when time alone turns its truth
  std::vector<Reason> parts;
};

/// An event that would make the difference; traits are properties of an identify event.
struct Addition {
  std::string event;
  EventType type = EventType::track;
  Duration after{1};  // later than the moment of asking; never at it, where hashes order events
  std::vector<Property> properties;
};

/// What to change: add these events and identifiers, then wait until `at`. Nothing to add: only
/// wait.
struct Change {
  std::vector<Addition> add;
  std::uint64_t kinds = 0;  // identifier kinds to gain
  Instant at;
  /// From the moment of asking to the last addition.
  Duration add_span() const { return add.empty() ? Duration(0) : add.back().after; }
};

/// An answer against the segment's purpose that is in force: nothing that happens now is seen by it.
struct Barred {
  std::string answer;  // `objected`
  Instant since;
};

/// Why a test has no sure proposal.
enum class Unsearched : std::uint8_t {
  theirs,    // a permission is the person's to give and to take back
  calendar,  // a date or a time of day comes by itself
  guessed,   // of this form only some ways are tried
};
struct Unproposed {
  std::string test;  // canonical text
  Unsearched because = Unsearched::guessed;
};

struct Explanation {
  SegmentIndex segment = 0;
  bool in = false;
  std::optional<Instant> since;
  Instant now;
  Reason reason;
  std::optional<Instant> passes;  // time alone will end (or begin) the membership then
  std::optional<Change>
      change;  // the smallest change found by adding something; verified on a copy
  std::size_t events = 0;        // of the timeline
  std::size_t hidden = 0;        // of those, what the segment's purpose may not see
  std::optional<Barred> barred;  // then no change by adding exists
  /// Without `change` and `barred`: the tests that the search does not master; when there are none,
  /// no event or trait is known to turn the membership.
  std::vector<Unproposed> unproposed;
  /// Neither: no waiting and no event or trait that this search knows turns the membership.
  bool nothing_known() const { return !passes && !change; }
};

/// `since` comes from the person's page, `barred` from the ledger. Cost: some hundred evaluations;
/// not for the path of an event.
Explanation explain(
    const Definitions& definitions, SegmentIndex segment, const Person& person,
    std::optional<Instant> since, Instant now, std::optional<Barred> barred = {}
);

/// The truth of one segment, other segments it asks about included. Exact at `now`; `next` as in
/// evaluate.
Answer ask(const Definitions& definitions, SegmentIndex segment, const Person& person, Instant now);

/// Applies a change to a copy of the person at `now` and says whether the segment holds at
/// `change.at`.
bool holds_after(
    const Definitions& definitions, SegmentIndex segment, const Person& person, Instant now,
    const Change& change
);

/// As `hospes why` prints it, times in UTC.
std::string to_text(
    const Explanation& explanation, const Definitions& definitions, Language language
);
std::string to_json(const Explanation& explanation, const Definitions& definitions);

}  // namespace hospes::segment
