// The value of one property or trait. Numbers are exact decimals; one outside their range stays text.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/decimal.h"
#include "model/ids.h"
#include "model/names.h"

namespace hospes {

enum class ValueKind : std::uint8_t {
  null,
  boolean,  // number.micro is 0 or 1
  number,
  text,
  json,  // an array, as compact JSON text; objects are flattened into dotted names by the door
  atom,  // an identifier, kept apart under its own key; see seal/
};

/// Borrows `text` from the body it was read from.
struct ValueView {
  ValueKind kind = ValueKind::null;
  Decimal number;
  std::string_view text;
  AtomId atom;

  bool operator==(const ValueView&) const = default;
  bool truth() const { return kind == ValueKind::boolean && number.micro != 0; }
};

/// The same, owning.
struct Value {
  ValueKind kind = ValueKind::null;
  Decimal number;
  std::string text;
  AtomId atom;

  Value() = default;
  explicit Value(const ValueView& v) : kind(v.kind), number(v.number), text(v.text), atom(v.atom) {}
  static Value of(bool b) { return Value(ValueView{ValueKind::boolean, {b ? 1 : 0}, {}, {}}); }
  static Value of(Decimal d) { return Value(ValueView{ValueKind::number, d, {}, {}}); }
  static Value of(std::string_view s) { return Value(ValueView{ValueKind::text, {}, s, {}}); }
  ValueView view() const { return {kind, number, text, atom}; }
  bool operator==(const Value&) const = default;
};

struct Property {
  Name name = no_name;
  Value value;
  bool operator==(const Property&) const = default;
};

/// What an event says, packed for memory in one block: varint name, kind byte, payload; repeated.
/// Names are process-local (see names.h). An event has some twenty properties and passes three
/// threads: a text of its own for each would cost more than all else that is done to them.
class Properties {
 public:
  Properties() = default;
  Properties(std::initializer_list<Property> list);
  Properties(const std::vector<Property>& list);

  /// Behind what is there. A name may come twice: readers take the first.
  void add(Name name, const ValueView& value);
  void push_back(const Property& p) { add(p.name, p.value.view()); }
  void clear();
  void reserve(std::size_t bytes) { packed_.reserve(bytes); }

  std::uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// For PackedReader and find_property.
  std::string_view packed() const { return packed_; }
  bool operator==(const Properties&) const = default;

 private:
  std::string packed_;
  std::uint32_t size_ = 0;
};

/// Walks a packed body without allocating: `for (PackedReader in(body); in.next();) in.name(), in.value()`.
class PackedReader {
 public:
  explicit PackedReader(std::string_view body) : in_(body) {}
  bool next();
  Name name() const { return name_; }
  const ValueView& value() const { return value_; }

 private:
  Reader in_;
  Name name_ = no_name;
  ValueView value_;
};

/// First property of that name; kind null when absent. Cost: linear in the body, some ns a property.
ValueView find_property(std::string_view packed, Name name);

/// A value's stored form: kind byte, then payload.
void write_value(Writer& out, const ValueView& value);
ValueView read_value(Reader& in);

}  // namespace hospes
