// May this effect leave, now? The one place that answers, and the only maker of a Permit
// (design.md section 2: "no effect can be built without a Permit, made in one place, at the moment of
// use"). Withdrawing must be as easy as giving (GDPR art. 7(3)), so a permit is short-lived and is
// never kept: whatever is tried again is asked again.
#pragma once

#include <span>
#include <string>
#include <variant>

#include "consent/ledger.h"
#include "outbox/effect.h"

namespace hospes::outbox {

inline constexpr Duration permit_good_for = std::chrono::seconds(2);

/// Everything the answer depends on. Borrowed for the length of the call.
struct Question {
  const Effect& effect;
  const Rule* rule = nullptr;  // in force; null: no longer declared
  AtomId anchor;
  bool somebody = true;  // the anchor belongs to one person
  bool restricted = false;  // who keeps everything from use but storage
  /// Of all atoms of the person, in either reading: a no of any of them counts.
  std::span<const consent::Ledger* const> person;
  /// Of the atoms firmly tied to the anchor: only their yes counts.
  std::span<const consent::Ledger* const> firm;
  bool as_rule_saw = true;   // still in, or still out of, the segment
  bool firmly = true;        // and by what is firmly tied to the anchor alone
  bool paused = false;       // the journey that asks for it
  bool joining = false;      // a join of the person is in flight
  const zones::Zone* zone = nullptr;  // of the person; null: the rule's, which is the house's
  std::uint32_t today = 0;   // other effects of the rule to this person, claimed on this day of theirs
  Caps caps;
  /// Days, in that zone, on which any rule's message reached or may have reached the person: those of
  /// the last week, ascending.
  std::span<const std::int64_t> contacts = {};
  Choice chosen;  // by the person: the most that any of their identifiers asks to be spared
  Instant now;
  Position read;  // of the partition
};

struct Question;
struct Defer;
struct Deny;
class Permit;
using Answer = std::variant<Permit, Defer, Deny>;

/// Proof that one effect may leave, as of one position of one ledger. Only `ask` makes it.
class Permit {
 public:
  Permit(Permit&&) noexcept = default;
  Permit& operator=(Permit&&) noexcept = default;
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;

  Hash128 effect() const { return effect_; }
  Basis basis() const { return basis_; }
  /// How far the ledger was read, and when.
  Position read() const { return read_; }
  Instant asked() const { return asked_; }
  bool good(Instant now) const { return now < asked_ + permit_good_for; }

 private:
  friend Answer ask(const Question& question);
  Permit(const Question& question);

  Hash128 effect_;
  Basis basis_ = Basis::consent;
  Position read_;
  Instant asked_;
};

/// Held, not dropped: asked again then.
struct Defer {
  Instant until;
  Reason reason = Reason::none;
};

struct Deny {
  Reason reason = Reason::none;
  Instant since;       // of what stands in the way; beginning(): always
  std::string source;  // of the answer
};

/// The first that stands in the way: permission, then the person's level, then the segment, what only
/// delays last. What would delay it until it is of no use any more denies it at once, by the same
/// reason. Cost: some ten nanoseconds and one pass over the standings.
Answer ask(const Question& question);

/// What permission alone depends on, of whatever is done about somebody. As in Question.
struct Leave {
  PurposeBit purpose = 0;
  Basis basis = Basis::consent;
  std::span<const consent::Ledger* const> person, firm;
  Instant now;
};

/// Permission alone: nothing, or what denies it.
std::variant<std::monostate, Deny> permission(const Leave& leave);

}  // namespace hospes::outbox
