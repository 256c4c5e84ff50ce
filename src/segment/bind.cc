#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "segment/evaluate.h"
#include "segment/text.h"

namespace hospes::segment {

class Binder {
 public:
  Binder(
      const Binding& binding, const std::unordered_map<std::string, SegmentIndex>& ids,
      Definitions& definitions, std::span<const Threshold> thresholds
  )
      : binding_(binding), ids_(ids), definitions_(definitions), thresholds_(thresholds) {}

  Result<BoundNode> predicate(Definitions::Entry& entry) {
    entry_ = &entry;
    inlined_ = 0;
    return node(entry.definition.predicate);
  }
  Status clock() {
    Clock& out = definitions_.clock_;
    out.timezone = TRY(name("timezone"));
    out.context_timezone = TRY(name("context.timezone"));
    out.identify = TRY(name("identify"));
    out.house = binding_.zone != nullptr ? binding_.zone : &zones::utc();
    return {};
  }

 private:
  static constexpr unsigned inlined_max = 4 * nodes_max;  // of other segments, within `still`

  Result<BoundNode> node(const Node& in) {
    BoundNode out = TRY(std::visit([&](const auto& is) { return shape(is); }, in.is));
    out.source = &in;
    out.clock = &definitions_.clock_;
    if (out.kind == BoundKind::ranked) rank(out, in);
    return out;
  }

  Result<Name> name(const std::string& text) { return binding_.names->intern(text); }
  Result<Name> name_if_any(const std::string& text) {
    return text.empty() ? Result<Name>(no_name) : name(text);
  }

  Result<BoundClause> clause(const Clause& in) {
    BoundClause out{.test = in.test, .values = in.values, .calendar = in.calendar};
    if (in.test != Test::near) {
      out.name = TRY(name_if_any(in.name));
      return out;
    }
    out.name = TRY(name(in.name + ".latitude"));
    out.east = TRY(name(in.name + ".longitude"));
    direction(in.values[0].number, in.values[1].number, out.centre);
    const Decimal half_round = Decimal::whole(20'015'000);  // beyond, everywhere is near
    out.chord = in.values[2].number > half_round ? ~(Wide{1} << 127)
                                                 : chord_squared(in.values[2].number);
    return out;
  }

  Result<BoundNamed> named(const Named& in) {
    BoundNamed out{.event = TRY(name(in.event)), .where = {}};
    for (const Clause& c : in.where) out.where.push_back(TRY(clause(c)));
    return out;
  }

  Result<BoundSelection> selection(const Selection& in) {
    BoundSelection out;
    static_cast<BoundNamed&>(out) = TRY(named(in));
    if (!in.reply) return out;
    BoundReply reply{.given = in.reply->given, .by = {}, .within = in.reply->within};
    reply.by = TRY(named(in.reply->by));
    reply.same = TRY(name_if_any(in.reply->same));
    out.reply = std::move(reply);
    return out;
  }

  Result<BoundMeasure> measure(const Measure& in) {
    BoundMeasure out{.fold = in.fold, .select = {}, .window = in.window, .per = in.per, .least = in.least};
    out.select = TRY(selection(in.select));
    out.property = TRY(name_if_any(in.property));
    return out;
  }

  static BoundNode of_kind(BoundKind kind) {
    BoundNode out;
    out.kind = kind;
    return out;
  }

  Result<BoundNode> parts(BoundKind kind, const std::vector<Node>& of) {
    BoundNode out = of_kind(kind);
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
    if (still_ > 0) return inlined(definitions_.at(found->second));
    BoundNode out = of_kind(BoundKind::in_segment);
    out.segment = found->second;
    return out;
  }

  /// At another instant than now a membership is what its predicate says then.
  Result<BoundNode> inlined(const Definitions::Entry& other) {
    inlined_ += node_count(other.definition.predicate);
    if (inlined_ > inlined_max) {
      return fail(
          Code::over_limit, fmt::format(
                                "segment {} asks in `still` about segments with more than {} tests",
                                entry_->definition.id, inlined_max
                            )
      );
    }
    if (other.purpose != entry_->purpose) return lends(*entry_, other);
    return node(other.definition.predicate);
  }

