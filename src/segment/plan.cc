#include "segment/plan.h"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>

#include "segment/text.h"

namespace hospes::segment {

namespace {

constexpr std::int64_t ever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t one = 1'000'000;  // a decimal's 1

/// A predicate over atoms, before it is flattened.
struct Tree {
  BoundKind kind = BoundKind::trait;
  AtomIndex atom = 0;
  std::vector<Tree> of;
};

/// A text that is the same for the same selection: streams and atoms are shared by it.
std::string key_of(const BoundNamed& s) {
  std::string key;
  Writer out(key);
  out.u32(s.event);
  for (const BoundClause& c : s.where) {
    out.u32(c.name);
    out.u8(static_cast<std::uint8_t>(c.test));
    out.varint(c.values.size());
    for (const Value& v : c.values) write_value(out, v.view());
  }
  return key;
}

std::int64_t span_of(const std::optional<Duration>& d) { return d ? d->count() : ever; }

class Planner {
 public:
  explicit Planner(const Definitions& definitions)
      : definitions_(definitions), plan_(std::make_shared<Plan>()) {}

  std::shared_ptr<const Plan> make() {
    plan_->groups.emplace_back();
    plan_->rank_of.resize(definitions_.size());
    count_guards();
    Rank rank = 0;
    for (const SegmentIndex i : definitions_.order()) {
      plan_->rank_of[i] = rank++;
      program(i);
    }
    plan_->asked_by.resize(plan_->programs.size());
    for (Rank r = 0; r < plan_->programs.size(); ++r) {
      for (const auto& [a, polarity] : plan_->programs[r].atoms) {
        const Atom& atom = plan_->atoms[a];
        if (atom.kind == AtomKind::member)
          plan_->asked_by[plan_->rank_of[atom.segment]].push_back(r);
      }
    }
    fill_groups(*plan_);
    return plan_;
  }

 private:
  // Leaves become trees over a few kinds of atoms.

  Tree atom(std::string key, const Atom& atom) {
    const auto [at, fresh] =
        atoms_.try_emplace(std::move(key), static_cast<AtomIndex>(plan_->atoms.size()));
    if (fresh) plan_->atoms.push_back(atom);
    return {.kind = BoundKind::trait, .atom = at->second, .of = {}};
  }
  Tree constant(bool truth) {
    return atom(truth ? "=1" : "=0", {.kind = AtomKind::constant, .truth = truth});
  }
  static Tree no(Tree tree) {
    Tree out{.kind = BoundKind::negation};
    out.of.push_back(std::move(tree));
    return out;
  }
  static Tree both(Tree a, Tree b) {
    Tree out{.kind = BoundKind::all};
    out.of.push_back(std::move(a));
    out.of.push_back(std::move(b));
    return out;
  }

  /// Finds or makes the field of a property, and knows the texts it is compared with.
  std::uint32_t field(Name name, const std::vector<Value>& values = {}) {
    auto& by_name = plan_->field_of_name;
    if (name >= by_name.size()) by_name.resize(name + 1);
    if (by_name[name] == 0) {
      plan_->fields.push_back({.name = name});
      by_name[name] = static_cast<std::uint16_t>(plan_->fields.size());
    }
    const auto index = static_cast<std::uint32_t>(by_name[name] - 1);
    Field& out = plan_->fields[index];
    for (const Value& v : values) {
      if (v.kind != ValueKind::text) continue;
      if (out.literals.try_emplace(v.text, static_cast<Literal>(out.texts.size())).second)
        out.texts.push_back(v.text);
    }
    return index;
  }

  /// Finds or makes; widens the rule so that it serves all who ask.
  std::uint32_t stream(const BoundNamed& select, Name property, const KeepRule& rule) {
    std::string key = key_of(select);
    Writer out(key);
    out.u8(purpose_);
    out.u8(static_cast<std::uint8_t>(rule.keep));
    out.u32(property);
    const auto [at, fresh] =
        streams_.try_emplace(std::move(key), static_cast<std::uint32_t>(plan_->streams.size()));
    if (fresh) {
      plan_->streams.push_back({purpose_, select, property, rule});
      for (const BoundClause& c : select.where) field(c.name, c.values);
      if (property != no_name) field(property);
    }
    KeepRule& kept = plan_->streams[at->second].rule;
    kept.count = std::max(kept.count, rule.count);
    kept.target = std::max(kept.target, rule.target);
    kept.horizon_us = std::max(kept.horizon_us, rule.horizon_us);
    return at->second;
  }

  std::string key(char kind, const Atom& a) {
    std::string key(1, kind);
    Writer out(key);
    out.u32(a.stream);
    out.u32(a.k);
    out.i64(a.from_us);
    out.i64(a.to_us);
    out.u64(static_cast<std::uint64_t>(a.x));
    out.u64(static_cast<std::uint64_t>(a.x >> 64));
    return key;
  }

