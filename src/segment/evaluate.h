// The meaning: what a predicate says about one person's whole timeline, computed from scratch. Slow
// and plain on purpose: the engine (engine.h) must always agree with it, and `why` (explain.h)
// shows its work.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/timeline.h"
#include "segment/definition.h"
#include "segment/lifecycle.h"
#include "segment/sphere.h"
#include "zones/zones.h"

namespace hospes::segment {

/// Place of a definition in its list; stable while the list only grows (a retired definition keeps
/// its place).
using SegmentIndex = std::uint32_t;

/// What definitions need to know of the house to be bound to it.
struct Binding {
  Names* names = nullptr;
  std::function<std::optional<PurposeBit>(std::string_view)> purpose;
  std::function<std::optional<KindId>(std::string_view)> kind;
  const zones::Zone* zone = nullptr;  // of the house; null: UTC
};

/// One event as the person's permissions let it be seen now. Borrows from the timeline.
struct Seen {
  const Moment* moment = nullptr;
  std::string_view body;
  Mask mask =
      0;  // purposes it is visible to now: the event's own mask met with the person's answers
};

/// What a person's identifiers together answer about one purpose: the most restrictive, unset
/// neutral.
struct Answered {
  PurposeBit purpose = 0;
  Said said = Said::given;            // given, refused, withdrawn or objected
  Instant since;                      // the latest record of that answer
  Instant until = Instant::never();   // given: end of the yes that lasts longest
};

/// What a predicate is asked about. `events` are in (happened, message) order, each message once.
struct Person {
  std::span<const Seen> events;
  std::uint64_t kinds =
      0;  // bit k: has an identifier of kind k (design: firm or live is the caller's choice)
  std::span<const Answered> answers = {};  // one a purpose
};

// A predicate bound to the names of a house. The tree of definition.h, with ids in place of texts.
struct BoundClause {
  Name name = no_name;  // of `near`: the latitude
  Test test = Test::exists;
  std::vector<Value> values;
  Calendar calendar{};
  Name east = no_name;  // near: the longitude
  Direction centre{};   // near
  Wide chord = 0;       // near: what a squared chord may be at most
};
struct BoundNamed {
  Name event = no_name;
  std::vector<BoundClause> where;
};
struct BoundReply {
  bool given = false;
  BoundNamed by;
  Duration within{0};
  Name same = no_name;
};
struct BoundSelection : BoundNamed {
  std::optional<BoundReply> reply;
};
struct BoundMeasure {
  Fold fold = Fold::count;  // `aged`: first or last
  BoundSelection select;
  Name property = no_name;
  Window window;
  Per per = Per::event;
  unsigned least = 1;
};
struct BoundStep {
  BoundSelection then;
  std::optional<Duration> after, within;
  Name same = no_name;
  std::optional<BoundSelection> without;
};
enum class BoundKind : std::uint8_t {
  all,
  any,
  negation,
  in_segment,
  identifier,
  trait,
  date,
  folded,
  aged,
  sequence,
  compared,
  ranked,
  still,
  calendar,
  permission
};
/// How a person's clock is found: the latest of these traits that names a zone, else the house's.
struct Clock {
  Name timezone = no_name, context_timezone = no_name;
  Name identify = no_name;  // the events that may change it
  const zones::Zone* house = nullptr;
};
struct BoundNode : BoundMeasure {
  BoundKind kind = BoundKind::all;
  std::vector<BoundNode> of;
  SegmentIndex segment = 0;
  KindId identifier = 0;
  BoundClause clause;  // trait; or the comparison of `folded`, `compared` and `ranked`
  DateTest date = DateTest::before;
  Duration offset{0};
  std::optional<Instant> absolute;  // date, still
  Window age;
  bool from_first = false;
  std::vector<BoundStep> steps;
  std::vector<BoundMeasure> right;  // compared: exactly one
  Decimal factor;                   // compared, ranked
  std::optional<Decimal> threshold;
  std::optional<Duration> ahead;  // still, and `ends` of a permission
  Calendar calendar{};
  PurposeBit about = 0;  // permission
  Said said = Said::given;
  const Clock* clock = nullptr;  // lives as long as the Definitions
  const Node* source = nullptr;  // lives as long as the Definitions

  /// Everything that it and what stands in it looks at among events, identifies for traits and
  /// clocks left out.
  void selections(std::vector<const BoundNamed*>& out) const;
  /// Whether it, or what stands in it, looks at traits or at the person's clock.
  bool heeds_identify() const;
};

/// A list of definitions, checked, bound, and ordered so that a segment comes after those it asks
/// about. Immutable.
class Definitions {
 public:
  struct Entry {
    Definition definition;
    bool retired = false;  // keeps its index, has no members
    PurposeBit purpose = 0;
    BoundNode predicate;
  };

