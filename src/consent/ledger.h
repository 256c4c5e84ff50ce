// What people answered, atom by atom, and what follows from it. Rows are facts in log order; a
// Standing is their sum for one purpose, and all that stamping (stamp.h) and seeing (lens.h) need.
// docs/permission.md tells it in plain words.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "model/event.h"
#include "model/ids.h"

namespace hospes::consent {

/// In the order of the meet: the most restrictive first. Stored: values never change. `closing` is
/// no answer of anybody: it is written when people part, and nothing that started up to its `until`
/// is seen any more. `invalid`: a yes under a notice that the law does not accept; kept, and it
/// changes nothing.
enum class Answer : std::uint8_t { objected, withdrawn, refused, given, closing, invalid };
std::string_view to_string(Answer answer);
/// Of what may be said; nothing else.
std::optional<Answer> parse_answer(std::string_view text);
constexpr bool is_against(Answer answer) { return answer < Answer::given; }
/// Whether somebody answered with it.
constexpr bool is_answer(Answer answer) { return answer <= Answer::given; }

/// What was shown when the answer was given.
struct Notice {
  std::string id, version, lang;
  bool operator==(const Notice&) const = default;
};

struct Row {
  AtomId atom;  // through which it was answered
  PurposeBit purpose = 0;
  Answer state = Answer::refused;
  Instant since;  // a yes may have been given before it was recorded (a form on paper)
  Instant until = Instant::never();  // ends a yes; of an answer against, the day one may ask again
  Instant acted;                     // clock of its atom's home lane: from here on it counts
  Position position;                 // in that lane
  std::string source;
  Notice notice;
  Hash128 message;
  std::string actor;
  bool operator==(const Row&) const = default;
};

/// The sum of one atom's rows about one purpose. A no covers [acted, acted of the yes that
/// follows], both ends closed; a yes covers [begin, end). Only the last yes can still be unbroken,
/// so one is enough.
struct Standing {
  PurposeBit purpose = 0;
  Answer state = Answer::closing;  // of the last answer; closing: nobody answered
  Instant closed_through =
      Instant::beginning();  // nothing that started up to here is seen; never(): a no is in force
  Instant yes_begin = Instant::never();    // how far the unbroken yes reaches back
  Instant yes_end = Instant::beginning();  // where it ends, unless renewed before
  Instant answered_until =
      Instant::beginning();  // end of the last answer: no later `since` reaches behind it

  void add(const Row& row);
  /// Whether one unbroken yes covers [from, to].
  bool yes_over(Instant from, Instant to) const {
    return yes_begin <= from && from <= to && to < yes_end;
  }
  bool operator==(const Standing&) const = default;
};

/// The answers of one atom.
class Ledger {
 public:
  explicit Ledger(AtomId atom = {}) : atom_(atom) {}

  /// Precondition: rows come in log order, `acted` never falls.
  void add(Row row);
  /// The same for a row that another one may have overtaken on its way: it takes its place by
  /// (acted, position).
  void insert(Row row);
  /// The same without keeping the row: what the door needs.
  void sum(const Row& row);

  AtomId atom() const { return atom_; }
  bool empty() const { return standings_.empty() && rows_.empty(); }
  std::span<const Row> rows() const { return rows_; }
  std::span<const Standing> standings() const { return standings_; }
  /// nullptr: unset.
  const Standing* standing(PurposeBit purpose) const;
  bool operator==(const Ledger&) const = default;

 private:
  AtomId atom_;
  std::vector<Row> rows_;
  std::vector<Standing> standings_;
};

/// What starts at or before this instant is closed to `purpose` for good: beginning() when nobody
/// ever said no, never() while a no is in force at `now` (the ledger holds what was applied up to
/// then).
Instant closed_through(const Ledger& ledger, PurposeBit purpose, Instant now);

/// For display: the most restrictive answer of all atoms of a person, unset neutral. A yes past its
/// end is unset.
std::optional<Answer> meet(std::span<const Ledger* const> ledgers, PurposeBit purpose, Instant now);

}  // namespace hospes::consent
