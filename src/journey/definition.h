// What a journey is: how one enters, what ends it, and its steps. This tree is the one meaning behind
// the text form (text.h) and the JSON form (json.h). docs/journeys.md is its manual.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "segment/definition.h"

namespace hospes::journey {

using segment::Mistake;
using segment::Place;
using hospes::to_string;

inline constexpr unsigned journeys_max = 500;  // of one house
inline constexpr unsigned steps_max = 200;     // of one journey
inline constexpr unsigned triggers_max = 8;    // of each kind of one journey
inline constexpr unsigned arms_max = 32;
inline constexpr unsigned versions_max = 16;  // of one journey in force at once
inline constexpr unsigned most_max = 1'000;   // times of a jump
inline constexpr unsigned where_max = 8;       // conditions on one event
inline constexpr unsigned source_bytes_max = 4'000'000;
inline constexpr Duration wait_min = std::chrono::seconds(1);
inline constexpr Duration wait_max = std::chrono::days(3'660);
inline constexpr std::string_view request_event = "Journey Requested";

/// Bits, 0: Monday; 0 as a whole: every day.
using Days = std::uint8_t;

/// What is heard of a person. `request`: an event that names the journey; `daily`: a time of the
/// house's day, `once`: one of its dates, for each member of the segment. The three are entries only.
struct Trigger {
  enum Kind : std::uint8_t { segment, event, request, daily, once } kind = segment;
  std::string name;      // of the segment or event
  bool left = false;     // segment: the passage out
  bool members = false;  // segment: who is in it when the journey comes into force enters too
  std::string from;      // segment: only from this stage of its life cycle; empty: from anywhere
  /// event: each holds of its properties. Plain comparisons alone: what hangs on a clock or a place is
  /// a segment's to ask.
  std::vector<segment::Clause> where;
  std::string key;       // entry: a property of the event; one instance per value
  unsigned minutes = 0;  // daily, since midnight
  Days days = 0;
  std::int64_t wall_us = 0;  // once: on the house's wall, since 1970-01-01
  Place place;
  bool of_members() const { return kind == daily || kind == once; }
  bool operator==(const Trigger&) const = default;
};

struct Again {
  enum Kind : std::uint8_t { never, after_exit, after, restart } kind = never;
  Duration span{0};  // after: since the last one ended
  bool operator==(const Again&) const = default;
};

// Targets are ids of steps; empty: the next one.
struct Wait {
  Duration span{0};
  bool operator==(const Wait&) const = default;
};
struct WaitClock {
  unsigned minutes = 0;
  Days days = 0;
  bool operator==(const WaitClock&) const = default;
};
struct WaitEntry {
  Duration span{0};  // since she entered
  bool operator==(const WaitEntry&) const = default;
};
struct WaitTrait {
  std::string trait;
  Duration offset{0};  // below zero: before
  std::string other;
  bool operator==(const WaitTrait&) const = default;
};
struct WaitFor {
  Trigger on;
  Duration within{0};
  std::string other;
  bool operator==(const WaitFor&) const = default;
};
struct Branch {
  struct Arm {
    std::string segment;
    bool outside = false;  // `not in`
    std::string to;
    Place place;
    bool operator==(const Arm&) const = default;
  };
  std::vector<Arm> arms;
  std::string other;
  bool operator==(const Branch&) const = default;
};
struct Split {
  struct Arm {
    std::uint32_t weight = 0;
    std::string to;
    Place place;
    bool operator==(const Arm&) const = default;
  };
  std::vector<Arm> arms;
  bool operator==(const Split&) const = default;
};
struct Send {
  std::string action;
  std::string other;
  bool webhook = false;  // the action's destination is no mail: the word is another, the step the same
  bool operator==(const Send&) const = default;
};
/// Asks what the person would be shown in that placement, one item. What is chosen goes into what is sent
/// after it, until it chooses again.
struct Decide {
  struct Arm {
    std::string offer;
    std::string to;
    Place place;
    bool operator==(const Arm&) const = default;
  };
  std::string placement;
  std::vector<Arm> arms;  // another offer: the next one
  std::string other;      // nothing was chosen
  bool operator==(const Decide&) const = default;
};
/// Sets a trait, as the journey's own word.
struct Update {
  std::string trait;
  Value value;
  bool now = false;  // the instant it comes here, instead of `value`
  bool operator==(const Update&) const = default;
};
struct Jump {
  std::string to;
  unsigned most = 0;  // 0: not said
  bool operator==(const Jump&) const = default;
};
struct Goal {
  bool operator==(const Goal&) const = default;
};
struct Exit {
  bool operator==(const Exit&) const = default;
};
using Action =
    std::variant<Wait, WaitClock, WaitEntry, WaitTrait, WaitFor, Branch, Split, Send, Decide, Update, Jump, Goal, Exit>;

struct Step {
  std::string id;
  Action action;
  Place place;
  bool operator==(const Step&) const = default;
};

/// What becomes of those who wait in an older version when this one comes into force.
struct Waiting {
  bool come = false;  // else they finish there
  std::vector<std::pair<std::string, std::string>> steps;  // of the older one, to which of this; else the same id
  bool operator==(const Waiting&) const = default;
};

struct Definition {
  std::string id;
  std::string purpose;
  std::string name_en, name_fr, sentence_en, sentence_fr;
  std::uint32_t holdout = 0;  // of 10,000 people
  std::vector<Trigger> enter, goal, exit;
  Again again;
  Duration late = std::chrono::hours(24);
  Duration debounce{0};  // entries so soon after one count as that one
  Waiting waiting;
  /// Nobody enters, nobody takes another step, nothing leaves. It is no part of what a version says: who
  /// waits in an older one is held, too.
  bool paused = false;
  std::vector<Step> steps;
  Place place, purpose_place, paused_place;
  bool operator==(const Definition&) const = default;
};

/// Where a target stands among the steps: `from + 1` for an empty one; steps.size() is the end.
std::size_t target_of(const Definition& definition, std::size_t from, std::string_view to);
/// Every place among the steps to which this one may lead; steps.size() is the end.
std::vector<std::size_t> targets_of(const Definition& definition, std::size_t from);

/// Where who stands at that step of an older version goes on in this one; nothing: they end.
std::optional<std::size_t> comes_to(const Definition& next, std::string_view step);

/// Of a time of day: `09:00`.
std::string clock_text(unsigned minutes);
std::string_view day_name(unsigned day);

}  // namespace hospes::journey