  static constexpr std::int64_t k_max = 4'096;  // beyond, a count is left to the evaluator

  /// k or more selected events in the window.
  std::optional<Tree> at_least(const BoundNamed& select, const Window& window, std::int64_t k) {
    if (k <= 0) return constant(true);
    if (k > k_max || (window.to != Duration(0) && !window.from)) return std::nullopt;
    Atom a{
        .kind = window.to == Duration(0) ? AtomKind::count : AtomKind::offset,
        .k = static_cast<std::uint32_t>(k),
        .from_us = span_of(window.from),
        .to_us = window.to.count()};
    const bool offset = a.kind == AtomKind::offset;
    a.stream = stream(
        select, no_name,
        {.keep = offset ? Keep::all : Keep::latest, .count = a.k, .horizon_us = a.from_us}
    );
    return atom(key(offset ? 'o' : 'c', a), a);
  }

  /// Builds a comparison out of `reached(x)`: "at least x". `next`: the smallest step above x.
  template <class Reached>
  std::optional<Tree> comparison(Test test, Reached reached) {
    const auto at = [&](bool above) { return reached(above); };
    switch (test) {
      case Test::ge:
        return at(false);
      case Test::gt:
        return at(true);
      case Test::lt:
        return negated(at(false));
      case Test::le:
        return negated(at(true));
      default:
        break;
    }
    auto low = at(false);
    auto high = at(true);
    if (!low || !high) return std::nullopt;
    Tree equal = both(std::move(*low), no(std::move(*high)));
    return test == Test::eq ? std::move(equal) : no(std::move(equal));
  }
  static std::optional<Tree> negated(std::optional<Tree> tree) {
    if (!tree) return tree;
    return no(std::move(*tree));
  }

  std::optional<Tree> counted(const BoundNode& node) {
    const std::int64_t literal = node.clause.values[0].number.micro;
    const std::int64_t floor = literal >= 0 ? literal / one : (literal - one + 1) / one;
    const bool whole = floor * one == literal;
    const Test test = node.clause.test;
    if (!whole && (test == Test::eq || test == Test::ne)) return constant(test == Test::ne);
    return comparison(test, [&](bool above) {
      return at_least(node.select, node.window, above || !whole ? floor + 1 : floor);
    });
  }

  std::optional<Tree> summed(const BoundNode& node) {
    if (node.window.to != Duration(0)) return std::nullopt;
    return comparison(node.clause.test, [&](bool above) -> std::optional<Tree> {
      Atom a{.kind = AtomKind::sum, .from_us = span_of(node.window.from)};
      a.x = static_cast<Wide>(node.clause.values[0].number.micro) + (above ? 1 : 0);
      a.stream = stream(
          node.select, node.property,
          {.keep = Keep::amounts, .target = a.x, .horizon_us = a.from_us}
      );
      return atom(key('s', a), a);
    });
  }

  /// max ≥ x: some event has a number ≥ x. min is its mirror.
  std::optional<Tree> extreme(const BoundNode& node) {
    const bool max = node.fold == Fold::max;
    const auto some = [&](Test test, Value literal) {
      BoundNamed select = node.select;
      select.where.push_back({node.property, test, {std::move(literal)}});
      return at_least(select, node.window, 1);
    };
    const Value& x = node.clause.values[0];
    auto any = some(Test::ge, Value::of(Decimal{std::numeric_limits<std::int64_t>::min()}));
    auto reached = some(max ? Test::ge : Test::le, x);
    auto passed = some(max ? Test::gt : Test::lt, x);
    if (!any || !reached || !passed) return std::nullopt;
    Test test = node.clause.test;
    if (!max) {  // min ≤ x reads as max ≥ x
      constexpr std::pair<Test, Test> mirror[] = {
          {Test::le, Test::ge}, {Test::lt, Test::gt}, {Test::ge, Test::le}, {Test::gt, Test::lt}};
      const auto* at = std::ranges::find(mirror, test, &std::pair<Test, Test>::first);
      if (at != std::end(mirror)) test = at->second;
    }
    switch (test) {
      case Test::ge:
        return reached;
      case Test::gt:
        return passed;
      case Test::lt:
        return both(std::move(*any), no(std::move(*reached)));
      case Test::le:
        return both(std::move(*any), no(std::move(*passed)));
      case Test::eq:
        return both(std::move(*reached), no(std::move(*passed)));
      default:
        return both(std::move(*any), no(both(std::move(*reached), no(std::move(*passed)))));
    }
  }

