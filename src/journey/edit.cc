#include <algorithm>

#include "journey/text.h"
#include "segment/file.h"

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

Mistake mistake(std::string message) { return {.place = {}, .message = std::move(message), .line = {}}; }

}  // namespace

Parsed<std::string> with_journey(std::string_view source, std::string_view text) {
  auto wanted = parse(source);
  if (!wanted) return std::unexpected(std::move(wanted.error()));
  auto one = parse(text);
  if (!one) return std::unexpected(std::move(one.error()));
  if (one->size() != 1) return std::unexpected(mistake("send one journey, not " + std::to_string(one->size())));
  std::vector<segment::Standing> all;
  for (const Definition& d : *wanted) all.push_back({d.id, d.place.line});
  const std::string& id = one->front().id;
  std::string lines(text.substr(0, text.find_last_not_of(" \t\r\n") + 1));
  std::string out = segment::with_text(source, all, id, lines + "\n");
  const auto at = std::ranges::find(*wanted, id, &Definition::id);
  if (at == wanted->end())
    wanted->push_back(one->front());
  else
    *at = one->front();
  if (const auto now = parse(out); now && *now == *wanted) return out;
  return std::unexpected(mistake("in the file something else stands on the lines of " + id + ": begin each journey on a line of its own"));
}

Parsed<std::string> with_pause(std::string_view source, std::string_view id, bool paused) {
  std::string out(source);
  for (;;) {  // it may be said twice
    const auto all = parse(out);
    if (!all) return std::unexpected(all.error());
    const auto at = std::ranges::find(*all, id, &Definition::id);
    if (at == all->end())
      return std::unexpected(mistake("there is no journey " + std::string(id)));
    if (at->paused == paused) return out;
    if (paused) {
      out.insert(offset_of(out, at->purpose_place) + at->purpose_place.width, "\n  paused");
    } else {
      out = without(out, at->paused_place);
    }
  }
}

}  // namespace hospes::journey
