#include <algorithm>

#include "journey/text.h"

namespace hospes::journey {
namespace {

/// In bytes, of what stands at a place that the parser read there.
std::size_t offset_of(std::string_view source, const Place& place) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < place.line; ++line) at = source.find('\n', at) + 1;
  return at + place.column - 1;
}

/// With the line that it stood on, when nothing else does.
std::string without(std::string_view source, const Place& place) {
  std::size_t begin = offset_of(source, place), end = begin + place.width;
  const std::size_t line = source.rfind('\n', begin) + 1;
  const bool alone = source.substr(line, begin - line).find_first_not_of(" \t") == source.npos &&
                     (end == source.size() || source[end] == '\n' || source.substr(end, 2) == "\r\n");
  if (alone) {
    begin = line;
    end = std::min(source.size(), source.find('\n', end)) + 1;
  }
  return std::string(source.substr(0, begin)).append(source.substr(std::min(end, source.size())));
}

}  // namespace

Parsed<std::string> with_pause(std::string_view source, std::string_view id, bool paused) {
  std::string out(source);
  for (;;) {  // it may be said twice
    const auto all = parse(out);
    if (!all) return std::unexpected(all.error());
    const auto at = std::ranges::find(*all, id, &Definition::id);
    if (at == all->end())
      return std::unexpected(Mistake{.place = {}, .message = "there is no journey " + std::string(id), .line = {}});
    if (at->paused == paused) return out;
    if (paused) {
      out.insert(offset_of(out, at->purpose_place) + at->purpose_place.width, "\n  paused");
    } else {
      out = without(out, at->paused_place);
    }
  }
}

}  // namespace hospes::journey
