#include "log/frame.h"

#include <cstring>

#include "base/bytes.h"
#include "base/hash.h"

namespace hospes::log {
namespace {

/// Everything but the field itself.
std::uint32_t crc_of(std::string_view record) {
  return crc32c(record.substr(8), crc32c(record.substr(0, 4)));
}

}  // namespace

void encode(const Frame& frame, std::string_view payload, std::string& out) {
  const std::size_t start = out.size();
  Writer w(out);
  w.u32(static_cast<std::uint32_t>(payload.size()));
  w.u32(0);
  w.u8(frame.version);
  w.u8(frame.flags);
  w.u16(frame.partition);
  w.u64(frame.commit);
  w.u64(frame.offset);
  w.raw(payload);
  const std::uint32_t crc = crc_of(std::string_view(out).substr(start));
  std::memcpy(out.data() + start + 4, &crc, sizeof crc);
}

Frame peek(std::string_view bytes) {
  Frame f;
  const char* at = bytes.data();
  const auto take = [&at](auto& field) {
    std::memcpy(&field, at, sizeof field);
    at += sizeof field;
  };
  take(f.length);
  take(f.crc);
  take(f.version);
  take(f.flags);
  take(f.partition);
  take(f.commit);
  take(f.offset);
  return f;
}

bool proven(const Frame& frame, std::string_view bytes) {
  return crc_of(bytes.substr(0, frame.size())) == frame.crc;
}

}  // namespace hospes::log
