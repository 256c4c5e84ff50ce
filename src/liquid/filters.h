// The filters by name. Private to liquid/.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "liquid/template.h"
#include "liquid/value.h"

namespace hospes::liquid {

/// What one rendering has left, and how it ended early.
struct Budget {
  Limits limits;
  std::size_t steps = 0, made = 0;
  std::string broke;  // empty: nothing

  /// False: over.
  bool step(std::size_t count = 1);
  /// Bytes that a filter or a capture made. False: over.
  bool make(std::size_t bytes);
};

struct FilterInput {
  const Value& in;
  std::span<const Value> arguments;
  bool allow_false = false;  // the only named argument there is
  const Setting& setting;
  Budget& budget;

  bool has(std::size_t i) const { return i < arguments.size() && !arguments[i].is_nil(); }
  std::string text() const { return in.printed(); }
  std::string text(std::size_t i) const {
    return i < arguments.size() ? arguments[i].printed() : std::string();
  }
  /// A whole number; a text that is one too. Else `otherwise`.
  std::int64_t whole(std::size_t i, std::int64_t otherwise) const;
  /// Says why the message cannot be made.
  Value fail(std::string why) const {
    budget.broke = std::move(why);
    return {};
  }
};

struct Filter {
  std::string_view name;
  std::uint8_t least = 0, most = 0;  // arguments
  Value (*run)(const FilterInput&);
};

/// nullptr: none of that name.
const Filter* find_filter(std::string_view name);
std::vector<std::string_view> filter_names();

// By what they work on; each in a file of its own.
std::span<const Filter> text_filters();
std::span<const Filter> array_filters();
std::span<const Filter> number_filters();

/// A number, from text too; 0 for what is none.
Value to_number(const Value& value);
std::string money(Decimal amount, std::string_view currency, Language language);
/// strftime; nothing: `value` is no time.
std::optional<std::string> dated(
    const Value& value, std::string_view format, const Setting& setting
);

}  // namespace hospes::liquid
