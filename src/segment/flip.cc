#include "segment/flip.h"

#include <algorithm>
#include <map>

#include "model/timeline.h"

namespace hospes::segment {

namespace {

/// Ways to make a test true or false, cheapest first. They are guesses: every one is tried on a
/// copy.
using Plan = Change;  // `at` unused until tried
using Plans = std::vector<Plan>;

constexpr std::size_t pool_max = 8;      // literals gathered per name
constexpr std::size_t plans_max = 40;    // kept per test
constexpr std::size_t joined_max = 240;  // combinations kept per `and`

std::size_t cost(const Plan& p) {
  return p.add.size() + static_cast<std::size_t>(__builtin_popcountll(p.kinds));
}

bool same(const Addition& x, const Addition& y) {
  return x.event == y.event && x.after == y.after && x.properties == y.properties;
}

/// What both ask for is added once, as often as the one that asks for more.
Plan join(const Plan& a, const Plan& b) {
  Plan out = a;
  out.kinds |= b.kinds;
  std::vector<const Addition*> shared;
  for (const Addition& x : a.add) shared.push_back(&x);
  for (const Addition& addition : b.add) {
    const auto twin =
        std::ranges::find_if(shared, [&](const Addition* x) { return same(*x, addition); });
    if (twin != shared.end())
      shared.erase(twin);
    else
      out.add.push_back(addition);
  }
  return out;
}

void shorten(Plans& plans, std::size_t most) {
  std::ranges::stable_sort(plans, {}, cost);
  if (plans.size() > most) plans.resize(most);
}

/// The person as a plan would leave them.
class Copy {
 public:
  Copy(
      const Definitions& definitions, const Person& person, Mask purpose, Instant now,
      const Change& change
  )
      : kinds_(person.kinds | change.kinds), answers_(person.answers) {
    std::uint64_t serial = 0;
    for (const Addition& a : change.add) {
      Event e;
      e.type = a.type;
      e.happened = e.received = now + a.after;
      e.message = {~std::uint64_t{0}, ++serial};
      e.mask = purpose;
      e.name = definitions.names().find(a.event);
      e.properties = a.properties;
      added_.add(e);
    }
    seen_.assign(person.events.begin(), person.events.end());
    for (const Moment& m : added_.in_order()) seen_.push_back({&m, added_.body(m), m.mask});
    std::ranges::sort(seen_, [](const Seen& a, const Seen& b) {
      return a.moment->key() < b.moment->key();
    });
  }
  Person person() const { return {seen_, kinds_, answers_}; }

 private:
  Timeline added_;
  std::vector<Seen> seen_;
  std::uint64_t kinds_;
  std::span<const Answered> answers_;
};

Instant soonest(const Change& change, Instant now) {
  Duration last{0};
  for (const Addition& a : change.add) last = std::max(last, a.after);
  return now + last;
}

/// Events at one instant would be ordered by hashes that nobody can foresee: a microsecond between
/// them.
void spread(Plan& plan) {
  std::ranges::stable_sort(plan.add, {}, &Addition::after);
  for (std::size_t i = 1; i < plan.add.size(); ++i) {
    plan.add[i].after = std::max(plan.add[i].after, plan.add[i - 1].after + Duration(1));
  }
}

class Planner {
 public:
  Planner(const Definitions& definitions, const Person& person, Mask purpose, Instant now)
      : definitions_(definitions), person_(person), purpose_(purpose), now_(now) {}

  /// Literals that any test holds against a name: a value that must please two tests is found among
  /// them.
  void gather(const BoundNode& node) {
    const auto take = [&](Name name, const BoundClause& c) {
      auto& pool = pool_[name];
      for (const Value& v : c.values) {
        if (std::ranges::find(pool, v) == pool.end() && pool.size() < pool_max) pool.push_back(v);
      }
    };
    if (node.kind == BoundKind::trait) take(node.clause.name, node.clause);
    if (node.kind == BoundKind::folded && node.property != no_name)
      take(node.property, node.clause);
    std::vector<const BoundNamed*> looks;
    node.selections(looks);
    for (const BoundNamed* s : looks) {
      for (const BoundClause& c : s->where) take(c.name, c);
    }
    if (node.kind == BoundKind::in_segment) gather(definitions_.at(node.segment).predicate);
    for (const BoundNode& child : node.of) gather(child);
  }

