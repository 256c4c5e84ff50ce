// What a template computes with: nil, truth, numbers, text, arrays, objects. Numbers are whole or
// exact decimals of six places (base/decimal.h); there is no binary fraction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/decimal.h"

namespace hospes::liquid {

class Value;
using Array = std::vector<Value>;
/// In the order in which it was made; a name comes once. Small: a name is looked for from the
/// front.
using Object = std::vector<std::pair<std::string, Value>>;

struct Text {
  std::string text;
  bool safe = false;  // HTML already: not escaped on its way out
};
struct Range {
  std::int64_t first = 0, last = -1;  // both in it
  /// At most the largest number there is.
  std::int64_t size() const {
    constexpr std::uint64_t most = ~std::uint64_t{0} >> 1;
    if (last < first) return 0;
    const std::uint64_t steps = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
    return static_cast<std::int64_t>(steps < most ? steps + 1 : most);
  }
  bool operator==(const Range&) const = default;
};
/// The literals `empty` and `blank`: equal to what is empty, or nothing but space.
enum class Lack : std::uint8_t { empty, blank };

class Value {
 public:
  Value() = default;
  Value(bool b) : held_(b) {}
  Value(std::int64_t n) : held_(n) {}
  Value(Decimal d) : held_(d) {}
  Value(Lack l) : held_(l) {}
  Value(Range r) : held_(r) {}
  Value(std::string text, bool safe = false) : held_(Text{std::move(text), safe}) {}
  Value(std::string_view text) : held_(Text{std::string(text), false}) {}
  Value(const char* text) : held_(Text{text, false}) {}
  Value(Array array) : held_(std::make_shared<const Array>(std::move(array))) {}
  Value(Object object) : held_(std::make_shared<const Object>(std::move(object))) {}

  bool is_nil() const { return std::holds_alternative<std::monostate>(held_); }
  /// All but nil and false.
  bool truth() const { return !is_nil() && !is(false); }
  bool is(bool b) const {
    const bool* held = boolean();
    return held != nullptr && *held == b;
  }
  const bool* boolean() const { return std::get_if<bool>(&held_); }
  const std::int64_t* whole() const { return std::get_if<std::int64_t>(&held_); }
  const Decimal* decimal() const { return std::get_if<Decimal>(&held_); }
  const Range* range() const { return std::get_if<Range>(&held_); }
  const Lack* lack() const { return std::get_if<Lack>(&held_); }
  const Text* text() const { return std::get_if<Text>(&held_); }
  const Array* array() const { return pointed<Array>(); }
  const Object* object() const { return pointed<Object>(); }

  bool is_number() const { return whole() != nullptr || decimal() != nullptr; }
  /// Of a whole number too. Nothing: no number, or one beyond ± 9.2 × 10¹².
  std::optional<Decimal> as_decimal() const;
  /// Text, array, object and range that hold nothing; `blank`: also nil, false, and nothing but
  /// space.
  bool lacks(Lack kind) const;
  /// A member of an object; nullptr: none.
  const Value* member(std::string_view name) const;

  /// As it is written into a message. At most `bytes_max` bytes are made, then it stops.
  void print(std::string& out, std::size_t bytes_max) const;
  std::string printed(std::size_t bytes_max = 524'288) const;
  /// As JSON, which is also how arrays inside arrays are written.
  void print_json(std::string& out, std::size_t bytes_max) const;

  /// Numbers by value, whatever their kind; truth equals truth alone.
  bool operator==(const Value& other) const;

 private:
  template <class T>
  const T* pointed() const {
    const auto* held = std::get_if<std::shared_ptr<const T>>(&held_);
    return held == nullptr ? nullptr : held->get();
  }
  std::variant<
      std::monostate, bool, std::int64_t, Decimal, Text, Range, Lack, std::shared_ptr<const Array>,
      std::shared_ptr<const Object>>
      held_;
};

/// Less, for two numbers or two texts; nothing: they cannot be compared.
std::optional<bool> less(const Value& a, const Value& b);

/// A number written as text; nothing: it is none.
Value number_of(std::string_view text);

}  // namespace hospes::liquid
