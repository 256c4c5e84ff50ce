// What a report is given: a table, which column plays which part, and its settings. One frame for
// all of them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "insight/columns.h"
#include "insight/report.h"

namespace hospes::insight {

/// A part that a column plays, and the names it is known by.
struct Role {
  std::string_view name;
  std::string_view
      known_as;  // blank between names; compared without case and without _ - and blanks
  bool required = true;
  Words means;
};

struct Setting {
  std::string_view name, value;  // by default
  Words means;
};

class Input;
struct Insight {
  std::string_view name;
  Words means;  // one sentence: what it answers
  std::vector<Role> roles;
  std::vector<Setting> settings;
  Result<Report> (*run)(const Input& input);
};

struct Wishes {
  std::map<std::string, std::string>
      columns;  // role = column; `value=Quantity*UnitPrice` multiplies two
  std::map<std::string, std::string> settings;
  DateOrder dates = DateOrder::as_found;
  std::string purpose;
};

class Input {
 public:
  /// Takes the columns named, guesses the others. invalid_input names a role without column, an
  /// unknown role or setting and the nearest known one.
  static Result<Input> read(const Insight& insight, const Columns& table, const Wishes& wishes);

  const Columns& table() const { return *table_; }
  bool has(std::string_view role) const { return columns_.contains(role); }
  Result<std::vector<double>> numbers(std::string_view role) const;
  Result<std::vector<std::int64_t>> instants(std::string_view role) const;
  Keys keys(std::string_view role) const;
  /// The column's own name.
  std::string column(std::string_view role) const;

  std::string text(std::string_view setting) const { return settings_.at(std::string(setting)); }
  /// invalid_input when it is no number from `low` to `high`.
  Result<double> number(std::string_view setting, double low, double high) const;
  /// `13w`, `90d`; in days.
  Result<double> days(std::string_view setting) const;

  /// `customer=customer_id date=date`, for the card.
  std::string taken() const;
  const std::string& purpose() const { return purpose_; }

 private:
  Result<std::size_t> column_of(std::string_view role) const;

  const Columns* table_ = nullptr;
  std::map<std::string, std::vector<std::size_t>, std::less<>> columns_;  // one, or two to multiply
  std::map<std::string, std::string> settings_;
  DateOrder dates_ = DateOrder::as_found;
  std::string purpose_;
};

std::span<const Insight> insights();
/// Reads, runs, settles. The caller's whole work.
Result<Report> run(const Insight& insight, const Columns& table, const Wishes& wishes);

}  // namespace hospes::insight
