// Memberships kept up event by event. The engine must always say what evaluate.h says; it only says
// it sooner. Deterministic: no clock, thread, chance or I/O; same calls, same flips, in the same
// order.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/time.h"
#include "segment/cell.h"
#include "segment/evaluate.h"

namespace hospes::segment {

enum class Cause : std::uint8_t {
  event,    // an event arrived
  time,     // a window or date passed
  rebuild,  // recomputed: a join, a split, an answer, an erasure, a new definition, or an event
            // that needed it
};
std::string_view to_string(Cause cause);

/// One passage. At most one per segment and call.
struct Flip {
  SegmentIndex segment = 0;
  bool entered = false;
  Instant at;  // the partition's clock; the due instant for timers
  Cause cause = Cause::event;
  Instant since{};  // left: when it was entered
  /// Entered: the stage of the same life cycle that was left at this instant. Set by flow.
  std::optional<SegmentIndex> from = {};
  bool operator==(const Flip&) const = default;
};
using Flips = std::vector<Flip>;

struct Member {
  SegmentIndex segment = 0;
  Instant since;
  bool operator==(const Member&) const = default;
};

/// One person's cache for the live definitions. A value: copy, move, drop at will; `rebuild` makes
/// it anew. An empty page is that of somebody nobody has heard of: its first event asks for a
/// rebuild.
class Page {
 public:
  /// Ascending by segment.
  std::span<const Member> members() const { return members_; }
  /// Nothing when not a member.
  std::optional<Instant> since(SegmentIndex segment) const;
  std::size_t memory_bytes() const;
  /// As it was stored: `rebuild` then keeps each `since` and emits nothing when the answer is the
  /// same. Ascending by segment.
  static Page remembered(std::vector<Member> members) {
    Page page;
    page.members_ = std::move(members);
    return page;
  }

 private:
  friend class Engine;
  friend class Turn;
  /// A stored trait. Absent: no cell.
  struct Trait {
    std::uint32_t slot = 0;
    ValueKind kind = ValueKind::null;  // json: a kind that no literal has
    std::int64_t payload = 0;  // micro; 0 or 1; a literal (0: none that is asked about); µs
    Instant at;                // of the identify that said it
    bool same_value(const Trait& t) const { return kind == t.kind && payload == t.payload; }
  };
  /// What only the evaluator can say, as of the last rebuild; true until `next`.
  struct Slow {
    std::uint32_t atom = 0;
    bool truth = false;
    Instant next;
  };

  std::vector<Member> members_;
  /// For each group whose guard holds (plan.h), ascending: a word with the group and the place of
  /// its first cell; then, bit by bit, which of its streams have a cell; its static atoms; which
  /// programs these leave open; of which the person is a member.
  std::vector<std::uint64_t> bits_;
  CellList cells_;             // by group and stream
  std::vector<Trait> traits_;  // by slot
  std::vector<Slow> slow_;     // by atom
  Instant due_ = Instant::never();
  Instant as_of_;                                 // when it was last looked at
  Instant last_identify_ = Instant::beginning();  // that bore any trait, absent ones included
  std::uint64_t kinds_ = 0;
  bool built_ = false;  // by a rebuild
};

enum class Added : std::uint8_t {
  done,
  needs_rebuild,  // call rebuild with the whole timeline; nothing was emitted yet
};

struct Plan;

/// Shared by all partitions; all state is in the pages.
class Engine {
 public:
  explicit Engine(std::shared_ptr<const Definitions> definitions);

  /// From scratch. `person.events` in (happened, message) order; none may lie after `now`.
  /// Emits the difference to what the page held. `cause` is what the caller did.
  void rebuild(
      Page& page, const Person& person, Instant now, Flips& out, Cause cause = Cause::rebuild
  ) const;

  /// One new event, any order of arrival, judged for duplicates, happened ≤ now. `kinds` as after
  /// it. Precondition: timers due ≤ now have fired. After needs_rebuild call rebuild(…,
  /// Cause::event).
  Added add(Page& page, const Seen& event, std::uint64_t kinds, Instant now, Flips& out) const;

  /// Time passed. `now`: the page's due instant (or later: then only the state at `now` is
  /// emitted). After needs_rebuild call rebuild(…, now, …, Cause::time).
  Added fire(Page& page, Instant now, Flips& out) const;

  /// When `fire` must be called next; never() when time alone changes nothing.
  Instant due(const Page& page) const { return page.due_; }

  const Definitions& definitions() const { return *definitions_; }

 private:
  std::shared_ptr<const Definitions> definitions_;
  std::shared_ptr<const Plan> plan_;
};

}  // namespace hospes::segment