  Plans plans(const BoundNode& node, bool want) {
    Plans out;
    switch (node.kind) {
      case BoundKind::all:
        out = want ? every(node, want) : some(node, want);
        break;
      case BoundKind::any:
        out = want ? some(node, want) : every(node, want);
        break;
      case BoundKind::negation:
        return plans(node.of[0], !want);
      case BoundKind::in_segment:
        return plans(definitions_.at(node.segment).predicate, want);
      case BoundKind::identifier:
        if (want)
          out.push_back({.add = {}, .kinds = std::uint64_t{1} << node.identifier, .at = {}});
        break;
      case BoundKind::trait:
        out = trait(node, want);
        break;
      case BoundKind::date:
        out = date(node);
        break;
      case BoundKind::folded:
        out = folded(node);
        break;
      case BoundKind::aged:
        out = aged(node);
        break;
      case BoundKind::sequence:
        out = sequence(node);
        break;
      case BoundKind::compared:
      case BoundKind::ranked:
        out = measured(node);
        break;
      case BoundKind::still:
        return plans(node.of[0], want);
      case BoundKind::calendar:    // only time
      case BoundKind::permission:  // only the person
        break;
    }
    if (node.of.empty() && node.kind != BoundKind::in_segment)
      keep_those_that_work(out, node, want);
    shorten(out, plans_max);
    return out;
  }

 private:
  /// On a copy, at once or after some waiting, for this one test.
  void keep_those_that_work(Plans& plans, const BoundNode& node, bool want) {
    Plans kept;
    for (Plan& plan : plans) {
      const auto twin = std::ranges::find_if(kept, [&](const Plan& k) {
        return k.kinds == plan.kinds && std::ranges::equal(k.add, plan.add, same);
      });
      if (twin != kept.end()) continue;
      Plan tried = plan;
      spread(tried);
      const Copy copy(definitions_, person_, purpose_, now_, tried);
      Instant at = soonest(tried, now_);
      for (int edge = 0; edge < 6 && at != Instant::never(); ++edge) {
        const Answer a = evaluate(node, copy.person(), purpose_, member_of_, at);
        if (a.truth == want) {
          kept.push_back(plan);
          break;
        }
        at = a.next;
      }
    }
    plans = std::move(kept);
  }

  const MemberOf member_of_ = [this](SegmentIndex i) {
    return ask(definitions_, i, person_, now_);
  };

  bool truth(const BoundNode& node) {
    return evaluate(node, person_, purpose_, member_of_, now_).truth;
  }

  Plans some(const BoundNode& node, bool want) {
    Plans out;
    for (const BoundNode& child : node.of)
      std::ranges::move(plans(child, want), std::back_inserter(out));
    return out;
  }

  /// Those that hold already may stay as they are; a plan for one may upset another, so they offer
  /// plans too.
  Plans every(const BoundNode& node, bool want) {
    Plans out{Plan{}};
    for (const BoundNode& child : node.of) {
      Plans own = plans(child, want);
      if (truth(child) == want) own.insert(own.begin(), Plan{});
      Plans joined;
      for (const Plan& a : out) {
        for (const Plan& b : own) joined.push_back(join(a, b));
      }
      shorten(joined, joined_max);
      out = std::move(joined);
    }
    return out;
  }

  std::string text(Name name) const { return std::string(definitions_.names().text(name)); }

  Plan one(Addition addition) const { return {.add = {std::move(addition)}, .kinds = 0, .at = {}}; }

  Plan say(Name trait, Value value) const {
    return one(
        {.event = "identify",
         .type = EventType::identify,
         .properties = {{trait, std::move(value)}}}
    );
  }

