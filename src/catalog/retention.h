// How long the house keeps what it knows: retention.toml, a period for each class of events and each
// purpose. docs/retention.md.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "catalog/purposes.h"

namespace hospes::catalog {

/// "13 months", "30 days", "3 years after last act".
struct Period {
  std::uint32_t months = 0, days = 0;  // one of them
  bool after_last_act = false;         // of the person; else of what is kept

  /// Midnight UTC of its last day by the calendar, so never later than it says; the last day of a
  /// month where that month is shorter.
  Instant end(Instant from) const;
  /// The latest day whose beginning `end` puts at or before `now`: what is of a day before has ended.
  Instant last_ended(Instant now) const;
  auto operator<=>(const Period&) const = default;
};
std::string to_string(const Period& period);
/// As people read it; French or English.
std::string in_words(const Period& period, bool french);
/// invalid_input says what would do.
Result<Period> parse_period(std::string_view text);

/// Some kinds of events, and how long each purpose may have them.
struct RetentionClass {
  struct Keep {
    Mask purposes = 0;  // no bit stands in two
    Period period;
    bool operator==(const Keep&) const = default;
  };
  std::string name;
  std::vector<std::string> events;  // empty: whatever no other class names
  std::vector<Keep> keep;           // of every bit there is
  bool operator==(const RetentionClass&) const = default;
};

struct Retention {
  static constexpr std::size_t classes_max = 64;

  std::vector<RetentionClass> classes;  // the last has no events; none at all: the house set no end
  std::vector<std::string> no_act;      // events that the person did not do: a mail that arrived
  Period answers{.months = 36, .days = 0, .after_last_act = true};  // of who only answered
  Mask protects = 0;  // purposes of interest: a no to one keeps its identifier
  std::string text;   // of retention.toml, as it was read

  bool empty() const { return classes.empty(); }
  /// Of that event. Precondition: !empty().
  const RetentionClass& of(std::string_view event) const;
  /// Of `mask`, what has ended at `now` whatever else its person does.
  Mask ended(std::string_view event, Mask mask, Instant happened, Instant now) const;
};

inline constexpr std::string_view retention_file = "retention.toml";

/// retention.toml alone. The same text and purposes give an equal value. invalid_input with file and
/// line: a class without a period for some purpose, an event in two classes, longer than the law
/// (pack.h) lets it be.
Result<Retention> read_retention(std::string_view text, const Purposes& purposes);

/// A rule of a pack: nothing may serve that purpose for longer.
struct PurposeLimit {
  std::string purpose;
  Period at_most;
  std::string source;
};

}  // namespace hospes::catalog