 public:
  static std::unexpected<Error> lends(const Definitions::Entry& to, const Definitions::Entry& from) {
    return fail(
        Code::invalid_input,
        fmt::format(
            "segment {} (purpose {}) asks about {} (purpose {}): both must have "
            "the same purpose, or one would lend the other what it may not see",
            to.definition.id, to.definition.purpose, from.definition.id, from.definition.purpose
        )
    );
  }

 private:
  Result<BoundNode> shape(const HasIdentifier& is) {
    const auto kind = binding_.kind(is.kind);
    if (!kind) {
      return fail(
          Code::invalid_input,
          fmt::format("unknown identifier kind \"{}\": add it to the catalogue", is.kind)
      );
    }
    BoundNode out = of_kind(BoundKind::identifier);
    out.identifier = *kind;
    return out;
  }

  Result<BoundNode> shape(const TraitTest& is) {
    BoundNode out = of_kind(BoundKind::trait);
    out.clause = TRY(clause(is.clause));
    return out;
  }

  Result<BoundNode> shape(const TraitDate& is) {
    BoundNode out = of_kind(BoundKind::date);
    out.date = is.test;
    out.offset = is.offset;
    out.absolute = is.absolute;
    out.clause.name = TRY(name(is.name));
    return out;
  }

  Result<BoundNode> shape(const Folded& is) {
    BoundNode out = of_kind(BoundKind::folded);
    static_cast<BoundMeasure&>(out) = TRY(measure(is.measure));
    out.clause = TRY(clause(is.compare));
    return out;
  }

  Result<BoundNode> shape(const Compared& is) {
    BoundNode out = of_kind(BoundKind::compared);
    static_cast<BoundMeasure&>(out) = TRY(measure(is.left));
    out.right.push_back(TRY(measure(is.right)));
    out.clause.test = is.test;
    out.factor = is.factor;
    return out;
  }

  Result<BoundNode> shape(const Ranked& is) {
    BoundNode out = of_kind(BoundKind::ranked);
    static_cast<BoundMeasure&>(out) = TRY(measure(is.measure));
    out.clause.test = is.top ? Test::ge : Test::le;
    out.factor = Decimal::whole(1);
    return out;
  }

  Result<BoundNode> shape(const AgainstMedian& is) {
    BoundNode out = of_kind(BoundKind::ranked);
    static_cast<BoundMeasure&>(out) = TRY(measure(is.measure));
    out.clause.test = is.test;
    out.factor = is.factor;
    return out;
  }

  void rank(BoundNode& out, const Node& in) {
    const std::string text = format(in);
    const std::string& purpose = entry_->definition.purpose;
    for (const Threshold& t : thresholds_) {
      if (t.purpose == purpose && t.ranked == text) out.threshold = t.value;
    }
  }

  Result<BoundNode> shape(const Aged& is) {
    BoundNode out = of_kind(BoundKind::aged);
    out.fold = is.last ? Fold::last : Fold::first;
    out.window = is.window;
    out.age = is.age;
    out.select = TRY(selection(is.select));
    return out;
  }

  Result<BoundNode> shape(const Sequence& is) {
    BoundNode out = of_kind(BoundKind::sequence);
    out.window = is.window;
    out.from_first = is.from_first;
    out.select = TRY(selection(is.select));
    for (const Step& step : is.steps) {
      BoundStep& bound = out.steps.emplace_back();
      bound.then = TRY(selection(step.then));
      bound.after = step.after;
      bound.within = step.within;
      bound.same = TRY(name_if_any(step.same));
      if (step.without) bound.without = TRY(selection(*step.without));
    }
    return out;
  }

  Result<BoundNode> shape(const Still& is) {
    ++still_;
    BoundNode out = TRY(parts(BoundKind::still, is.of));
    --still_;
    out.absolute = is.at;
    out.ahead = is.ahead;
    return out;
  }

  Result<BoundNode> shape(const CalendarNow& is) {
    BoundNode out = of_kind(BoundKind::calendar);
    out.calendar = is.calendar;
    return out;
  }

