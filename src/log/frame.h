// One record as it stands in a segment. Integers little-endian; `crc` is CRC-32C of everything
// else, so a record proves its own partition and place: what an earlier life of a recycled file
// left behind has another offset.
//
//   record = length:u32 crc:u32 version:u8 flags:u8 partition:u16 commit:u64 offset:u64
//   payload[length] flags  = bit 0: last of its commit; bit 1: mark (no payload, for the log
//   itself); bit 2: end of the segment (a mark)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/ids.h"

namespace hospes::log {

inline constexpr std::size_t frame_bytes = 28;
inline constexpr std::uint8_t frame_version = 1;
inline constexpr std::uint8_t flag_last = 1;
inline constexpr std::uint8_t flag_mark = 2;
inline constexpr std::uint8_t flag_end = 4;

struct Frame {
  std::uint32_t length = 0;
  std::uint32_t crc = 0;
  std::uint8_t version = frame_version;
  std::uint8_t flags = 0;
  Partition partition = 0;
  std::uint64_t commit = 0;  // grows by commit; equal for all records that became durable together
  std::uint64_t offset =
      0;  // node-wide place of the record: base of its segment + place in the file

  bool last() const { return (flags & flag_last) != 0; }
  bool mark() const { return (flags & flag_mark) != 0; }
  bool end() const { return (flags & flag_end) != 0; }
  std::uint64_t size() const { return frame_bytes + length; }
};

/// Appends the record to `out`; length and crc are worked out here.
void encode(const Frame& frame, std::string_view payload, std::string& out);

/// Reads the fixed part. Precondition: at least `frame_bytes`. Proves nothing yet.
Frame peek(std::string_view bytes);

/// Whether the record that begins `bytes` is whole and unharmed. Precondition: bytes.size() >=
/// frame.size().
bool proven(const Frame& frame, std::string_view bytes);

}  // namespace hospes::log
