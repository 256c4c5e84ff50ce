// The one shape of every answer: a sentence, figures with their uncertainty, tables, a plot, and a
// card that says what it was computed from and what it does not say. Reports are values; they print
// as text, JSON and SVG.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "insight/figures.h"
#include "insight/plot.h"
#include "insight/words.h"

namespace hospes::insight {

struct Interval {
  double low = 0, high = 0;
  bool operator==(const Interval&) const = default;
};

/// One number that the report stands for. An interval that could not be computed is absent, never
/// invented.
struct Estimate {
  std::string name;  // key in JSON
  Words means;
  double value = 0;
  std::optional<Interval> i80, i95;
  Shape shape = Shape::plain;
  int digits = 2;
};

using Value = std::variant<std::monostate, double, std::string, Words>;  // monostate: not known

struct Field {
  std::string name;  // key in JSON
  Words title;
  Shape shape = Shape::plain;  // of its numbers
  int digits = 0;
};

struct Table {
  std::string name;
  Words title;
  std::vector<Field> fields;
  std::vector<std::vector<Value>> rows;
};

/// What the figures rest on.
struct Card {
  Words data;    // files, rows read, rows left out and why
  Words cohort;  // who: the period in which they came
  Words period;  // observed from … to …
  std::size_t n = 0;
  std::string purpose;   // under which the data was read; a plain file cannot say
  std::string computed;  // the day, from the caller's clock; empty: not said
  std::vector<Estimate> parameters;
  std::vector<Estimate> fit;
  std::vector<Words> limits;  // what it does not say
};

/// A figure per person: the way back as a trait with provenance "inferred".
struct Scores {
  std::vector<Field> fields;
  std::vector<std::string> people;
  std::vector<std::vector<double>> columns;  // one per field
};

struct Report {
  std::string name;
  Words sentence;
  bool too_few = false;  // a stated degenerate result: the sentence says how many there were
  std::vector<Estimate> estimates;
  std::vector<Table> tables;
  std::vector<Words> notes;
  Card card;
  std::vector<Plot> plots;
  Scores scores;
};

/// `Too few to tell, n = 7.` and why.
Report too_few(std::string name, std::size_t n, Words why);

/// The last gate: every number of the report is finite and every interval holds its order.
/// `corrupt` names the first that is not. What a model cannot tell is left out or said in words, so
/// this firing is a bug in a model, met with an error and not with a NaN.
Status settle(const Report& report);

std::string to_text(const Report& report, Language language);
/// One object; numbers as they are, texts in both languages.
std::string to_json(const Report& report);
/// Header, then one line a person.
std::string to_csv(const Scores& scores);

}  // namespace hospes::insight
