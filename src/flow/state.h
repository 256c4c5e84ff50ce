// The state of one partition: components of evidence, the people in them, and what a partition must
// remember to be exact. Plain values; nothing here reads a clock, a file or chance. docs/adr/0002
// says why components and not people are the unit that moves.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <roaring.hh>
#include <set>
#include <vector>

#include "base/result.h"
#include "consent/ledger.h"
#include "decide/definitions.h"
#include "decide/memory.h"
#include "flow/stages.h"
#include "flow/waits.h"
#include "identity/people.h"
#include "journey/book.h"
#include "journey/instance.h"
#include "model/timeline.h"
#include "outbox/effect.h"
#include "record/record.h"
#include "rights/request.h"
#include "segment/engine.h"
#include "segment/timer_wheel.h"

namespace hospes::flow {

using record::ComponentId;

/// One atom and all that lies under it.
struct AtomState {
  explicit AtomState(const Atom& who) : atom(who), ledger(who.id) {}

  Atom atom;
  mutable Timeline held;  // its events, but for those of the first `cold` chunks: see cold.h
  mutable std::uint32_t cold = 0;  // timeline rows that only the store holds
  consent::Ledger ledger;
  std::vector<Hash128> references;
  /// Atoms of the strongest kind that were seen with it, at most House::named_max + 1: beyond, it is
  /// nobody's (quarantined).
  std::vector<AtomId> namers;
  bool quarantined = false;
  bool erased = false;  // nothing is left but its edges' place in the order
  Hash128 tombstone;    // of an erased one: keyed hash of what it was (record::Forgotten)
  Instant erased_at;
  // What the next checkpoint writes: rows.h forms of what came since the last one.
  std::string fresh_events;
  std::uint32_t fresh_count = 0;
  bool fresh_ledger = false;
  std::vector<outbox::Effect> effects;  // of which it is the anchor, oldest first
  bool fresh_effects = false;
  std::vector<journey::Instance> journeys;  // of which it is the anchor
  bool fresh_journeys = false;
  outbox::Choice chosen;  // how often they want to hear from the house
  bool fresh_chosen = false;
  decide::Memory shown;  // of decisions that asked about it
  bool fresh_shown = false;
  std::vector<rights::Request> requests;  // made through it, by `made`
  bool fresh_requests = false;
  Instant acted = Instant::beginning();  // the last act of its person among events that have ended
  bool rewrite = false;  // its rows hold what has ended (retention.h): the next checkpoint writes them anew
  std::uint32_t chunks = 0;  // timeline rows in the store, or on their way there
  std::uint64_t taken = 0;   // the last checkpoint that took events of it
};

/// What was seen together, ends in ascending order (evidence.h). Without points: the two never were,
/// but one's yes opened an event of the other, so they live in one place.
struct Evidence {
  struct Point {
    Instant start;  // of the event that was the evidence
    Grade grade = Grade::asserted;
    std::uint8_t rests = 0;  // on nobody's yes, 1 on that of `a`, 2 on that of `b`
    auto operator<=>(const Point&) const = default;
  };
  AtomId a, b;
  std::vector<Point> points;  // ascending
  bool operator==(const Evidence&) const = default;
};

/// What somebody decided about two atoms, oldest first: the last of each pair counts.
struct Ruling {
  AtomId a, b;  // ascending
  record::Ruled::Word word = record::Ruled::Word::cut;
  std::uint8_t by = 0;
  Instant acted;      // clock of the home lane of `a`
  Position position;  // in it
  bool operator==(const Ruling&) const = default;
};

/// One person of the live reading. `dense` names them in member sets of this partition and is never
/// given again.
struct PersonState {
  PersonId id;
  std::uint32_t dense = 0;
  std::vector<std::uint16_t> atoms;  // indices into the component's atoms
  std::vector<std::uint16_t> tied;   // others, firmly tied to one of them: their answers against
                                     // count in both readings
  segment::Page page;
  Instant due = Instant::never();  // next instant at which time alone may change something
  bool stale = false;              // within one regrouping: its atoms changed
  bool simulated = false;          // stands in PartitionState::simulated
  Instant scheduled =
      Instant::never();  // of its one live timer; may be earlier than `due`, never later
};

struct Component {
  ComponentId id;
  std::optional<ComponentId> moved_to;  // set: all else is empty, and what comes is sent on
  std::vector<AtomState> atoms;
  std::vector<Evidence> edges;  // one end may still live elsewhere: its component has been asked
  std::vector<Ruling> rulings;  // by (acted, position)
  std::vector<PersonState> people;
  std::vector<AtomId> shared;  // devices whose own events belong to nobody
  std::vector<AtomId> aside;   // of people who keep everything of theirs from use (rights.cc)
  bool frozen = false;         // too large; no further evidence is taken
  bool dirty = false;
  Instant ends = Instant::never();  // no later than this something of it may end: PartitionState::ending
  Instant joining_until = Instant::beginning();  // while it waits for another: not kept, and read by
                                                 // whoever releases an effect only
  mutable bool queued = false;     // stands in PartitionState::warm or read_back
  mutable std::size_t weight = 0;  // bytes of its timelines in memory, as counted in warm_bytes
};

/// Highest message seen from one source partition.
struct Mark {
  Position position;
  std::uint32_t index = 0;
  auto operator<=>(const Mark&) const = default;
};

/// Where an event went, for de-duplication and for "what became of it".
struct Seen {
  AtomId owner;
  Instant received;
};

struct Totals {
  std::uint64_t events = 0;      // applied, each once
  std::uint64_t duplicates = 0;  // refused as seen before
  std::uint64_t erased = 0;      // records whose key is gone
  std::uint64_t transitions = 0;
};

struct PersonRef {
  Component* component = nullptr;  // null: this dense id is spent
  std::uint16_t index = 0;
};

class Cold;
class Keeping;

/// Whom the schedules of the house are asked about next.
struct Ending {
  Instant at;
  AtomId component;
  auto operator<=>(const Ending&) const = default;
};

/// What a partition counts of one offer. Its stock is counted in one partition only (stock_lane).
struct OfferCount {
  std::uint64_t seen_by_nobody = 0;  // exposures of contextual answers
  std::set<Hash128> taken;           // decisions that took one
  std::uint64_t told = 0;  // taken when nothing was left, as the counting partition told the others
};

/// An effect that waits or is claimed: where it lies.
struct OpenEffect {
  AtomId component, anchor;
};
/// One that is ready no sooner than at `due`.
struct Held {
  Instant due;
  Hash128 effect;
  auto operator<=>(const Held&) const = default;
};

/// Who is led, for whoever must be looked at; what was counted.
struct Led {
  struct Sum {
    enum What : std::uint8_t { entered, step, ended, kept_out } what = step;
    std::uint16_t at = 0;     // step: its place
    std::uint8_t how = 0;     // step: journey::How; ended: journey::End
    std::uint8_t reason = 0;  // outbox::Reason
    auto operator<=>(const Sum&) const = default;
  };
  using Version = std::pair<std::string, std::uint32_t>;

