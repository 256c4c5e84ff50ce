// The heart: one record changes one partition. Deterministic: no clock, chance, thread or I/O; the
// same lane gives the same state, bit for bit (design.md rules 3, 7 and 8). The order of the rooms
// is read here.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "catalog/kinds.h"
#include "flow/state.h"
#include "record/record.h"

namespace hospes::flow {

/// What the house has agreed on, the same for every partition. Borrowed for the life of the state.
struct House {
  Names* names = nullptr;
  PurposeBit link = 0;       // the purpose that joins devices and channels
  Mask heeds_no_answer = 0;  // contract and duty
  /// A value that more atoms of the strongest kind name is nobody's: design.md rule 5, a choice.
  std::size_t named_max = catalog::quarantine_above();
  /// binding.h `basis_of`: what else decides who is in a segment, beside its definition.
  std::string basis = {};
  /// Compiles definitions. Pure: the same text gives an equal engine. Called once per version and
  /// partition.
  std::function<std::shared_ptr<const segment::Engine>(const record::Defined&)> engine;
  /// Binds actions to the segments of that engine; null when they do not fit. Pure as well. None:
  /// the house does not act.
  std::function<std::shared_ptr<const outbox::Rules>(
      const record::Defined&, const segment::Engine&)>
      rules = {};
  /// Binds journeys to the segments of that engine. Pure as well. None: nobody is led.
  std::function<std::shared_ptr<const journey::Book>(
      const record::Defined&, const segment::Engine&)>
      journeys = {};
  /// The same for what the house shows.
  std::function<std::shared_ptr<const decide::Definitions>(
      const record::Defined&, const segment::Engine&)>
      decisions = {};
  /// How long what is kept is kept. Pure as well; null: for ever.
  std::function<std::shared_ptr<const Keeping>(const record::Defined&)> keeping = {};
};

/// Why a passage happened.
enum class Why : std::uint8_t { event, time, rebuild, join, answer, definition, split, erasure, restriction };
std::string_view to_string(Why why);

/// One passage of one person through one segment. A fact: never rewritten.
struct Transition {
  Partition partition = 0;
  PersonId person;
  std::uint32_t dense = 0;
  segment::SegmentIndex segment = 0;
  bool entered = false;
  std::optional<segment::SegmentIndex> from = {};  // entered: the stage of the same life cycle it came from
  Instant at;
  Why why = Why::event;
  bool simulated = false;
  Hash128 message;  // of the event or answer that caused it; none: time did, or one elsewhere
  std::uint64_t members = 0;  // of the segment in this partition, after it
};

/// What became of one event.
enum class Became : std::uint8_t { applied, duplicate, sent_on, erased };
struct Fate {
  Hash128 message;
  Became became = Became::applied;
};

/// A record for another partition's lane. `origin` is set: (this partition, this position, index).
struct Message {
  Partition to = 0;
  record::Record record;
};

/// An effect that came to where it stands.
struct Effected {
  Partition partition = 0;
  ComponentId component;
  Atom anchor;
  PersonId person;
  bool simulated = false;
  outbox::Effect effect;
};

/// One move of one person in one journey: from a step to the next, into the first, to the end.
struct Moved {
  Partition partition = 0;
  PersonId person;
  Atom anchor;
  bool simulated = false;
  Hash128 instance;
  std::string journey, key;
  std::uint32_t version = 1;
  std::string from, to;  // ids of steps; empty: from outside, to the end
  journey::How how = journey::How::passed;
  outbox::Reason reason = outbox::Reason::none;
  journey::End end = journey::End::live;
  Instant at;
};

/// An offer of which something was taken, or was not.
struct Stocked {
  std::string offer;
  Hash128 decision;
  bool granted = false;
  std::uint64_t taken = 0;  // after it
};

struct Outcome {
  std::vector<Message> messages;
  std::vector<Transition> transitions;
  std::vector<Fate> fates;
  std::vector<Effected> effects;
  std::vector<Moved> moves;
  std::vector<consent::Row> answers;  // for the door's index
  std::vector<AtomId> quarantined;    // named by too many: an alert
  std::vector<Stocked> stocked;
  std::vector<Atom> lapsed;  // nothing holds these any more: they are to be erased
  std::size_t ended = 0;     // events that left by the schedules

  void clear() {
    messages.clear();
    transitions.clear();
    fates.clear();
    effects.clear();
    moves.clear();
    answers.clear();
    quarantined.clear();
    stocked.clear();
    lapsed.clear();
    ended = 0;
  }
};

/// Applies the record at `position` of the partition's lane; timers due before it fire first.
/// Appends to `outcome`. Precondition: position > state.applied.
void apply(
    PartitionState& state, Position position, const record::Record& record, const House& house,
    Outcome& outcome
);

/// Earliest instant at which a tick would change something; never() when nothing waits.
Instant next_due(const PartitionState& state);

inline constexpr Duration dedup_window =
    std::chrono::hours(35 * 24);                         // by receipt; design.md rule 9
inline constexpr std::size_t component_atoms_max = 256;  // design.md rule 5
inline constexpr std::size_t component_edges_max = 2'000;

}  // namespace hospes::flow
