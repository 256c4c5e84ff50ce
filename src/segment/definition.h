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
inline constexpr unsigned steps_max = 8;         // of a sequence, its start not counted
inline constexpr Duration session_gap = std::chrono::minutes(30);  // ends a session
inline constexpr unsigned least_max = 1'000;  // events in a day, week, month or session
inline constexpr std::int64_t factor_max = 1'000;                  // of a comparison
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
enum class Test : std::uint8_t {
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  in,
  exists,
  contains,
  starts,
  falls,  // as a date or time on the person's clock, in `calendar`
  near,   // the places `<name>.latitude`, `<name>.longitude`, within `values` (degrees, degrees, m)
};

/// A condition on a date or time on the person's clock.
struct Calendar {
  enum Kind : std::uint8_t {
    season,    // of every year, first and last day included: 100 × month + day
    clock,     // of every day, in minutes since midnight, the last excluded
    weekdays,  // bits in `from`, 0: Monday
    today,     // month and day are those of now; 29 February falls on the 28th in other years
  } kind = today;
  unsigned from = 0, to = 0;  // season, clock: over New Year, over midnight when from > to
  bool operator==(const Calendar&) const = default;
};

/// One property, or one trait, against literals: booleans, numbers, texts. Order (lt …) is for
/// numbers. Without a name, and with `falls`: the event's own time.
struct Clause {
  std::string name;
  Test test = Test::exists;
  std::vector<Value> values;  // one; several for `in`; three for `near`; none for `exists`, `falls`
  Calendar calendar{};
  Place place;
  bool operator==(const Clause&) const = default;
};

/// Events by name, every clause holding.
struct Named {
  std::string event;
  std::vector<Clause> where;
  Place place;
  bool operator==(const Named&) const = default;
};

/// Whether a reply came in (happened, happened + within]. Not given: it is too late for one, too.
struct Reply {
  bool given = false;
  Named by;
  Duration within{0};
  std::string same;  // a property of equal value in both; may be empty
  bool operator==(const Reply&) const = default;
};

/// The events that count.
struct Selection : Named {
  std::optional<Reply> reply;
  bool operator==(const Selection&) const = default;
};

/// (now − from, now − to]; without `from` it reaches back for ever.
struct Window {
  std::optional<Duration> from;
  Duration to{0};
  bool operator==(const Window&) const = default;
};

enum class Fold : std::uint8_t {
  count,
  sum,
  average,
  min,
  max,
  distinct,
  first,
  last,
  most,           // how often the most frequent value came
  silence,        // whole days since the last one
  median_gap,     // of the whole days from one to the next, less than one left out
  average_gap,
  longest_gap,
  shortest_gap,
};
/// What `count` counts instead of events: stretches in which enough of them happened.
enum class Per : std::uint8_t { event, day, week, month, session };
/// Looks at a property.
constexpr bool is_of_property(Fold fold) {
  return fold != Fold::count && fold < Fold::silence;
}
/// `first` and `last` may be any value.
constexpr bool is_number(Fold fold) { return fold != Fold::first && fold != Fold::last; }

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
/// A number or value folded out of the selected events of a window. `count`, `distinct`, `most` and
/// `sum` of nothing are 0; all others of nothing are no value. Only numbers take part in sum,
/// average, min, max. `first` and `last` are by (happened, message) among the selected events, and
/// look at their property.
struct Measure {
  Fold fold = Fold::count;
  Selection select;
  std::string property;  // empty unless is_of_property(fold)
  Window window;
  Per per = Per::event;  // of count
  unsigned least = 1;    // events in such a stretch
  bool operator==(const Measure&) const = default;
};
/// No value: false.
struct Folded {
  Measure measure;
  Clause compare;  // test and values; its name is empty
  bool operator==(const Folded&) const = default;
};
/// `left` against factor × `right`; false when either has no value.
struct Compared {
  Measure left;
  Test test = Test::gt;
  Decimal factor = Decimal::whole(1);
  Measure right;
  bool operator==(const Compared&) const = default;
};
/// Not below (top) or above (bottom) the threshold that was recorded last; false before the first.
/// Only people of whom a selected event is visible.
struct Ranked {
  bool top = true;
  Decimal percent;
  Measure measure;
  bool operator==(const Ranked&) const = default;
};
/// Against factor × the house's recorded median: the largest value that at least half of those reach of whom a
/// selected event is visible. False before the first record, and of whom no such event is visible.
struct AgainstMedian {
  Measure measure;
  Test test = Test::ge;  // lt, le, gt or ge
  Decimal factor = Decimal::whole(1);
  bool operator==(const AgainstMedian&) const = default;
};
/// The first or last selected event of `window` happened in `age`, a window of its own.
struct Aged {
  bool last = true;
  Selection select;
  Window window;
  Window age;
  bool operator==(const Aged&) const = default;
};
/// One step of a sequence: strictly later than the event before it.
struct Step {
  Selection then;
  std::optional<Duration> after;   // at least so much later
  std::optional<Duration> within;  // at most
  std::string same;                // a property of equal value in both; may be empty
  std::optional<Selection> without;  // none of these strictly between the two
  bool operator==(const Step&) const = default;
};
/// Some `select` (with `from_first`: at the instant of the first of them) is followed by all the
/// steps, the last of which lies in `window`.
struct Sequence {
  Selection select;
  bool from_first = false;
  std::vector<Step> steps;
  Window window;
  bool operator==(const Sequence&) const = default;
};
/// `of` holds now, and at that instant if nothing else happens. Once it is past: now.
struct Still {
  std::vector<Node> of;           // exactly one
  std::optional<Instant> at;      // or
  std::optional<Duration> ahead;  // from now
  bool operator==(const Still&) const;
};
/// The person's clock now.
struct CalendarNow {
  Calendar calendar;
  bool operator==(const CalendarNow&) const = default;
};
/// What somebody answered about a purpose; `against` is any answer that is no yes.
enum class Said : std::uint8_t { given, refused, withdrawn, objected, against, unset, ends };
/// `ends`: given, and every yes ends in (now, now + within]. Else: said, in the window `since`.
struct Permission {
  std::string purpose;
  Said said = Said::given;
  Window since;
  Duration within{0};
  bool operator==(const Permission&) const = default;
};

struct Node {
  std::variant<
      All, Any, Not, InSegment, HasIdentifier, TraitTest, TraitDate, Folded, Aged, Sequence, Compared,
      Ranked, AgainstMedian, Still, CalendarNow, Permission>
      is;
  Place place;
  bool operator==(const Node&) const = default;
};

struct Definition {
  std::string id;  // slug: a-z, 0-9, _; begins with a letter
  std::string purpose;
  std::string name_en, name_fr;
  std::string sentence_en, sentence_fr;
  std::string owner;   // who answers for it
  std::string folder;  // where it is filed
  bool draft = false;  // written and checked, not in force: nobody is in it
  Node predicate;
  Place place, purpose_place;
  bool operator==(const Definition&) const = default;
};

/// A threshold that was recorded: of people compared by what `ranked` says.
struct Threshold {
  std::string purpose;
  std::string ranked;  // canonical text of the test
  Decimal value;
  Instant at;  // of the count
  bool operator==(const Threshold&) const = default;
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
std::string_view to_string(Per per);  // "days"; empty for events
std::string_view to_string(Said said);
std::string_view weekday(unsigned day);  // 0: "monday"

/// Everything that is selected by a node itself, children left out.
std::vector<const Selection*> selections(const Node& node);
const std::vector<Node>* children(const Node& node);

}  // namespace hospes::segment