  Result<BoundNode> shape(const Permission& is) {
    const auto purpose = binding_.purpose(is.purpose);
    if (!purpose) {
      return fail(
          Code::invalid_input, fmt::format("unknown purpose \"{}\" of a permission", is.purpose)
      );
    }
    BoundNode out = of_kind(BoundKind::permission);
    out.about = *purpose;
    out.said = is.said;
    out.window = is.since;
    if (is.said == Said::ends) out.ahead = is.within;
    return out;
  }

  const Binding& binding_;
  const std::unordered_map<std::string, SegmentIndex>& ids_;
  Definitions& definitions_;
  std::span<const Threshold> thresholds_;
  const Definitions::Entry* entry_ = nullptr;  // at hand
  unsigned still_ = 0;                         // how deep in `still`
  unsigned inlined_ = 0;
};

namespace {

void segments_asked(const Node& node, std::vector<std::string_view>& out) {
  if (const auto* in = std::get_if<InSegment>(&node.is)) out.push_back(in->id);
  if (const auto* of = children(node)) {
    for (const Node& child : *of) segments_asked(child, out);
  }
}

/// Finds a circle of `in segment`, if there is one, and tells its path.
class Circles {
 public:
  Circles(
      const Definitions& definitions, const std::unordered_map<std::string, SegmentIndex>& ids
  )
      : definitions_(definitions), ids_(ids), state_(definitions.size()) {}

  Status find() {
    for (SegmentIndex i = 0; i < definitions_.size(); ++i) {
      if (!visit(i)) return fail(Code::invalid_input, told());
    }
    return {};
  }

 private:
  enum State : std::uint8_t { unseen, on_path, clear };

  bool visit(SegmentIndex start) {
    struct Frame {
      SegmentIndex segment;
      std::vector<std::string_view> asks;
      std::size_t next = 0;
    };
    if (state_[start] != unseen || definitions_.at(start).retired) return true;
    std::vector<Frame> frames;
    const auto enter = [&](SegmentIndex i) {
      state_[i] = on_path;
      path_.push_back(i);
      frames.push_back({i, {}, 0});
      segments_asked(definitions_.at(i).definition.predicate, frames.back().asks);
    };
    enter(start);
    while (!frames.empty()) {
      Frame& frame = frames.back();
      if (frame.next == frame.asks.size()) {
        state_[frame.segment] = clear;
        path_.pop_back();
        frames.pop_back();
        continue;
      }
      const auto asked = ids_.find(std::string(frame.asks[frame.next++]));
      if (asked == ids_.end() || state_[asked->second] == clear) continue;  // unknown: told by Binder
      if (state_[asked->second] == on_path) {
        path_.push_back(asked->second);
        return false;
      }
      enter(asked->second);
    }
    return true;
  }

  std::string told() const {
    const auto first = std::ranges::find(path_, path_.back());
    std::string path;
    for (auto at = first; at != path_.end(); ++at)
      path += (path.empty() ? "" : " → ") + definitions_.at(*at).definition.id;
    return fmt::format(
        "segment {} asks about itself, in a circle of `in segment`: {}; cut one of them",
        definitions_.at(*first).definition.id, path
    );
  }

