// tee.toml: what goes on to an old pipeline in Segment's shape while both run. docs/moving-from-segment.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/sources.h"

namespace hospes::catalog {

inline constexpr std::string_view tees_file = "tee.toml";

/// One source of ours to one of theirs.
struct Tee {
  std::string name;
  std::string source;
  std::string url;       // where batches go, such as https://old.example/v1/batch
  std::string key_file;  // beside tee.toml: their write key
  PurposeBit purpose = 0;  // whoever runs the old pipeline may know what this purpose may
  std::uint32_t connections = 16;
};

struct Tees {
  static constexpr std::size_t tees_max = 8;
  std::vector<Tee> rows;
};

/// Of an empty text: none.
Result<Tees> read_tees(std::string_view text, const Purposes& purposes, const Sources& sources);

}  // namespace hospes::catalog
