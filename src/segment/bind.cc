#include <fmt/format.h>

#include <unordered_map>

#include "segment/evaluate.h"

namespace hospes::segment {

namespace {

class Binder {
 public:
  Binder(const Binding& binding, const std::unordered_map<std::string, SegmentIndex>& ids)
      : binding_(binding), ids_(ids) {}

  Result<BoundNode> node(const Node& in) {
    BoundNode out = TRY(std::visit([&](const auto& is) { return shape(is); }, in.is));
    out.source = &in;
    return out;
  }

 private:
  Result<Name> name(const std::string& text) { return binding_.names->intern(text); }

  Result<BoundClause> clause(const Clause& in) {
    return BoundClause{in.name.empty() ? no_name : TRY(name(in.name)), in.test, in.values};
  }

  Result<BoundSelection> selection(const Selection& in) {
    BoundSelection out{.event = TRY(name(in.event))};
    for (const Clause& c : in.where) out.where.push_back(TRY(clause(c)));
    return out;
  }

  Result<BoundNode> parts(BoundKind kind, const std::vector<Node>& of) {
    BoundNode out{.kind = kind};
    for (const Node& child : of) out.of.push_back(TRY(node(child)));
    return out;
  }

  Result<BoundNode> shape(const All& is) { return parts(BoundKind::all, is.of); }
  Result<BoundNode> shape(const Any& is) { return parts(BoundKind::any, is.of); }
  Result<BoundNode> shape(const Not& is) { return parts(BoundKind::negation, is.of); }

  Result<BoundNode> shape(const InSegment& is) {
    const auto found = ids_.find(is.id);
    if (found == ids_.end()) {
      return fail(
          Code::invalid_input, fmt::format("unknown segment \"{}\": define it first", is.id)
      );
    }
    return BoundNode{.kind = BoundKind::in_segment, .segment = found->second};
  }

  Result<BoundNode> shape(const HasIdentifier& is) {
    const auto kind = binding_.kind(is.kind);
    if (!kind) {
      return fail(
          Code::invalid_input,
          fmt::format("unknown identifier kind \"{}\": add it to the catalogue", is.kind)
      );
    }
    return BoundNode{.kind = BoundKind::identifier, .identifier = *kind};
  }

  Result<BoundNode> shape(const TraitTest& is) {
    return BoundNode{.kind = BoundKind::trait, .clause = TRY(clause(is.clause))};
  }

  Result<BoundNode> shape(const TraitDate& is) {
    BoundNode out{
        .kind = BoundKind::date, .date = is.test, .offset = is.offset, .absolute = is.absolute};
    out.clause.name = TRY(name(is.name));
    return out;
  }

  Result<BoundNode> shape(const Folded& is) {
    BoundNode out{.kind = BoundKind::folded, .fold = is.fold, .window = is.window};
    out.clause = TRY(clause(is.compare));
    out.select = TRY(selection(is.select));
    if (!is.property.empty()) out.property = TRY(name(is.property));
    return out;
  }

  Result<BoundNode> shape(const Aged& is) {
    BoundNode out{
        .kind = BoundKind::aged,
        .fold = is.last ? Fold::last : Fold::first,
        .window = is.window,
        .age = is.age};
    out.select = TRY(selection(is.select));
    return out;
  }

  Result<BoundNode> shape(const Sequence& is) {
    BoundNode out{
        .kind = BoundKind::sequence,
        .window = is.window,
        .from_first = is.from_first,
        .within = is.within};
    out.select = TRY(selection(is.select));
    out.then = TRY(selection(is.then));
    return out;
  }

  const Binding& binding_;
  const std::unordered_map<std::string, SegmentIndex>& ids_;
};

void references(const BoundNode& node, std::vector<SegmentIndex>& out) {
  if (node.kind == BoundKind::in_segment) out.push_back(node.segment);
  for (const BoundNode& child : node.of) references(child, out);
}

/// Referenced segments first (Kahn); what is left over stands in a circle.
Status sort(const std::vector<Definitions::Entry>& entries, std::vector<SegmentIndex>& order) {
  std::vector<std::vector<SegmentIndex>> asked_by(entries.size());
  std::vector<std::size_t> open(entries.size());
  for (SegmentIndex i = 0; i < entries.size(); ++i) {
    std::vector<SegmentIndex> asks;
    references(entries[i].predicate, asks);
    for (const SegmentIndex other : asks) {
      if (!entries[i].retired && entries[other].purpose != entries[i].purpose) {
        return fail(
            Code::invalid_input,
            fmt::format(
                "segment {} (purpose {}) asks about {} (purpose {}): both must have "
                "the same purpose, or one would lend the other what it may not see",
                entries[i].definition.id, entries[i].definition.purpose,
                entries[other].definition.id, entries[other].definition.purpose
            )
        );
      }
      asked_by[other].push_back(i);
    }
    open[i] = asks.size();
  }
  std::vector<SegmentIndex> ready;
  for (SegmentIndex i = 0; i < entries.size(); ++i) {
    if (open[i] == 0) ready.push_back(i);
  }
  for (std::size_t at = 0; at < ready.size(); ++at) {
    for (const SegmentIndex i : asked_by[ready[at]]) {
      if (--open[i] == 0) ready.push_back(i);
    }
  }
  for (SegmentIndex i = 0; i < entries.size(); ++i) {
    if (open[i] != 0) {
      return fail(
          Code::invalid_input, fmt::format(
                                   "segment {} asks about itself, in a circle of "
                                   "`in segment`: cut one of them",
                                   entries[i].definition.id
                               )
      );
    }
  }
  for (const SegmentIndex i : ready) {
    if (!entries[i].retired) order.push_back(i);
  }
  return {};
}

}  // namespace

std::optional<SegmentIndex> Definitions::find(std::string_view id) const {
  for (SegmentIndex i = 0; i < entries_.size(); ++i) {
    if (!entries_[i].retired && entries_[i].definition.id == id) return i;
  }
  return std::nullopt;
}

Result<std::shared_ptr<const Definitions>> bind(
    std::vector<Definition> list, const Binding& binding, const std::vector<bool>& retired
) {
  if (list.size() > definitions_max) {
    return fail(
        Code::over_limit,
        fmt::format("{} segments; a house holds at most {}", list.size(), definitions_max)
    );
  }
  auto out = std::make_shared<Definitions>();
  out->names_ = binding.names;
  out->entries_.resize(list.size());
  std::unordered_map<std::string, SegmentIndex> ids;
  for (SegmentIndex i = 0; i < list.size(); ++i) {
    Definitions::Entry& entry = out->entries_[i];
    entry.definition = std::move(list[i]);
    entry.retired = i < retired.size() && retired[i];
    if (entry.retired) continue;
    if (!ids.emplace(entry.definition.id, i).second) {
      return fail(
          Code::invalid_input,
          fmt::format("two segments are called {}: rename one", entry.definition.id)
      );
    }
    const auto purpose = binding.purpose(entry.definition.purpose);
    if (!purpose) {
      return fail(
          Code::invalid_input,
          fmt::format(
              "segment {}: unknown purpose \"{}\"", entry.definition.id, entry.definition.purpose
          )
      );
    }
    entry.purpose = *purpose;
  }
  Binder binder(binding, ids);
  for (Definitions::Entry& entry : out->entries_) {
    if (!entry.retired) entry.predicate = TRY(binder.node(entry.definition.predicate));
  }
  if (auto sorted = sort(out->entries_, out->order_); !sorted) {
    return std::unexpected(std::move(sorted).error());
  }
  return std::shared_ptr<const Definitions>(std::move(out));
}

}  // namespace hospes::segment