  const Definitions& definitions_;
  const std::unordered_map<std::string, SegmentIndex>& ids_;
  std::vector<State> state_;
  std::vector<SegmentIndex> path_;
};

void references(const BoundNode& node, std::vector<SegmentIndex>& out) {
  if (node.kind == BoundKind::in_segment) out.push_back(node.segment);
  for (const BoundNode& child : node.of) references(child, out);
}

/// Referenced segments first (Kahn). Precondition: no circles.
Status sort(const std::vector<Definitions::Entry>& entries, std::vector<SegmentIndex>& order) {
  std::vector<std::vector<SegmentIndex>> asked_by(entries.size());
  std::vector<std::size_t> open(entries.size());
  for (SegmentIndex i = 0; i < entries.size(); ++i) {
    std::vector<SegmentIndex> asks;
    references(entries[i].predicate, asks);
    for (const SegmentIndex other : asks) {
      if (!entries[i].retired && entries[other].purpose != entries[i].purpose)
        return Binder::lends(entries[i], entries[other]);
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
  for (const SegmentIndex i : ready) {
    if (!entries[i].retired) order.push_back(i);
  }
  return {};
}

void rankings(
    const BoundNode& node, const Definitions::Entry& entry, std::vector<Definitions::Ranking>& out
) {
  for (const BoundNode& child : node.of) rankings(child, entry, out);
  if (node.kind != BoundKind::ranked) return;
  Definitions::Ranking found{entry.definition.purpose, entry.purpose, format(*node.source), &node};
  const auto same = [&](const Definitions::Ranking& r) {
    return r.bit == found.bit && r.text == found.text;
  };
  if (std::ranges::none_of(out, same)) out.push_back(std::move(found));
}

}  // namespace

void BoundNode::selections(std::vector<const BoundNamed*>& out) const {
  const auto take = [&](const BoundSelection& s) {
    if (s.event == no_name) return;
    out.push_back(&s);
    if (s.reply) out.push_back(&s.reply->by);
  };
  take(select);
  for (const BoundMeasure& m : right) take(m.select);
  for (const BoundStep& step : steps) {
    take(step.then);
    if (step.without) take(*step.without);
  }
  for (const BoundNode& child : of) child.selections(out);
}

bool BoundNode::heeds_identify() const {
  if (kind == BoundKind::trait || kind == BoundKind::date || kind == BoundKind::calendar) return true;
  if (per != Per::event && per != Per::session) return true;
  for (const BoundMeasure& m : right) {
    if (m.per != Per::event && m.per != Per::session) return true;
  }
  std::vector<const BoundNamed*> looked;
  selections(looked);
  const auto falls = [](const BoundClause& c) { return c.test == Test::falls; };
  const auto calendar_clause = [&](const BoundNamed* s) {
    return std::ranges::any_of(s->where, falls);
  };
  if (falls(clause) || std::ranges::any_of(looked, calendar_clause)) return true;
  return std::ranges::any_of(of, &BoundNode::heeds_identify);
}

std::optional<SegmentIndex> Definitions::find(std::string_view id) const {
  for (SegmentIndex i = 0; i < entries_.size(); ++i) {
    if (!entries_[i].retired && entries_[i].definition.id == id) return i;
  }
  return std::nullopt;
}

Result<std::shared_ptr<const Definitions>> bind(
    std::vector<Definition> list, const Binding& binding, const std::vector<bool>& retired,
    std::span<const Threshold> thresholds, std::span<const Lifecycle> lifecycles
) {
  if (list.size() > definitions_max) {
    return fail(
        Code::over_limit,
        fmt::format("{} segments; a house holds at most {}", list.size(), definitions_max)
    );
  }
  auto out = std::make_shared<Definitions>();
  out->names_ = binding.names;
  out->thresholds_.assign(thresholds.begin(), thresholds.end());
  out->lifecycles_.assign(lifecycles.begin(), lifecycles.end());
  if (const auto mistake = validate(out->lifecycles_, list, retired))
    return fail(Code::invalid_input, mistake->message);
  out->entries_.resize(list.size());
  std::unordered_map<std::string, SegmentIndex> ids;
  for (SegmentIndex i = 0; i < list.size(); ++i) {
    Definitions::Entry& entry = out->entries_[i];
    entry.definition = std::move(list[i]);
    entry.retired = (i < retired.size() && retired[i]) || entry.definition.draft;
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
  if (!lifecycles.empty()) out->stages_.resize(list.size());
  for (std::size_t l = 0; l < lifecycles.size(); ++l)
    for (std::size_t at = 0; at < lifecycles[l].stages.size(); ++at)
      out->stages_[ids.at(lifecycles[l].stages[at])] = {
          static_cast<std::uint16_t>(l), static_cast<std::uint16_t>(at)};
  TRY(Circles(*out, ids).find());
  Binder binder(binding, ids, *out, thresholds);
  TRY(binder.clock());
  for (Definitions::Entry& entry : out->entries_) {
    if (!entry.retired) entry.predicate = TRY(binder.predicate(entry));
  }
  for (const Definitions::Entry& entry : out->entries_) {
    if (!entry.retired) rankings(entry.predicate, entry, out->rankings_);
  }
  if (auto sorted = sort(out->entries_, out->order_); !sorted) {
    return std::unexpected(std::move(sorted).error());
  }
  return std::shared_ptr<const Definitions>(std::move(out));
}

}  // namespace hospes::segment
