// What a guest took away from a house (guest/takeaway.h), to be taken in by another or by the same one
// anew: its events and answers, checked against the zip's own list, with a manifest made of what the
// zip says of itself.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace hospes::intake {

struct Takeaway {
  std::string house;     // that it was taken from
  std::string lines;     // portable.ndjson
  std::string manifest;  // as read_manifest reads it
};

/// invalid_input: no takeaway, not as it was taken (each file has its SHA-256 there), or without
/// events and answers. `name`: of the file, without its folder. Memory: the zip twice.
Result<Takeaway> read_takeaway(const std::string& path, std::string_view name);

inline constexpr std::size_t takeaway_bytes_max = 1'000'000'000;

}  // namespace hospes::intake
