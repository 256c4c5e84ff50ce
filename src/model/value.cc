#include "model/value.h"

#include "model/packed.h"

namespace hospes {

void write_value(Writer& out, const ValueView& value) {
  out.u8(static_cast<std::uint8_t>(value.kind));
  switch (value.kind) {
    case ValueKind::null: return;
    case ValueKind::boolean: return out.u8(value.truth() ? 1 : 0);
    case ValueKind::number: return out.zigzag(value.number.micro);
    case ValueKind::text:
    case ValueKind::json: return out.text(value.text);
    case ValueKind::atom: return out.u64(value.atom.hi), out.u64(value.atom.lo);
  }
}

ValueView read_value(Reader& in) {
  ValueView v;
  v.kind = static_cast<ValueKind>(in.u8());
  switch (v.kind) {
    case ValueKind::null: break;
    case ValueKind::boolean: v.number.micro = in.u8() != 0 ? 1 : 0; break;
    case ValueKind::number: v.number.micro = in.zigzag(); break;
    case ValueKind::text:
    case ValueKind::json: v.text = in.text(); break;
    case ValueKind::atom: v.atom.hi = in.u64(), v.atom.lo = in.u64(); break;
    default: in.raw(~std::uint64_t{0}); break;  // unknown kind: the reader turns not-ok
  }
  return v;
}

Properties::Properties(std::initializer_list<Property> list) {
  for (const Property& p : list) push_back(p);
}

Properties::Properties(const std::vector<Property>& list) {
  for (const Property& p : list) push_back(p);
}

void Properties::add(Name name, const ValueView& value) {
  Writer out(packed_);
  out.varint(name);
  write_value(out, value);
  ++size_;
}

void Properties::clear() {
  packed_.clear();
  size_ = 0;
}

namespace {

/// Precondition: `stored` is one whole value, as take_field gives it.
ValueView value_of(std::string_view stored) {
  ValueView v;
  v.kind = static_cast<ValueKind>(stored.front());
  const char* at = stored.data() + 1;
  const char* const end = stored.data() + stored.size();
  std::uint64_t number = 0;
  switch (v.kind) {
    case ValueKind::null: break;
    case ValueKind::boolean: v.number.micro = *at != 0 ? 1 : 0; break;
    case ValueKind::number:
      packed::varint(at, end, number);
      v.number.micro = static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
      break;
    case ValueKind::text:
    case ValueKind::json:
      packed::varint(at, end, number);
      v.text = {at, static_cast<std::size_t>(number)};
      break;
    case ValueKind::atom:
      std::memcpy(&v.atom.hi, at, 8);
      std::memcpy(&v.atom.lo, at + 8, 8);
      break;
  }
  return v;
}

}  // namespace

bool PackedReader::next() {
  std::string_view rest = in_.rest();
  PackedField field;
  if (!take_field(rest, field)) return false;
  name_ = field.name;
  value_ = value_of(field.stored);
  in_ = Reader(rest);
  return true;
}

ValueView find_property(std::string_view packed, Name name) {
  for (PackedField field; take_field(packed, field);)
    if (field.name == name) return value_of(field.stored);
  return {};
}

}  // namespace hospes
