#include "model/value.h"

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

bool PackedReader::next() {
  if (in_.rest().empty()) return false;
  name_ = static_cast<Name>(in_.varint());
  value_ = read_value(in_);
  return in_.ok();
}

ValueView find_property(std::string_view packed, Name name) {
  for (PackedReader in(packed); in.next();) {
    if (in.name() == name) return in.value();
  }
  return {};
}

}  // namespace hospes
