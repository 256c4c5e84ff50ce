#include "portal/sets.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "segment/text.h"

namespace hospes::portal {

class SetQuestion::Reader {
 public:
  Reader(const segment::Definitions& definitions, SetQuestion& out) : definitions_(definitions), out_(out) {}

  Result<Part> read(const segment::Node& node) {
    if (const auto* in = std::get_if<segment::InSegment>(&node.is)) {
      const auto index = definitions_.find(in->id);
      if (!index) return unknown(node.place, in->id);
      if (std::ranges::find(out_.named_, *index) == out_.named_.end()) out_.named_.push_back(*index);
      return Part{Part::segment, *index, {}};
    }
    if (const auto* no = std::get_if<segment::Not>(&node.is)) return several(Part::negation, no->of);
    if (const auto* all = std::get_if<segment::All>(&node.is)) return several(Part::all, all->of);
    if (const auto* any = std::get_if<segment::Any>(&node.is)) return several(Part::any, any->of);
    return fail(
        Code::invalid_input,
        fmt::format(
            "column {}: segments are combined here: `in segment …`, `and`, `or`, `not` and parentheses; "
            "other conditions make a segment of their own",
            node.place.column
        )
    );
  }

  /// Whether it names people by something they are.
  static bool bounded(const Part& part) {
    switch (part.kind) {
      case Part::segment:
        return true;
      case Part::negation:
        return !bounded(part.of[0]);
      case Part::all:
        return std::ranges::any_of(part.of, bounded);
      case Part::any:
        return std::ranges::all_of(part.of, bounded);
    }
    return false;
  }

 private:
  Result<Part> several(Part::Kind kind, const std::vector<segment::Node>& of) {
    Part out{kind, 0, {}};
    for (const segment::Node& child : of) out.of.push_back(TRY(read(child)));
    return out;
  }
  Result<Part> unknown(segment::Place place, const std::string& id) {
    std::vector<std::string> ids;
    for (segment::SegmentIndex i = 0; i < definitions_.size(); ++i)
      if (!definitions_.at(i).retired) ids.push_back(definitions_.at(i).definition.id);
    return fail(
        Code::invalid_input,
        fmt::format("column {}: no segment \"{}\"{}", place.column, id, nearest_hint(id, ids))
    );
  }

  const segment::Definitions& definitions_;
  SetQuestion& out_;
};

Result<SetQuestion> SetQuestion::parse(std::string_view where, const segment::Definitions& definitions) {
  const auto node = segment::parse_predicate(where);
  if (!node)
    return fail(
        Code::invalid_input, fmt::format("column {}: {}", node.error().place.column, node.error().message)
    );
  SetQuestion out;
  out.text_ = segment::format(*node);
  std::ranges::replace(out.text_, '\n', ' ');
  out.root_ = TRY(Reader(definitions, out).read(*node));
  if (!Reader::bounded(out.root_))
    return fail(
        Code::invalid_input,
        "this names people by what they are not alone: begin with a segment they are in, as in "
        "`in segment a and not in segment b`"
    );
  return out;
}

bool SetQuestion::holds(const Part& part, const std::function<bool(segment::SegmentIndex)>& in) {
  const auto each = [&](const Part& p) { return holds(p, in); };
  switch (part.kind) {
    case Part::segment:
      return in(part.index);
    case Part::negation:
      return !each(part.of[0]);
    case Part::all:
      return std::ranges::all_of(part.of, each);
    case Part::any:
      return std::ranges::any_of(part.of, each);
  }
  return false;
}

/// A bitmap of the state is copied only when it must change.
void SetQuestion::Value::meet(Value& other) {
  if (all_but && other.all_but) {
    own = set() | other.set();
  } else if (all_but) {
    own = other.set() - set();
    all_but = false;
  } else if (other.all_but) {
    own = set() - other.set();
  } else {
    own = set() & other.set();
  }
  lent = nullptr;
}

SetQuestion::Value SetQuestion::value(const Part& part, const flow::PartitionState& state) {
  Value out;
  if (part.kind == Part::segment) {
    if (part.index < state.members.size()) out.lent = &state.members[part.index];
    return out;
  }
  if (part.kind == Part::negation) {
    out = value(part.of[0], state);
    out.all_but = !out.all_but;
    return out;
  }
  const bool flip = part.kind == Part::any;  // a or b = not (not a and not b)
  out = value(part.of[0], state);
  out.all_but ^= flip;
  for (std::size_t i = 1; i < part.of.size(); ++i) {
    Value next = value(part.of[i], state);
    next.all_but ^= flip;
    out.meet(next);
  }
  out.all_but ^= flip;
  return out;
}

roaring::Roaring SetQuestion::members(const flow::PartitionState& state, bool real_only) const {
  const Value found = value(root_, state);
  return real_only ? found.set() - state.simulated : found.set();
}

std::uint64_t SetQuestion::count(const flow::PartitionState& state, bool real_only) const {
  if (!real_only && root_.kind == Part::all) {  // the last of them is counted, not made
    Part but_last{Part::all, 0, {root_.of.begin(), root_.of.end() - 1}};
    const Value others = value(but_last, state), last = value(root_.of.back(), state);
    if (!others.all_but)
      return last.all_but ? others.set().andnot_cardinality(last.set())
                          : others.set().and_cardinality(last.set());
  }
  const Value found = value(root_, state);
  return real_only ? found.set().andnot_cardinality(state.simulated) : found.set().cardinality();
}

}  // namespace hospes::portal
