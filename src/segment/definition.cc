#include "segment/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hospes::segment {

bool All::operator==(const All&) const = default;
bool Any::operator==(const Any&) const = default;
bool Not::operator==(const Not&) const = default;
bool Still::operator==(const Still&) const = default;

namespace {

unsigned clauses(const Selection& s) {
  return static_cast<unsigned>(s.where.size() + (s.reply ? 1 + s.reply->by.where.size() : 0));
}

}  // namespace

const std::vector<Node>* children(const Node& node) {
  if (const auto* all = std::get_if<All>(&node.is)) return &all->of;
  if (const auto* any = std::get_if<Any>(&node.is)) return &any->of;
  if (const auto* no = std::get_if<Not>(&node.is)) return &no->of;
  if (const auto* still = std::get_if<Still>(&node.is)) return &still->of;
  return nullptr;
}

std::vector<const Selection*> selections(const Node& node) {
  if (const auto* f = std::get_if<Folded>(&node.is)) return {&f->measure.select};
  if (const auto* c = std::get_if<Compared>(&node.is)) return {&c->left.select, &c->right.select};
  if (const auto* r = std::get_if<Ranked>(&node.is)) return {&r->measure.select};
  if (const auto* m = std::get_if<AgainstMedian>(&node.is)) return {&m->measure.select};
  if (const auto* a = std::get_if<Aged>(&node.is)) return {&a->select};
  std::vector<const Selection*> out;
  if (const auto* s = std::get_if<Sequence>(&node.is)) {
    out.push_back(&s->select);
    for (const Step& step : s->steps) {
      out.push_back(&step.then);
      if (step.without) out.push_back(&*step.without);
    }
  }
  return out;
}

unsigned node_count(const Node& node) {
  unsigned n = 1;
  if (const auto* of = children(node)) {
    for (const Node& child : *of) n += node_count(child);
  }
  for (const Selection* s : selections(node)) n += clauses(*s);
  if (std::holds_alternative<Compared>(node.is)) ++n;
  if (const auto* s = std::get_if<Sequence>(&node.is)) {
    n += static_cast<unsigned>(s->steps.size()) - 1;
    for (const Step& step : s->steps) n += step.without ? 1 : 0;
  }
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
  constexpr std::array<std::string_view, 14> words{
      "count", "sum",     "average",    "min",         "max",         "distinct", "first", "last",
      "most",  "silence", "median_gap", "average_gap", "longest_gap", "shortest_gap"};
  return words[static_cast<std::size_t>(fold)];
}

std::string_view to_string(Test test) {
  constexpr std::array<std::string_view, 12> words{"=",      "!=",       "<",      "<=",    ">",
                                                   ">=",     "in",       "exists", "contains",
                                                   "starts", "falls", "near"};
  return words[static_cast<std::size_t>(test)];
}

std::string_view to_string(Per per) {
  constexpr std::array<std::string_view, 5> words{"", "days", "weeks", "months", "sessions"};
  return words[static_cast<std::size_t>(per)];
}

std::string_view to_string(Said said) {
  constexpr std::array<std::string_view, 7> words{"given",   "refused", "withdrawn", "objected",
                                                  "against", "unset",   "ends"};
  return words[static_cast<std::size_t>(said)];
}

std::string_view weekday(unsigned day) {
  constexpr std::array<std::string_view, 7> words{"monday", "tuesday",  "wednesday", "thursday",
                                                  "friday", "saturday", "sunday"};
  return words[day];
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
