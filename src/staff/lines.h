// The files of this room: a heading, lines of parts with tabs between them, an ending, so that a cut is seen.
// Private to staff/.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string_view>

namespace hospes::staff {

inline constexpr std::string_view ending = "end\n";

/// Nothing unless there are exactly N.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> parts_of(std::string_view line) {
  std::array<std::string_view, N> out;
  for (std::size_t i = 0; i < N; ++i) {
    const auto tab = line.find('\t');
    if ((tab == line.npos) != (i + 1 == N)) return std::nullopt;
    out[i] = line.substr(0, tab);
    line.remove_prefix(tab == line.npos ? line.size() : tab + 1);
  }
  return out;
}

/// The number of the first line that does not read, from 1; nothing when all do. `take` says whether one does.
inline std::optional<std::size_t> unread_line(
    std::string_view text, std::string_view heading, const std::function<bool(std::string_view)>& take
) {
  if (!text.starts_with(heading)) return 1;
  text.remove_prefix(heading.size());
  for (std::size_t number = 2; text != ending; ++number) {
    const auto end = text.find('\n');
    if (end == text.npos || !take(text.substr(0, end))) return number;
    text.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace hospes::staff