  /// Values at, just below and just above each number; texts that equal, contain, begin and differ.
  static std::vector<Value> around(std::span<const Value> literals) {
    std::vector<Value> out;
    for (const Value& v : literals) {
      out.push_back(v);
      if (v.kind == ValueKind::number) {
        for (const std::int64_t step :
             {std::int64_t{1}, std::int64_t{-1}, std::int64_t{1'000'000},
              std::int64_t{-1'000'000}}) {
          std::int64_t moved = 0;
          if (!__builtin_add_overflow(v.number.micro, step, &moved))
            out.push_back(Value::of(Decimal{moved}));
        }
      }
      if (v.kind == ValueKind::text) {
        out.push_back(Value::of(std::string_view(v.text + "~")));
        out.push_back(Value::of(std::string_view("~" + v.text)));
      }
      if (v.kind == ValueKind::boolean) out.push_back(Value::of(v.number.micro == 0));
    }
    out.push_back(Value::of(std::string_view("~")));
    return out;
  }

  Plans trait(const BoundNode& node, bool want) {
    Plans out;
    for (Value& v : around(with_pool(node.clause.name, node.clause.values))) {
      if (passes(v.view(), node.clause.test, node.clause.values) == want)
        out.push_back(say(node.clause.name, v));
    }
    if (!want) out.push_back(say(node.clause.name, Value()));
    return out;
  }

  Plans date(const BoundNode& node) {
    Plans out;
    const Instant base = node.absolute ? *node.absolute : now_ + node.offset;
    for (const Instant at :
         {base - Duration(1), base + Duration(1), now_, now_ - node.offset,
          base - std::chrono::days(1), base + std::chrono::days(1)}) {
      out.push_back(say(node.clause.name, Value::of(std::string_view(to_string(at)))));
    }
    out.push_back(say(node.clause.name, Value()));
    return out;
  }

  /// Properties that pass a selection's clauses; nothing when these candidates cannot.
  std::optional<std::vector<Property>> properties(
      const BoundNamed& select, std::optional<Property> fixed
  ) {
    std::map<Name, std::vector<const BoundClause*>> by_name;
    std::vector<Property> out;
    for (const BoundClause& c : select.where) {
      if (c.test == Test::near) {
        out.push_back({c.name, c.values[0]});
        out.push_back({c.east, c.values[1]});
      } else if (c.test != Test::falls || c.name != no_name) {
        by_name[c.name].push_back(&c);
      }
    }
    if (fixed) out.push_back(*fixed);
    for (const auto& [name, clauses] : by_name) {
      std::vector<Value> literals;
      for (const BoundClause* c : clauses)
        literals.insert(literals.end(), c->values.begin(), c->values.end());
      const auto pass = [&](const Value& v) {
        return std::ranges::all_of(clauses, [&](const BoundClause* c) {
          return c->test == Test::falls || passes(v.view(), c->test, c->values);
        });
      };
      if (fixed && fixed->name == name) {
        if (!pass(fixed->value)) return std::nullopt;
        continue;
      }
      const std::vector<Value> tried = around(with_pool(name, literals));
      const auto found = std::ranges::find_if(tried, pass);
      if (found == tried.end()) return std::nullopt;
      out.push_back({name, *found});
    }
    return out;
  }

  std::optional<Addition> addition(
      const BoundNamed& select, std::optional<Property> fixed = {}, Duration after = Duration(1)
  ) {
    auto found = properties(select, std::move(fixed));
    if (!found) return std::nullopt;
    const std::string event = text(select.event);
    return Addition{
        .event = event,
        .type = event == "identify" ? EventType::identify : EventType::track,
        .after = after,
        .properties = std::move(*found)};
  }

  std::vector<Value> with_pool(Name name, std::vector<Value> literals) const {
    const auto pool = pool_.find(name);
    if (pool == pool_.end()) return literals;
    for (const Value& v : pool->second) {
      if (std::ranges::find(literals, v) == literals.end()) literals.push_back(v);
    }
    return literals;
  }
  std::vector<Value> literals_of(const BoundNode& node) const {
    return with_pool(node.property, node.clause.values);
  }

