// What the door accepts at most (design.md rule 19). Code and docs/reference read these numbers,
// nobody repeats them.
#pragma once

#include <cstddef>

namespace hospes::collect {

inline constexpr std::size_t body_bytes_max = 4 * 1024 * 1024;  // as sent, and inflated
inline constexpr std::size_t inflation_ratio_max = 100;
inline constexpr std::size_t events_max = 2'500;             // in one request
inline constexpr std::size_t event_bytes_max = 128 * 1024;   // as JSON text
inline constexpr std::size_t event_bytes_usual = 32 * 1024;  // beyond: accepted and flagged
inline constexpr unsigned depth_max = 32;           // of nested objects and arrays in one event
inline constexpr std::size_t properties_max = 300;  // of one event, and again of its context
inline constexpr std::size_t name_bytes_max = 256;  // event and (dotted) property names
inline constexpr std::size_t string_bytes_max = 8 * 1024;
inline constexpr std::size_t identifier_bytes_max = 512;
inline constexpr std::size_t message_id_bytes_max = 256;

}  // namespace hospes::collect
