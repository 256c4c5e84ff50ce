#include "segment/file.h"

#include <algorithm>
#include <unordered_map>

#include "segment/lines.h"

namespace hospes::segment {
namespace {

/// [begin, end) in bytes: from the line on which it begins to the end of its own last line.
struct Extent {
  std::size_t begin = 0, end = 0;
};

std::vector<std::size_t> line_starts(std::string_view source) {
  std::vector<std::size_t> out{0};
  for (std::size_t i = 0; i < source.size(); ++i)
    if (source[i] == '\n') out.push_back(i + 1);
  return out;
}

std::string_view line_at(std::string_view source, std::size_t begin) {
  return source.substr(begin, std::min(source.find('\n', begin), source.size()) - begin);
}

bool is_remark(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r");
  return first == line.npos || line[first] == '#';
}

bool is_comment(std::string_view line) { return is_remark(line) && line.find('#') != line.npos; }

/// What stands between two definitions, blank lines and comments, belongs to the second.
std::optional<Extent> extent_of(std::string_view source, const std::vector<Standing>& all, std::string_view id) {
  const auto it = std::ranges::find(all, id, &Standing::id);
  if (it == all.end()) return std::nullopt;
  const auto starts = line_starts(source);
  std::size_t last = it + 1 == all.end() ? starts.size() : std::next(it)->line - 1;
  while (last > it->line && is_remark(line_at(source, starts[last - 1]))) --last;
  return Extent{starts[it->line - 1], last < starts.size() ? starts[last] : source.size()};
}

}  // namespace

std::string with_text(
    std::string_view source, const std::vector<Standing>& all, std::string_view id, std::string_view text
) {
  if (const auto extent = extent_of(source, all, id))
    return std::string(source.substr(0, extent->begin)).append(text).append(source.substr(extent->end));
  std::string out(source);
  if (!out.empty() && !out.ends_with('\n')) out += '\n';
  if (!out.empty() && !out.ends_with("\n\n")) out += '\n';
  return out.append(text);
}

Parsed<std::string> with_definition(std::string_view source, const Definition& definition) {
  if (auto mistake = validate(definition)) return std::unexpected(std::move(*mistake));
  const auto all = TRY(standings(source));
  return with_text(source, all, definition.id, format(definition));
}

Parsed<std::string> without_definition(std::string_view source, std::string_view id) {
  const auto all = TRY(standings(source));
  const auto extent = extent_of(source, all, id);
  if (!extent) return std::string(source);
  // Up over its comment, down over the blank lines.
  std::size_t begin = extent->begin, end = extent->end;
  while (begin > 1) {
    const std::size_t above = begin < 2 ? 0 : source.rfind('\n', begin - 2) + 1;
    if (!is_comment(line_at(source, above))) break;
    begin = above;
  }
  while (end < source.size() && line_at(source, end).find_first_not_of(" \t\r") == source.npos)
    end = std::min(source.find('\n', end), source.size() - 1) + 1;
  return std::string(source.substr(0, begin)).append(source.substr(end));
}

std::string succession(
    const InForce& before, const std::vector<Definition>& next,
    const std::vector<Lifecycle>& lifecycles
) {
  std::unordered_map<std::string_view, const Definition*> to_come;
  for (const Definition& d : next) to_come.emplace(d.id, &d);
  std::string out;
  const auto take = [&](const Definition& d) {
    to_come.erase(d.id);
    out += format(d);
  };
  for (const Definition& place : before.definitions) {
    const auto now = to_come.find(place.id);
    if (now == to_come.end()) {
      out += "retired " + place.id + "\n";
    } else {
      take(*now->second);
    }
  }
  for (const Definition& d : next)
    if (to_come.contains(d.id)) take(d);
  for (const Lifecycle& l : lifecycles) out += format(l);
  return with_thresholds(out, before.thresholds);
}

}  // namespace hospes::segment