  Plans folded(const BoundNode& node) {
    const Finding found = look(node, person_, purpose_, member_of_, now_);
    switch (node.fold) {
      case Fold::count:
      case Fold::distinct:
      case Fold::most:
        return several(node, found);
      case Fold::silence:
      case Fold::median_gap:
      case Fold::average_gap:
      case Fold::longest_gap:
      case Fold::shortest_gap:
        return measured(node);
      case Fold::sum:
      case Fold::average:
        return amounts(node, found);
      default: {
        Plans out;
        for (Value& v : around(literals_of(node))) {
          if (auto a = addition(node.select, Property{node.property, v})) out.push_back(one(*a));
        }
        return out;
      }
    }
  }

  /// One, or as many as lack to reach or to pass the literal.
  Plans several(const BoundNode& node, const Finding& found) {
    Plans out;
    const std::int64_t have = found.value.number.micro / 1'000'000;
    const std::int64_t literal = node.clause.values[0].number.micro / 1'000'000;
    std::vector<std::int64_t> numbers{1, literal - have, literal - have + 1, literal, literal + 1};
    for (const std::int64_t n : numbers) {
      if (n < 1 || n > static_cast<std::int64_t>(added_events_max)) continue;
      Plan plan;
      for (std::int64_t i = 0; i < n; ++i) {
        std::optional<Property> fixed;
        if (node.fold == Fold::distinct) fixed = fresh(node, i);
        const auto a = addition(node.select, fixed);
        if (!a) return out;
        plan.add.push_back(*a);
      }
      out.push_back(std::move(plan));
    }
    return out;
  }

  /// A value nobody has had: texts first; numbers where a clause on the property wants one.
  std::optional<Property> fresh(const BoundNode& node, std::int64_t i) {
    const Property text{node.property, Value::of(std::string_view("~" + std::to_string(i)))};
    if (properties(node.select, text)) return text;
    std::vector<Value> literals;
    for (const BoundClause& c : node.select.where)
      literals.insert(literals.end(), c.values.begin(), c.values.end());
    std::vector<Value> pass;
    for (const Value& v : around(literals)) {
      if (v.kind == ValueKind::number) {
        for (const std::int64_t step : {1'000'003, -1'000'003}) {
          const Property number{node.property, Value::of(Decimal{v.number.micro + step * (i + 1)})};
          if (properties(node.select, number)) return number;
        }
      } else if (v.kind == ValueKind::text) {
        const Property longer{
            node.property, Value::of(std::string_view(v.text + "~" + std::to_string(i)))};
        if (properties(node.select, longer)) return longer;
      }
    }
    for (const Value& v : around(literals)) {
      const Property same{node.property, v};
      if (properties(node.select, same)) return same;
    }
    return text;
  }

  /// One amount that brings the sum or average just below, to, or just above the literal.
  Plans amounts(const BoundNode& node, const Finding& found) {
    Wide sum = 0;
    Wide n = 0;
    for (const Seen* seen : found.events) {
      const ValueView v = find_property(seen->body, node.property);
      if (v.kind != ValueKind::number) continue;
      sum += v.number.micro;
      ++n;
    }
    const Wide literal = node.clause.values[0].number.micro;
    const Wide exact = node.fold == Fold::sum ? literal - sum : literal * (n + 1) - sum;
    const Wide edge = node.fold == Fold::sum ? 1 : n + 1;
    std::vector<Value> values;
    for (const Wide x : {exact, exact + edge, exact - edge, literal, literal + 1, literal - 1}) {
      if (x > std::numeric_limits<std::int64_t>::min() &&
          x < std::numeric_limits<std::int64_t>::max()) {
        values.push_back(Value::of(Decimal{static_cast<std::int64_t>(x)}));
      }
    }
    std::ranges::move(around(literals_of(node)), std::back_inserter(values));
    Plans out;
    for (const Value& v : values) {
      if (auto a = addition(node.select, Property{node.property, v})) out.push_back(one(*a));
    }
    return out;
  }

  Plans aged(const BoundNode& node) {
    const auto a = addition(node.select);
    return a ? Plans{one(*a)} : Plans{};
  }