  std::optional<Tree> aged(const BoundNode& node) {
    if (node.window.to != Duration(0)) return std::nullopt;
    Atom a{
        .kind = AtomKind::age,
        .earliest = node.fold == Fold::first,
        .from_us = span_of(node.age.from),
        .to_us = node.age.to.count()};
    if (a.earliest && node.window.from) return std::nullopt;
    // The last of a window that reaches to now is the last of all, when it is young enough.
    if (node.window.from) a.from_us = std::min(a.from_us, node.window.from->count());
    if (a.from_us != ever && a.to_us >= a.from_us) return constant(false);
    a.stream = stream(
        node.select, no_name,
        {.keep = a.earliest ? Keep::earliest : Keep::latest, .count = 1, .horizon_us = ever}
    );
    return atom(key(a.earliest ? 'f' : 'l', a), a);
  }

  std::uint32_t slot(Slot::Kind kind, const BoundNode& node) {
    const Name trait = node.clause.name;
    std::string key(1, static_cast<char>('0' + kind));
    Writer out(key);
    out.u8(purpose_);
    out.u32(trait);
    if (kind == Slot::judged) key += key_of({.event = 0, .where = {node.clause}});
    const std::uint32_t f = field(trait, node.clause.values);
    const auto [at, fresh] =
        slots_.try_emplace(std::move(key), static_cast<std::uint32_t>(plan_->slots.size()));
    if (fresh) {
      plan_->slots.push_back({kind, purpose_, f, &node});
      plan_->fields[f].slots.push_back(at->second);
    }
    return at->second;
  }

  Tree trait(const BoundNode& node) {
    const Test test = node.clause.test;
    const bool judged = test == Test::contains || test == Test::starts;
    Atom a{.kind = AtomKind::trait, .node = &node};
    a.slot = slot(judged ? Slot::judged : Slot::plain, node);
    return atom("t" + std::to_string(a.slot) + key_of({.event = 0, .where = {node.clause}}), a);
  }

  Tree date(const BoundNode& node) {
    Atom a{.kind = AtomKind::date, .node = &node};
    a.slot = slot(Slot::instant, node);
    std::string key = "d" + std::to_string(a.slot);
    Writer out(key);
    out.u8(static_cast<std::uint8_t>(node.date));
    out.i64(node.offset.count());
    out.u8(node.absolute.has_value());
    out.i64(node.absolute.value_or(Instant{}).us);
    return atom(std::move(key), a);
  }

  Tree slow(const BoundNode& node) {
    Atom a{.kind = AtomKind::slow, .purpose = purpose_, .node = &node};
    node.selections(a.looks);
    a.heeds_identify = node.heeds_identify();
    return atom("w" + std::to_string(purpose_) + format(*node.source), a);
  }

  /// Whether cells can follow what it selects: not by the calendar, by places or by replies.
  static bool has_stream(const BoundNode& node) {
    return !node.select.reply && node.per == Per::event &&
           std::ranges::none_of(node.select.where, [](const BoundClause& c) {
             return c.test == Test::falls || c.test == Test::near;
           });
  }

  Tree tree(const BoundNode& node) {
    std::optional<Tree> out;
    switch (node.kind) {
      case BoundKind::all:
      case BoundKind::any:
      case BoundKind::negation: {
        Tree joined{.kind = node.kind};
        for (const BoundNode& child : node.of) joined.of.push_back(tree(child));
        return joined;
      }
      case BoundKind::in_segment:
        return atom(
            "m" + std::to_string(node.segment), {.kind = AtomKind::member, .segment = node.segment}
        );
      case BoundKind::identifier:
        plan_->kinds_used |= std::uint64_t{1} << node.identifier;
        return atom(
            "i" + std::to_string(node.identifier),
            {.kind = AtomKind::identifier, .identifier = node.identifier}
        );
      case BoundKind::trait:
        if (node.clause.test == Test::falls || node.clause.test == Test::near) return slow(node);
        return trait(node);
      case BoundKind::date:
        return date(node);
      case BoundKind::folded:
        if (!has_stream(node)) break;
        if (node.fold == Fold::count) out = counted(node);
        if (node.fold == Fold::sum) out = summed(node);
        if (node.fold == Fold::min || node.fold == Fold::max) out = extreme(node);
        break;
      case BoundKind::aged:
        if (has_stream(node)) out = aged(node);
        break;
      default:  // the evaluator's
        break;
    }
    return out ? *std::move(out) : slow(node);
  }

  /// Static tests first, sequences last.
  unsigned cost(const Tree& tree) const {
    if (tree.kind == BoundKind::trait) return static_cast<unsigned>(plan_->atoms[tree.atom].kind);
    unsigned most = 0;
    for (const Tree& child : tree.of) most = std::max(most, cost(child) + 1);
    return most;
  }

