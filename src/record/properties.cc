// What an event says, with names as text: the same in a record and in a row of the store.
#include <cstring>
#include <vector>

#include "model/packed.h"
#include "record/codec.h"

namespace hospes::record {

void write_properties(Writer& out, const Properties& properties, const Names& names) {
  out.varint(properties.size());
  write_fields(out, properties.packed(), names);
}

void write_fields(Writer& out, std::string_view packed, const Names& names) {
  // Twenty names and values an event, twice: gathered in one block, whose room is known before.
  constexpr std::size_t varint_bytes_max = 10;
  thread_local std::vector<PackedField> fields;
  thread_local std::string block;
  fields.clear();
  std::size_t room = 0;
  PackedField field;
  for (std::string_view rest = packed; take_field(rest, field);) {
    fields.push_back(field);
    room += names.text(field.name).size() + field.stored.size() + varint_bytes_max;
  }
  if (block.size() < room) block.resize(room);
  char* at = block.data();
  const auto put = [&at](std::string_view bytes) {
    std::memcpy(at, bytes.data(), bytes.size());
    at += bytes.size();
  };
  for (const PackedField& f : fields) {
    const std::string_view name = names.text(f.name);
    std::size_t size = name.size();
    for (; size >= 0x80; size >>= 7) *at++ = static_cast<char>(size | 0x80);
    *at++ = static_cast<char>(size);
    put(name);
    put(f.stored);
  }
  out.raw({block.data(), static_cast<std::size_t>(at - block.data())});
}

Result<Properties> read_properties(Reader& in, Names& names) {
  Properties properties;
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    const Name name = TRY(names.intern(in.text()));
    properties.add(name, read_value(in));
  }
  if (!in.ok()) return fail(Code::corrupt, "a list of properties ends too early");
  return properties;
}

}  // namespace hospes::record