  std::size_t size() const { return entries_.size(); }
  const Entry& at(SegmentIndex i) const { return entries_[i]; }
  std::optional<SegmentIndex> find(std::string_view id) const;
  /// Indices, referenced segments first; retired ones left out.
  std::span<const SegmentIndex> order() const { return order_; }
  const Names& names() const { return *names_; }
  /// Every test that compares people, each once: what the next refresh of thresholds must count.
  struct Ranking {
    std::string purpose;
    PurposeBit bit = 0;
    std::string text;
    const BoundNode* node = nullptr;
  };
  std::span<const Ranking> rankings() const { return rankings_; }
  std::span<const Threshold> thresholds() const { return thresholds_; }
  const Clock& clock() const { return clock_; }
  std::span<const Lifecycle> lifecycles() const { return lifecycles_; }
  /// Where a segment is a stage: life cycle and place in it; nothing when it is none.
  struct Stage {
    std::uint16_t lifecycle = 0, at = 0;
    bool operator==(const Stage&) const = default;
  };
  std::optional<Stage> stage_of(SegmentIndex i) const {
    return i < stages_.size() ? stages_[i] : std::nullopt;
  }

 private:
  friend class Binder;
  friend Result<std::shared_ptr<const Definitions>>
  bind(std::vector<Definition>, const Binding&, const std::vector<bool>&, std::span<const Threshold>, std::span<const Lifecycle>);
  std::vector<Entry> entries_;
  std::vector<SegmentIndex> order_;
  std::vector<Ranking> rankings_;
  std::vector<Threshold> thresholds_;
  std::vector<Lifecycle> lifecycles_;
  std::vector<std::optional<Stage>> stages_;  // by segment; empty without life cycles
  Clock clock_;
  const Names* names_ = nullptr;
};

/// invalid_input with a sentence when a purpose, identifier kind or segment is unknown, ids repeat,
/// segments ask about each other in a circle, or one asks about a segment of another purpose (that
/// would lend it events it may not see). A circle is named with its path. `retired[i]`: definition i
/// keeps its index and has no members. `thresholds`, `lifecycles`: those in force (lifecycle.h).
Result<std::shared_ptr<const Definitions>> bind(
    std::vector<Definition> list, const Binding& binding, const std::vector<bool>& retired = {},
    std::span<const Threshold> thresholds = {}, std::span<const Lifecycle> lifecycles = {}
);

/// Truth now, and the next instant at which it could change if nothing arrives (never(): none).
/// `next` is exact in this sense: the truth does not change before it; it may stay the same at it.
struct Answer {
  bool truth = false;
  Instant next = Instant::never();
};

/// Members so far, asked by `in_segment`; and the next change of that membership.
using MemberOf = std::function<Answer(SegmentIndex)>;

Answer evaluate(
    const BoundNode& node, const Person& person, Mask purpose, const MemberOf& member_of,
    Instant now
);

/// One test and what it saw: the number or value it compared (null: none), and the events that took
/// part.
struct Finding {
  Answer answer;
  Value value;
  std::vector<const Seen*> events;  // in order; of a sequence the pairs' ends
};
Finding look(
    const BoundNode& leaf, const Person& person, Mask purpose, const MemberOf& member_of,
    Instant now
);

/// All definitions for one person.
struct Memberships {
  std::vector<bool> in;  // by index
  std::vector<Instant> next;
  Instant due = Instant::never();
};
Memberships evaluate_all(const Definitions& definitions, const Person& person, Instant now);

// Pieces that `why` and the engine share with the evaluator: they are part of the meaning.

/// Does a value pass a test? `value.kind == null` is a missing value.
bool passes(const ValueView& value, Test test, std::span<const Value> literals);
/// Could it be among them? Conditions on the calendar and on replies are passed over.
bool selects(const BoundNamed& selection, const Moment& moment, std::string_view body);
/// The person's zone as that purpose sees it.
const zones::Zone& zone_of(const Clock& clock, const Person& person, Mask purpose, Instant now);
/// What `ranked` compares; nothing when no such event is visible.
std::optional<Decimal> ranked_value(
    const BoundNode& ranked, const Person& person, Mask purpose, Instant now
);
/// The trait as that purpose sees it; kind null when nobody said, or the last word was null.
ValueView trait_of(const Person& person, Mask purpose, Name name, Instant now);
bool in_window(const Window& window, Instant happened, Instant now);
/// Next instant after `now` at which `happened` enters or leaves the window.
Instant next_edge(const Window& window, Instant happened, Instant now);
Answer date_answer(const BoundNode& node, const ValueView& value, Instant now);
Answer date_answer(const BoundNode& node, Instant t, Instant now);

}  // namespace hospes::segment