  void flatten(Tree& tree, Program& program, std::uint32_t at, std::uint8_t polarity) {
    if (tree.kind == BoundKind::trait) {
      program.ops[at] = {BoundKind::trait, tree.atom, 0};
      auto known =
          std::ranges::find(program.atoms, tree.atom, &std::pair<AtomIndex, std::uint8_t>::first);
      if (known == program.atoms.end())
        program.atoms.emplace_back(tree.atom, polarity);
      else
        known->second |= polarity;
      return;
    }
    if (tree.kind == BoundKind::negation) polarity = polarity == helps ? hurts : helps;
    std::ranges::stable_sort(tree.of, {}, [&](const Tree& child) { return cost(child); });
    const auto first = static_cast<std::uint32_t>(program.ops.size());
    program.ops[at] = {tree.kind, first, static_cast<std::uint32_t>(tree.of.size())};
    program.ops.resize(program.ops.size() + tree.of.size());
    for (std::uint32_t i = 0; i < tree.of.size(); ++i)
      flatten(tree.of[i], program, first + i, polarity);
  }

  // Guards.

  static constexpr std::size_t guard_values_max = 32;  // a segment is filed under each of them

  /// Equalities on traits without which the predicate is false.
  template <class Visit>
  void guards_of(const BoundNode& node, Visit visit) {
    if (node.kind == BoundKind::all) {
      for (const BoundNode& child : node.of) guards_of(child, visit);
    }
    if (node.kind != BoundKind::trait) return;
    const bool equality = node.clause.test == Test::eq || node.clause.test == Test::in;
    if (equality && node.clause.values.size() <= guard_values_max) visit(node);
  }

  static std::string text_of(const Value& v) {
    std::string out;
    Writer writer(out);
    write_value(writer, v.view());
    return out;
  }

  void count_guards() {
    for (const SegmentIndex i : definitions_.order()) {
      guards_of(definitions_.at(i).predicate, [&](const BoundNode& node) {
        for (const Value& v : node.clause.values) ++guard_count_[{node.clause.name, text_of(v)}];
      });
    }
  }

  /// The rarest guard of a predicate: that which fewest definitions share.
  const BoundNode* rarest(const BoundNode& predicate) {
    const BoundNode* best = nullptr;
    std::size_t least = 0;
    guards_of(predicate, [&](const BoundNode& node) {
      std::size_t shared = 0;
      for (const Value& v : node.clause.values)
        shared += guard_count_[{node.clause.name, text_of(v)}];
      if (best != nullptr && shared >= least) return;
      best = &node;
      least = shared;
    });
    return best;
  }

  GroupIndex group(std::uint32_t slot, const Value& value) {
    auto at = std::ranges::find(plan_->guards, slot, &Guard::slot);
    if (at == plan_->guards.end()) {
      plan_->guards.push_back({.slot = slot});
      at = plan_->guards.end() - 1;
    }
    Guard::Entry entry{value.kind, value.number.micro, 0};
    if (value.kind == ValueKind::text)
      entry.payload = plan_->fields[plan_->slots[slot].field].literal(value.text);
    const auto key = [](const Guard::Entry& e) { return std::pair(e.kind, e.payload); };
    const auto place = std::ranges::lower_bound(at->entries, key(entry), {}, key);
    if (place != at->entries.end() && key(*place) == key(entry)) return place->group;
    entry.group = static_cast<GroupIndex>(plan_->groups.size());
    plan_->groups.emplace_back();
    at->entries.insert(place, entry);
    return entry.group;
  }

  void program(SegmentIndex i) {
    const Definitions::Entry& entry = definitions_.at(i);
    purpose_ = entry.purpose;
    Program out{.segment = i, .ops = std::vector<Op>(1)};
    Tree root = tree(entry.predicate);
    flatten(root, out, 0, helps);
    if (const BoundNode* guard = rarest(entry.predicate)) {
      const std::uint32_t at = slot(Slot::plain, *guard);
      for (const Value& v : guard->clause.values) {
        const GroupIndex g = group(at, v);
        if (std::ranges::find(out.groups, g) == out.groups.end()) out.groups.push_back(g);
      }
    } else {
      out.groups.push_back(0);
    }
    plan_->programs.push_back(std::move(out));
  }

  const Definitions& definitions_;
  std::shared_ptr<Plan> plan_;
  PurposeBit purpose_ = 0;  // of the segment at hand
  std::unordered_map<std::string, AtomIndex> atoms_;
  std::unordered_map<std::string, std::uint32_t> streams_, slots_;
  std::map<std::pair<Name, std::string>, std::size_t> guard_count_;
};

}  // namespace

std::shared_ptr<const Plan> make_plan(const Definitions& definitions) {
  return Planner(definitions).make();
}

}  // namespace hospes::segment
