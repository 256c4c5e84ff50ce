// What a segment is: a name, a purpose, a sentence and a predicate over one person's timeline,
// traits and memberships. This tree is the one meaning behind the text form (text.h) and the JSON
// form (json.h). docs/segments.md is its manual.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/value.h"

namespace hospes::segment {

inline constexpr unsigned nodes_max = 256;       // of one predicate, filters counted
inline constexpr unsigned depth_max = 32;        // of nesting
inline constexpr unsigned distinct_max = 4'096;  // exact up to here; a larger comparison is refused
inline constexpr unsigned list_max = 256;        // values after `in`
inline constexpr unsigned text_bytes_max = 256;  // of a name or a literal
inline constexpr unsigned sentence_bytes_max = 1'000;
inline constexpr unsigned source_bytes_max = 4'000'000;  // of one file
inline constexpr unsigned definitions_max = 20'000;      // of one house
inline constexpr Duration window_max =
    std::chrono::days(36'525);  // a century: edges of instants never overflow

/// Where a node stood in its source. Never part of its meaning: two places always compare equal.
struct Place {
  std::uint32_t line = 0;    // 1 …; 0: not from a text
  std::uint32_t column = 0;  // 1 …, in bytes
  std::uint32_t width = 0;
  bool operator==(const Place&) const { return true; }
};

/// How one value is asked about. A missing value (absent, null, or of another kind) makes every
/// test false, `ne` too when it is absent; a value of another kind than the literal differs from
/// it.
enum class Test : std::uint8_t { eq, ne, lt, le, gt, ge, in, exists, contains, starts };

/// One property, or one trait, against literals: booleans, numbers, texts. Order (lt …) is for
/// numbers.
struct Clause {
  std::string name;
  Test test = Test::exists;
  std::vector<Value> values;  // one; several for `in`; none for `exists`
  Place place;
  bool operator==(const Clause&) const = default;
};

/// The events that count: by name, every clause holding.
struct Selection {
  std::string event;
  std::vector<Clause> where;
  Place place;
  bool operator==(const Selection&) const = default;
};

/// (now − from, now − to]; without `from` it reaches back for ever.
struct Window {
  std::optional<Duration> from;
  Duration to{0};
  bool operator==(const Window&) const = default;
};

enum class Fold : std::uint8_t { count, sum, average, min, max, distinct, first, last };

struct Node;

struct All {
  std::vector<Node> of;
  bool operator==(const All&) const;
};
struct Any {
  std::vector<Node> of;
  bool operator==(const Any&) const;
};
struct Not {
  std::vector<Node> of;  // exactly one
  bool operator==(const Not&) const;
};
struct InSegment {
  std::string id;
  bool operator==(const InSegment&) const = default;
};
/// The person has an identifier of that kind ("user_id").
struct HasIdentifier {
  std::string kind;
  bool operator==(const HasIdentifier&) const = default;
};
/// A trait: the property of the latest visible identify event that bears it, by (happened,
/// message).
struct TraitTest {
  Clause clause;
  bool operator==(const TraitTest&) const = default;
};
enum class DateTest : std::uint8_t {
  before,  // trait < bound
  after,   // trait > bound
  past,    // in (now − offset, now]
  coming,  // in (now, now + offset]
};
/// A trait that reads as an instant (parse_instant), against `absolute` or now + offset (negative:
/// ago).
struct TraitDate {
  std::string name;
  DateTest test = DateTest::before;
  Duration offset{0};
  std::optional<Instant> absolute;  // before and after only
  bool operator==(const TraitDate&) const = default;
};
/// A number or value folded out of the selected events of a window. No value: false. `count`,
/// `distinct` and `sum` of nothing are 0; `average`, `min`, `max`, `first` and `last` of nothing
/// are no value. Only numbers take part in sum, average, min, max. `first` and `last` are by
/// (happened, message) among the selected events, and look at their property.
struct Folded {
  Fold fold = Fold::count;
  Selection select;
  std::string property;  // empty for count
  Window window;
  Clause compare;  // test and values; its name is empty
  bool operator==(const Folded&) const = default;
};
/// The first or last selected event of `window` happened in `age`, a window of its own.
struct Aged {
  bool last = true;
  Selection select;
  Window window;
  Window age;
  bool operator==(const Aged&) const = default;
};
/// Some `then` happened strictly later than some `select` (with `from_first`: than the first of
/// them), at most `within` later, and the `then` lies in `window`.
struct Sequence {
  Selection select;
  bool from_first = false;
  Selection then;
  std::optional<Duration> within;
  Window window;
  bool operator==(const Sequence&) const = default;
};

struct Node {
  std::variant<
      All, Any, Not, InSegment, HasIdentifier, TraitTest, TraitDate, Folded, Aged, Sequence>
      is;
  Place place;
  bool operator==(const Node&) const = default;
};

struct Definition {
  std::string id;  // slug: a-z, 0-9, _; begins with a letter
  std::string purpose;
  std::string name_en, name_fr;
  std::string sentence_en, sentence_fr;
  Node predicate;
  Place place, purpose_place;
  bool operator==(const Definition&) const = default;
};

/// A mistake in a definition, and where. `line` is the offending line of the source when there is
/// one.
struct Mistake {
  Place place;
  std::string message;
  std::string line;
};

/// `file:3:18  message`, the source line and a caret line under the place, as a terminal shows it.
std::string to_string(const Mistake& mistake, std::string_view file);

using hospes::to_string;

/// Nodes of a predicate, filters counted; and its depth.
unsigned node_count(const Node& node);
unsigned depth(const Node& node);

std::string_view to_string(Fold fold);
std::string_view to_string(Test test);

}  // namespace hospes::segment
