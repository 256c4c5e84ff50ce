#include "flow/keys.h"

namespace hospes::flow {
namespace {

void big_endian(std::string& out, std::uint64_t v, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;) out.push_back(static_cast<char>(v >> (8 * i)));
}
std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t v = 0;
  for (const char c : bytes) v = v << 8 | static_cast<unsigned char>(c);
  return v;
}

}  // namespace

std::string row_key(char kind, AtomId id) {
  std::string key(1, kind);
  big_endian(key, id.hi, 8);
  big_endian(key, id.lo, 8);
  return key;
}

std::string chunk_key(AtomId id, std::uint32_t chunk) {
  std::string key = row_key('t', id);
  big_endian(key, chunk, 4);
  return key;
}

std::string seen_key(std::int64_t day, Hash128 message) {
  std::string key(1, 's');
  big_endian(key, static_cast<std::uint64_t>(day), 8);
  big_endian(key, message.hi, 8);
  big_endian(key, message.lo, 8);
  return key;
}

AtomId atom_in(std::string_view key) {
  return {from_big_endian(key.substr(1, 8)), from_big_endian(key.substr(9, 8))};
}

std::int64_t day_in(std::string_view key) {
  return static_cast<std::int64_t>(from_big_endian(key.substr(1, 8)));
}

Hash128 message_in(std::string_view key) {
  return {from_big_endian(key.substr(9, 8)), from_big_endian(key.substr(17, 8))};
}

}  // namespace hospes::flow
