#include "segment/kin.h"

#include <map>
#include <set>

#include "segment/text.h"

namespace hospes::segment {

namespace {

/// The parts of an `and` (or `or`) with those of its own kind opened up.
template <class Joined>
void gather(const Joined& joined, std::set<std::string>& out) {
  for (const Node& child : joined.of) {
    if (const auto* inner = std::get_if<Joined>(&child.is))
      gather(*inner, out);
    else
      out.insert(essence(child));
  }
}

template <class Joined>
std::string joined(const Joined& node, std::string_view word) {
  std::set<std::string> parts;
  gather(node, parts);
  if (parts.size() == 1) return *parts.begin();
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out.append(" ").append(word).append(" ");
    out += part;
  }
  return "(" + out + ")";
}

void asked(const Node& node, std::set<std::string>& out) {
  if (const auto* in = std::get_if<InSegment>(&node.is)) out.insert(in->id);
  if (const auto* of = children(node)) {
    for (const Node& child : *of) asked(child, out);
  }
}

}  // namespace

std::string essence(const Node& node) {
  if (const auto* all = std::get_if<All>(&node.is)) return joined(*all, "and");
  if (const auto* any = std::get_if<Any>(&node.is)) return joined(*any, "or");
  const auto* no = std::get_if<Not>(&node.is);
  if (no == nullptr) return format(node);
  if (const auto* yes = std::get_if<Not>(&no->of[0].is)) return essence(yes->of[0]);
  return "not " + essence(no->of[0]);
}

std::vector<std::vector<std::string>> used_in(const Definitions& definitions) {
  std::map<std::string, std::vector<std::string>> by_id;
  for (SegmentIndex i = 0; i < definitions.size(); ++i) {
    const Definitions::Entry& entry = definitions.at(i);
    if (entry.retired) continue;
    std::set<std::string> others;
    asked(entry.definition.predicate, others);
    for (const std::string& id : others) by_id[id].push_back(entry.definition.id);
  }
  std::vector<std::vector<std::string>> out(definitions.size());
  for (SegmentIndex i = 0; i < definitions.size(); ++i) {
    const auto found = by_id.find(definitions.at(i).definition.id);
    if (!definitions.at(i).retired && found != by_id.end()) out[i] = found->second;
  }
  return out;
}

std::vector<std::string> twins_of(const Definitions& definitions, const Definition& definition) {
  const std::string own = essence(definition.predicate);
  std::vector<std::string> out;
  for (SegmentIndex i = 0; i < definitions.size(); ++i) {
    const Definitions::Entry& entry = definitions.at(i);
    const Definition& d = entry.definition;
    if (entry.retired || d.id == definition.id || d.purpose != definition.purpose) continue;
    if (essence(d.predicate) == own) out.push_back(d.id);
  }
  return out;
}

}  // namespace hospes::segment
