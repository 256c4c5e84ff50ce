// Keys of a partition's rows: docs/formats/store.md. Private to flow/.
#pragma once

#include <string>
#include <string_view>

#include "flow/state.h"

namespace hospes::flow {

inline constexpr std::int64_t day_us = 86'400'000'000;

std::string row_key(char kind, AtomId id);
std::string chunk_key(AtomId id, std::uint32_t chunk);
std::string seen_key(std::int64_t day, Hash128 message);
AtomId atom_in(std::string_view key);
std::int64_t day_in(std::string_view key);
Hash128 message_in(std::string_view key);

}  // namespace hospes::flow
