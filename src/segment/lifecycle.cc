#include "segment/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "segment/kin.h"
#include "segment/text.h"

namespace hospes::segment {
namespace {

/// What must all hold.
void conjuncts(const Node& node, std::vector<const Node*>& out) {
  const auto* all = std::get_if<All>(&node.is);
  if (all == nullptr) return out.push_back(&node);
  for (const Node& child : all->of) conjuncts(child, out);
}

bool apart(const Window& a, const Window& b) {
  return (a.from && *a.from <= b.to) || (b.from && *b.from <= a.to);
}

/// The numbers that a comparison lets through; without an end it is open on that side.
struct Span {
  std::optional<Decimal> low, high;
  bool low_in = true, high_in = true;  // the end itself
};

std::optional<Span> span_of(const Clause& compare) {
  if (compare.values.size() != 1 || compare.values[0].kind != ValueKind::number) return std::nullopt;
  const Decimal x = compare.values[0].number;
  switch (compare.test) {
    case Test::eq:
      return Span{x, x};
    case Test::lt:
      return Span{{}, x, true, false};
    case Test::le:
      return Span{{}, x};
    case Test::gt:
      return Span{x, {}, false, true};
    case Test::ge:
      return Span{x, {}};
    default:
      return std::nullopt;
  }
}

bool below(const Span& a, const Span& b) {
  if (!a.high || !b.low) return false;
  return *a.high < *b.low || (*a.high == *b.low && !(a.high_in && b.low_in));
}

/// Two conditions that no person meets at one instant.
bool opposed(const Node& a, const Node& b) {
  if (const auto* x = std::get_if<Aged>(&a.is)) {
    const auto* y = std::get_if<Aged>(&b.is);
    return y != nullptr && x->last == y->last && x->select == y->select && x->window == y->window &&
           apart(x->age, y->age);
  }
  const auto* x = std::get_if<Folded>(&a.is);
  const auto* y = std::get_if<Folded>(&b.is);
  if (x == nullptr || y == nullptr || x->measure != y->measure) return false;
  const auto one = span_of(x->compare), other = span_of(y->compare);
  return one && other && (below(*one, *other) || below(*other, *one));
}

/// `no` denies what `other` asks in one of its conditions, or `other` as a whole.
bool denies(const Node& no, const Definition& other, const std::vector<const Node*>& of_other) {
  const auto* negation = std::get_if<Not>(&no.is);
  if (negation == nullptr) return false;
  const Node& denied = negation->of[0];
  if (const auto* in = std::get_if<InSegment>(&denied.is); in != nullptr && in->id == other.id)
    return true;
  const std::string text = essence(denied);
  return text == essence(other.predicate) ||
         std::ranges::any_of(of_other, [&](const Node* n) { return essence(*n) == text; });
}

std::optional<Mistake> at(Place place, std::string message) {
  return Mistake{.place = place, .message = std::move(message), .line = {}};
}

}  // namespace

std::optional<Mistake> mistake_in(const InForce& file) {
  for (std::size_t i = 0; i < file.definitions.size(); ++i)
    if (i >= file.retired.size() || !file.retired[i])
      if (auto mistake = validate(file.definitions[i])) return mistake;
  return validate(file.lifecycles, file.definitions, file.retired);
}

bool exclude_each_other(const Definition& a, const Definition& b) {
  std::vector<const Node*> of_a, of_b;
  conjuncts(a.predicate, of_a);
  conjuncts(b.predicate, of_b);
  for (const Node* x : of_a) {
    if (denies(*x, b, of_b)) return true;
    for (const Node* y : of_b)
      if (denies(*y, a, of_a) || opposed(*x, *y)) return true;
  }
  return false;
}

std::string format(const Lifecycle& l) {
  std::string out = fmt::format("lifecycle {}\n", l.id);
  if (!l.name_en.empty() || !l.name_fr.empty()) {
    out += "  name";
    if (!l.name_en.empty()) out += " en " + in_quotes(l.name_en);
    if (!l.name_fr.empty()) out += " fr " + in_quotes(l.name_fr);
    out += "\n";
  }
  return out + fmt::format("  stages {}\n", fmt::join(l.stages, ", "));
}

std::optional<Mistake> validate(
    const std::vector<Lifecycle>& lifecycles, const std::vector<Definition>& definitions,
    const std::vector<bool>& retired
) {
  if (lifecycles.size() > lifecycles_max)
    return at(lifecycles.back().place, fmt::format("more than {} life cycles", lifecycles_max));
  std::unordered_map<std::string_view, const Definition*> known;
  for (std::size_t i = 0; i < definitions.size(); ++i)
    if ((i >= retired.size() || !retired[i]) && !definitions[i].draft) known.emplace(definitions[i].id, &definitions[i]);
  std::unordered_map<std::string_view, std::string_view> taken;  // stage → life cycle
  for (const Lifecycle& l : lifecycles) {
    if (std::ranges::count(lifecycles, l.id, &Lifecycle::id) > 1)
      return at(l.place, fmt::format("two life cycles are called {}: rename one", l.id));
    if (l.stages.size() < 2 || l.stages.size() > stages_max)
      return at(l.place, fmt::format("life cycle {} has {} stages; 2 to {} make one", l.id, l.stages.size(), stages_max));
    std::vector<const Definition*> stages;
    for (std::size_t i = 0; i < l.stages.size(); ++i) {
      const std::string& id = l.stages[i];
      const Place place = i < l.stage_places.size() ? l.stage_places[i] : l.place;
      const auto found = known.find(id);
      if (found == known.end())
        return at(place, fmt::format("life cycle {} names segment \"{}\", which is not there", l.id, id));
      const auto [other, first] = taken.emplace(id, l.id);
      if (!first)
        return at(
            place, fmt::format("segment {} is a stage of life cycle {} already", id, other->second)
        );
      const Definition& stage = *found->second;
      if (!stages.empty() && stage.purpose != stages[0]->purpose)
        return at(
            place, fmt::format(
                       "stage {} has purpose {}, stage {} has {}: all stages have one", id,
                       stage.purpose, stages[0]->id, stages[0]->purpose
                   )
        );
      for (const Definition* before : stages) {
        if (exclude_each_other(*before, stage)) continue;
        return at(
            place, fmt::format(
                       "one person could be in stage {0} and in stage {1}: write `and not in segment "
                       "{0}` in {1}",
                       before->id, id
                   )
        );
      }
      stages.push_back(&stage);
    }
  }
  return std::nullopt;
}

}  // namespace hospes::segment
