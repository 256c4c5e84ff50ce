// Inside of apply(): one record in flight, and the helpers its parts share. Private to flow/.
#pragma once

#include <deque>
#include <span>

#include "flow/apply.h"

namespace hospes::flow {

/// One application. Messages to this same partition do not travel: they wait in `here` and are
/// taken before apply returns.
struct Step {
  PartitionState& state;
  Position position;
  const House& house;
  Outcome& outcome;
  std::uint32_t index = 0;
  Hash128 message;  // of the event or answer being taken
  Instant happened;  // of the event
  bool history = false;  // the event is: it moves people, and is no moment to act
  const Event* event = nullptr;  // while what it changes is told
  std::vector<Hash128> entered, led;  // journeys that this event began, or moved
  std::deque<record::Record> here;
  /// Steps that set a trait and are not yet heard: each is taken as an event of its own, between two
  /// others.
  struct Word {
    Hash128 instance;
    unsigned depth = 0;
  };
  std::deque<Word> words;
  unsigned depth = 0;  // of the word being taken; 0: an event or time

  void send(AtomId home_of, record::Record record);
  void send(Partition to, record::Record record);
  Partition home(AtomId id) const { return partition_of(id, state.partitions); }
  bool is_home(AtomId id) const { return home(id) == state.self; }
};

// effects.cc: whether it came with an import, which did not ask that the house acts on it.
bool is_history(const Event& event, const Names& names);

// apply.cc
void advance_clock(Step& step, Instant stamp);

// route.cc: finds the live component that a record is for, or sends it on.
Component* addressee(Step& step, const record::Record& record, const Atom& atom);
/// Follows moved components; sends the record on and returns null when the way leaves this
/// partition.
Component* arrive_at(Step& step, const record::Record& record, ComponentId id);
Component& own_component(PartitionState& state, const Atom& atom);
void touch(PartitionState& state, Component& component);
std::size_t index_of(const Component& component, AtomId atom);
inline constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

// deliver.cc
void deliver(Step& step, Component& component, const record::Arrived& arrived);
void deliver(Step& step, Component& component, record::Answered answered);

// join.cc
/// Asks the other's component to come here, or to be come to. `by`: the atom it was seen with.
void ask_for(Step& step, Component& component, const Atom& other, const Atom& by);
/// How long effects are held back for a join that was asked for, should nothing come.
inline constexpr Duration joining_lasts = std::chrono::seconds(1);
/// `namer` was seen with `atom`. True when that makes it a value that is nobody's.
bool note_namer(Step& step, Component& component, AtomState& atom, const Atom& namer);
void on_link(Step& step, const record::Record& record, const record::Link& link);
void on_invite(Step& step, const record::Record& record, const record::Invite& invite);
void on_bundle(Step& step, const record::Record& record, const record::Bundle& bundle);
void on_repoint(Step& step, const record::Repoint& repoint);

// evidence.cc
/// Records evidence that `owner` and `other` are one; asks for the other's component when it is not
/// here. True when the component's people may have changed.
bool add_evidence(Step& step, Component& component, const Event& event, const Atom& other);
/// Evidence by staff, who looked at both: attested, on the yes of an end.
void vouch(Step& step, Component& component, const record::Ruled& ruled);
/// The atom whose yes opened something of the event comes to live here, so that its yes is heard.
void keep_near(Step& step, Component& component, const Event& event, const Atom& opener);

// part.cc
void deliver(Step& step, Component& component, const record::Ruled& ruled);
void deliver(Step& step, Component& component, const record::Forgotten& forgotten);
/// Every no of the people whom `end` belongs to stays with each atom of theirs, whoever keeps it:
/// to part people never opens anything.
void copy_noes(Step& step, Component& component, std::size_t end, Instant acted, Position position);

// people.cc
/// Recomputes who is who in the component; people whose atoms changed are rebuilt, those who
/// vanished leave their segments. `everybody`: what is seen of any of them may have changed too.
/// Who was rebuilt, by dense number.
std::vector<std::uint32_t> regroup(Step& step, Component& component, Why why, bool everybody = false);
void rebuild(Step& step, Component& component, PersonState& person, Instant now, Why why);
void fold(
    Step& step, Component& component, PersonState& person, AtomState& atom, const Moment& moment
);
void fire(Step& step, Component& component, PersonState& person, Instant due);
void retire(Step& step, Component& component, PersonState& person, Why why);
/// Sets who is firmly tied to whom; marks as stale whom that changes.
void tie(Component& component, PurposeBit link, Instant now);
/// A yes to `link` ends at this instant: who rests on it may fall apart.
bool link_ends(const Component& component, PurposeBit link, Instant at);
/// After a load: page, members, timers as they were; nothing is emitted.
void badge(PartitionState& state, const Component& component, PersonState& person);
void refresh(PartitionState& state, Component& component, PersonState& person, Mask heedless);
PersonState* person_with(Component& component, std::size_t atom_index);
void schedule(PartitionState& state, PersonState& person, Instant due);

// effects.cc
/// What the rules make of a passage; nothing, unless an event, time or an answer caused it.
void decide(Step& step, Component& component, const PersonState& person, const segment::Flip& flip, Why why);
void deliver(Step& step, Component& component, const record::Claimed& claimed);
void deliver(Step& step, Component& component, const record::Performed& performed);
void deliver(Step& step, Component& component, const record::Levelled& levelled);
/// Plans what the rule says, under that atom; the effect, when it is not planned already.
void plan(
    Step& step, Component& component, std::size_t anchor, const outbox::Rule& rule,
    const outbox::Passage& passage
);
/// What of the person waits for its time, or may be claimed, is asked again: their level has changed.
void ask_again(Step& step, Component& component, const PersonState& person);
outbox::Effect* effect_in(AtomState& atom, Hash128 key);
/// It does not leave any more, unless it has.
void cancel(Step& step, Component& component, Hash128 effect);
/// Its journey was paused and is no more: asked again, if that is what held it.
void let_go(Step& step, Component& component, Hash128 effect);
/// Whether the person is in the segment, by what is firmly tied to that atom alone.
bool is_firm_member(
    const Step& step, const Component& component, const PersonState& person, std::size_t anchor,
    segment::SegmentIndex segment
);
/// Effects whose time has come are ready.
void make_ready(Step& step);
/// The atom's effects are here now, or no longer.
void index_effects(PartitionState& state, const Component& component, const AtomState& atom);
void forget_effects(PartitionState& state, const AtomState& atom);

// levels.cc
/// To part people never raises anybody's level: the least that any of them wants stays with each.
void keep_levels(Component& component, std::span<const std::uint16_t> people);

// journeys.cc
/// What a passage means to who is led, and whom it leads.
void lead(Step& step, Component& component, const PersonState& person, const segment::Flip& flip, Why why);
/// What an event of that atom means to who is led, and whom it leads.
void lead(Step& step, Component& component, std::size_t owner, const Event& event);
/// An effect has come to its end.
void lead(Step& step, Component& component, Hash128 effect, outbox::State state, outbox::Reason reason);
/// One page of those who enter by a date, if any do.
void sweep(Step& step);
inline constexpr std::size_t sweep_page = 200;
/// Whatever is due at that instant.
void lead_due(Step& step, Instant due);
/// Takes what journeys have set since the last call, each at the clock of now.
void settle_words(Step& step);
/// A word that was set off by so many others is not said: no circle of journeys feeds itself.
inline constexpr unsigned words_deep_max = 4;
/// After people came together, parted, answered or were defined anew. `came`: atoms that belong to
/// another person now. `answers`: they may have changed, so each journey's permission is asked again.
void settle_led(
    Step& step, Component& component, const std::vector<std::uint16_t>& came, bool answers = true
);
/// The atom's journeys are here now, or no longer.
void index_led(PartitionState& state, const Component& component, const AtomState& atom);
/// The same for one of many: when each must be looked at is added to `waits`, for the caller to sort.
void index_led(
    PartitionState& state, const Component& component, const AtomState& atom, std::vector<Wait>& waits
);
void forget_led(PartitionState& state, const AtomState& atom);
/// The journeys of the definitions in force, and when the next entry by the time of day is.
void open_book(PartitionState& state, const House& house);
/// Journeys that `before` held and the definitions in force do not: their ids.
std::vector<std::string> resumed(const PartitionState& state, const journey::Book* before);
/// Entries that a pause held go on where it is over, and are gone where the journey is.
void release_sweeps(PartitionState& state);
/// Who was held in one of them goes on from where they stand.
void resume_led(Step& step, Component& component, const std::vector<std::string>& journeys);
/// Who is in the segment of a journey that is new, or newly says `with members`, enters page by page.
void welcome_members(PartitionState& state, const journey::Book* before);
// decisions.cc
void deliver(Step& step, Component& component, const record::Witnessed& witnessed);
/// Of a decision for nobody.
void count_witnessed(Step& step, const record::Witnessed& witnessed);
void take(Step& step, const record::Took& took);
void hear_sold_out(Step& step, const record::SoldOut& sold);
/// After new definitions, of offers whose stock is counted here.
void tell_sold_out(Step& step);

// rights.cc
void deliver(Step& step, Component& component, const record::Requested& requested);
/// Atoms of people of whom nothing is used, in either reading: an identifier of theirs halts it, or
/// is firmly tied to one that does.
std::vector<AtomId> set_aside(
    const Component& component, const identity::People& live, PurposeBit link, Instant now
);

// retention.cc
/// It is looked through no later than then, or than that event ends. never(): not at all.
void expect_end(PartitionState& state, Component& component, Instant end);
void expect_end(PartitionState& state, Component& component, const Event& event);
/// The schedules of the definitions in force.
void keep_by(PartitionState& state, std::shared_ptr<const Keeping> keeping);
/// One page of those of whom something ends.
void let_end(Step& step);

// stages.cc
/// Counts what these passages of one person mean to the life cycles, and tells who enters a stage
/// which one they left.
void pass_stages(Step& step, segment::Flips& flips, Why why, bool simulated);
/// The life cycles of the definitions in force.
void open_stages(PartitionState& state);

// definitions.cc
void take_definitions(Step& step, const record::Defined& defined);
void switch_definitions(Step& step);

}  // namespace hospes::flow