  /// All of it anew, or its last step alone.
  Plans sequence(const BoundNode& node) {
    Plans out;
    Plan whole;
    Duration at(1);
    const auto start = addition(node.select, {}, at);
    if (start) whole.add.push_back(*start);
    bool possible = start.has_value();
    for (const BoundStep& step : node.steps) {
      Duration gap = std::chrono::seconds(1);
      if (step.within) gap = std::min(gap, *step.within);
      if (step.after) gap = std::max(gap, *step.after);
      at += gap;
      const auto then = addition(step.then, {}, at);
      possible = possible && then;
      if (then) whole.add.push_back(*then);
      if (then) out.push_back(one(*then));
      if (const auto soon = addition(step.then)) out.push_back(one(*soon));
      if (!step.without) continue;
      if (const auto bar = addition(*step.without)) out.push_back(one(*bar));
    }
    if (possible) out.push_back(std::move(whole));
    return out;
  }

  /// One, two or more events of what is measured: each is tried.
  Plans measured(const BoundNode& node) {
    Plans out;
    std::vector<const BoundNamed*> looks;
    node.selections(looks);
    for (const BoundNamed* select : looks) {
      for (const unsigned n : {1U, 2U, 3U, 5U, 10U}) {
        std::optional<Property> fixed;
        if (node.property != no_name) fixed = Property{node.property, Value::of(Decimal::whole(1))};
        if (node.threshold) fixed = Property{node.property, Value::of(*node.threshold)};
        if (node.property == no_name) fixed.reset();
        const auto a = addition(*select, fixed);
        if (!a) break;
        out.push_back({.add = std::vector<Addition>(n, *a), .kinds = 0, .at = {}});
      }
    }
    return out;
  }

  const Definitions& definitions_;
  const Person& person_;
  const Mask purpose_;
  const Instant now_;
  std::map<Name, std::vector<Value>> pool_;
};

}  // namespace

Answer ask(
    const Definitions& definitions, SegmentIndex segment, const Person& person, Instant now
) {
  const MemberOf member_of = [&](SegmentIndex i) { return ask(definitions, i, person, now); };
  const auto& entry = definitions.at(segment);
  if (entry.retired) return {};
  return evaluate(entry.predicate, person, bit(entry.purpose), member_of, now);
}

bool holds_after(
    const Definitions& definitions, SegmentIndex segment, const Person& person, Instant now,
    const Change& change
) {
  const Copy copy(definitions, person, bit(definitions.at(segment).purpose), now, change);
  return ask(definitions, segment, copy.person(), change.at).truth;
}

std::optional<Instant> turns(
    const Definitions& definitions, SegmentIndex segment, const Person& person, Instant now,
    bool truth
) {
  for (std::size_t edge = 0; edge < edges_max; ++edge) {
    const Answer a = ask(definitions, segment, person, now);
    if (a.truth != truth) return now;
    if (a.next == Instant::never()) return std::nullopt;
    now = a.next;
  }
  return std::nullopt;
}

std::optional<Change> smallest_change(
    const Definitions& definitions, SegmentIndex segment, const Person& person, Instant now
) {
  const auto& entry = definitions.at(segment);
  if (entry.retired) return std::nullopt;
  const Mask purpose = bit(entry.purpose);
  const bool truth = ask(definitions, segment, person, now).truth;
  Planner planner(definitions, person, purpose, now);
  planner.gather(entry.predicate);
  Plans plans = planner.plans(entry.predicate, !truth);
  // At once first, then with waiting; each from few additions to many.
  for (const bool wait : {false, true}) {
    std::size_t tries = 0;
    for (Plan& plan : plans) {
      if (cost(plan) == 0 || plan.add.size() > added_events_max || ++tries > tries_max) continue;
      spread(plan);
      const Copy copy(definitions, person, purpose, now, plan);
      plan.at = soonest(plan, now);
      if (ask(definitions, segment, copy.person(), plan.at).truth != truth) return plan;
      if (!wait) continue;
      if (const auto at = turns(definitions, segment, copy.person(), plan.at, truth)) {
        plan.at = *at;
        return plan;
      }
    }
  }
  return std::nullopt;
}

}  // namespace hospes::segment
