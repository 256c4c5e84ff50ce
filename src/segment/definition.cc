#include "segment/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hospes::segment {

bool All::operator==(const All&) const = default;
bool Any::operator==(const Any&) const = default;
bool Not::operator==(const Not&) const = default;

namespace {

unsigned clauses(const Selection& s) { return static_cast<unsigned>(s.where.size()); }

const std::vector<Node>* children(const Node& node) {
  if (const auto* all = std::get_if<All>(&node.is)) return &all->of;
  if (const auto* any = std::get_if<Any>(&node.is)) return &any->of;
  if (const auto* no = std::get_if<Not>(&node.is)) return &no->of;
  return nullptr;
}

}  // namespace

unsigned node_count(const Node& node) {
  unsigned n = 1;
  if (const auto* of = children(node)) {
    for (const Node& child : *of) n += node_count(child);
  }
  if (const auto* f = std::get_if<Folded>(&node.is)) n += clauses(f->select);
  if (const auto* a = std::get_if<Aged>(&node.is)) n += clauses(a->select);
  if (const auto* s = std::get_if<Sequence>(&node.is)) n += clauses(s->select) + clauses(s->then);
  return n;
}

unsigned depth(const Node& node) {
  unsigned deepest = 0;
  if (const auto* of = children(node)) {
    for (const Node& child : *of) deepest = std::max(deepest, depth(child));
  }
  return deepest + 1;
}

std::string_view to_string(Fold fold) {
  constexpr std::array<std::string_view, 8> words{"count", "sum",      "average", "min",
                                                  "max",   "distinct", "first",   "last"};
  return words[static_cast<std::size_t>(fold)];
}

std::string_view to_string(Test test) {
  constexpr std::array<std::string_view, 10> words{"=",  "!=", "<",      "<=",       ">",
                                                   ">=", "in", "exists", "contains", "starts"};
  return words[static_cast<std::size_t>(test)];
}

std::string to_string(const Mistake& mistake, std::string_view file) {
  const Place& at = mistake.place;
  if (at.line == 0) return fmt::format("{}: {}", file, mistake.message);
  std::string out = fmt::format("{}:{}:{}  {}", file, at.line, at.column, mistake.message);
  if (mistake.line.empty()) return out;
  // Tabs stay tabs under the caret's indent, so that both lines align whatever a tab is.
  std::string indent;
  for (std::size_t i = 0; i + 1 < at.column && i < mistake.line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(mistake.line[i]);
    if ((byte & 0xc0) == 0x80) continue;  // inside a UTF-8 character
    indent += byte == '\t' ? '\t' : ' ';
  }
  return out + fmt::format(
                   "\n{:>4} | {}\n     | {}{}", at.line, mistake.line, indent,
                   std::string(std::max<std::uint32_t>(1, at.width), '^')
               );
}

}  // namespace hospes::segment
