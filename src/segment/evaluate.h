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

namespace hospes::segment {

/// Place of a definition in its list; stable while the list only grows (a retired definition keeps
/// its place).
using SegmentIndex = std::uint32_t;

/// What definitions need to know of the house to be bound to it.
struct Binding {
  Names* names = nullptr;
  std::function<std::optional<PurposeBit>(std::string_view)> purpose;
  std::function<std::optional<KindId>(std::string_view)> kind;
};

/// One event as the person's permissions let it be seen now. Borrows from the timeline.
struct Seen {
  const Moment* moment = nullptr;
  std::string_view body;
  Mask mask =
      0;  // purposes it is visible to now: the event's own mask met with the person's answers
};

/// What a predicate is asked about. `events` are in (happened, message) order, each message once.
struct Person {
  std::span<const Seen> events;
  std::uint64_t kinds =
      0;  // bit k: has an identifier of kind k (design: firm or live is the caller's choice)
};

// A predicate bound to the names of a house. The tree of definition.h, with ids in place of texts.
struct BoundClause {
  Name name = no_name;
  Test test = Test::exists;
  std::vector<Value> values;
};
struct BoundSelection {
  Name event = no_name;
  std::vector<BoundClause> where;
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
  sequence
};
struct BoundNode {
  BoundKind kind = BoundKind::all;
  std::vector<BoundNode> of;
  SegmentIndex segment = 0;
  KindId identifier = 0;
  BoundClause clause;  // trait; or the comparison of `folded`
  DateTest date = DateTest::before;
  Duration offset{0};
  std::optional<Instant> absolute;
  Fold fold = Fold::count;  // `aged`: first or last
  BoundSelection select, then;
  Name property = no_name;
  Window window, age;
  bool from_first = false;
  std::optional<Duration> within;
  const Node* source = nullptr;  // lives as long as the Definitions
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

 private:
  friend Result<std::shared_ptr<const Definitions>>
  bind(std::vector<Definition>, const Binding&, const std::vector<bool>&);
  std::vector<Entry> entries_;
  std::vector<SegmentIndex> order_;
  const Names* names_ = nullptr;
};

/// invalid_input with a sentence when a purpose, identifier kind or segment is unknown, ids repeat,
/// segments ask about each other in a circle, or one asks about a segment of another purpose (that
/// would lend it events it may not see). `retired[i]`: definition i keeps its index and has no
/// members.
Result<std::shared_ptr<const Definitions>> bind(
    std::vector<Definition> list, const Binding& binding, const std::vector<bool>& retired = {}
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
bool selects(const BoundSelection& selection, const Moment& moment, std::string_view body);
/// The trait as that purpose sees it; kind null when nobody said, or the last word was null.
ValueView trait_of(const Person& person, Mask purpose, Name name, Instant now);
bool in_window(const Window& window, Instant happened, Instant now);
/// Next instant after `now` at which `happened` enters or leaves the window.
Instant next_edge(const Window& window, Instant happened, Instant now);
Answer date_answer(const BoundNode& node, const ValueView& value, Instant now);
Answer date_answer(const BoundNode& node, Instant t, Instant now);

}  // namespace hospes::segment