  std::shared_ptr<const journey::Book> book;
  boost::unordered_flat_map<Hash128, AtomId, HashOfHash> live;  // its anchor
  boost::unordered_flat_map<AtomId, AtomId, HashOfAtom> joined;  // of an anchor that lives in another's component: that one
  Waits waits;
  /// Members who enter by a date or a time of day, a page a record: those of that instant, from that
  /// dense id on.
  struct Sweep {
    Instant due;
    std::uint32_t from = 0;
    std::string journey;  // of one alone; empty: of all whose instant that is
    std::uint32_t version = 0;
    bool by_date = false;  // of one journey: its date, and not that it came into force `with members`
  };
  Instant dated = Instant::never();  // the next such instant
  std::deque<Sweep> sweeps;          // begun and not ended, the oldest first
  std::vector<Sweep> held;           // of journeys that are paused: they go on when those do
  std::map<Version, std::map<std::uint16_t, std::uint64_t>> here;  // live ones by step
  std::map<Version, std::map<Sum, std::uint64_t>> sums;     // since the house began
  /// Where that instance lies; nothing: it is not live here.
  std::optional<OpenEffect> place_of(Hash128 instance) const {
    const auto one = live.find(instance);
    if (one == live.end()) return std::nullopt;
    const auto in = joined.find(one->second);
    return OpenEffect{in == joined.end() ? one->second : in->second, one->second};
  }
  Instant soonest() const {
    return waits.empty() ? dated : std::min(dated, waits.first().due);
  }
};

/// Messages of the de-duplication window (seen.cc). What the store holds is known here by half of
/// its hash only: a hit is looked up there.
struct SeenMessages {
  mutable boost::unordered_flat_map<Hash128, Seen, HashOfHash> exact;
  mutable boost::unordered_flat_set<std::uint64_t> stored;
  mutable bool unread = false;  // `stored` is filled at the first look: a start does not wait for it
  std::vector<std::pair<Hash128, Seen>> fresh;                       // since the last checkpoint
  std::deque<std::pair<std::uint64_t, std::vector<Hash128>>> taken;  // by checkpoint, not confirmed
  std::vector<std::pair<std::int64_t, Hash128>> forgotten;  // left the window: their rows go
};

struct PartitionState {
  Partition self = 0;
  unsigned partitions = partitions_default;
  Instant clock = Instant::beginning();
  Instant opened =
      Instant::never();  // stamp of the lane's first record: nothing was received before it
  Position applied;
  Hash128 pages_rest_on;  // rows.h `pages_rest_on`: of the house that made its pages
  boost::unordered_flat_map<AtomId, std::unique_ptr<Component>, HashOfAtom>
      components;  // by eldest atom
  boost::unordered_flat_map<AtomId, ComponentId, HashOfAtom>
      directory;  // home atoms that live in another component than their own
  boost::unordered_flat_map<Hash128, AtomId, HashOfHash> references;
  SeenMessages seen;
  std::map<Partition, Mark> marks;
  std::vector<PersonRef> dense;
  segment::TimerWheel timers;  // one live timer a person, lazily moved
  std::shared_ptr<const segment::Engine> engine;
  record::Defined definitions;  // in force
  std::optional<record::Defined> next_definitions;
  std::shared_ptr<const outbox::Rules> rules;
  std::shared_ptr<const decide::Definitions> decisions;
  std::map<std::string, OfferCount> offers;
  boost::unordered_flat_map<Hash128, OpenEffect, HashOfHash> open_effects;
  std::set<Held> held;
  Led led;
  std::shared_ptr<const Keeping> keeping;  // null: the house set no end
  std::set<Ending> ending;
  Instant ended_at = Instant::beginning();  // when something last did
  std::vector<roaring::Roaring> members;  // dense ids by segment
  roaring::Roaring simulated;             // dense ids of invented people (look.h)
  Stages stages;                          // of life cycles
  Totals totals;

  // Since the last checkpoint.
  std::vector<Component*> dirty;
  std::vector<AtomId> dirty_directory;
  std::set<std::string> dirty_offers;
  std::vector<std::pair<AtomId, std::uint32_t>>
      left_atoms;               // moved away: their rows and so many chunks go
  std::uint64_t taken = 0;      // checkpoints taken
  std::uint64_t confirmed = 0;  // of those, readable in the store

  // Timelines in memory. Null `cold`: none ever leaves.
  const Cold* cold = nullptr;
  std::size_t warm_bytes_max = 0;
  mutable std::size_t warm_bytes = 0;
  mutable std::deque<const Component*> warm;  // who has some, the longest there first
  mutable std::deque<const Component*> read_back;  // for one look: the first to leave
  mutable bool crowded = false;  // too much is held, and none may leave before a confirmation
  mutable Status unreadable;  // what was not read back: nothing after it is true, a restart is due
};

}  // namespace hospes::flow
