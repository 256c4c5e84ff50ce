#include "liquid/render.h"

#include <algorithm>

#include "base/json_text.h"
#include "liquid/letters.h"

namespace hospes::liquid {
namespace {

/// `size`, `first` and `last` of what has no member of that name.
Value shorthand(const Value& of, std::string_view step) {
  const Array* array = of.array();
  if (step == "size") {
    if (array != nullptr) return static_cast<std::int64_t>(array->size());
    if (const Object* o = of.object()) return static_cast<std::int64_t>(o->size());
    if (const Text* t = of.text()) return static_cast<std::int64_t>(letters(t->text));
    if (const Range* r = of.range()) return r->size();
  }
  if (array != nullptr && !array->empty()) {
    if (step == "first") return array->front();
    if (step == "last") return array->back();
  }
  if (const Object* o = of.object(); o != nullptr && !o->empty() && step == "first")
    return Array{Value(o->front().first), o->front().second};
  if (const Range* r = of.range(); r != nullptr && r->size() > 0) {
    if (step == "first") return r->first;
    if (step == "last") return r->last;
  }
  return {};
}

Value stepped(const Value& of, const Value& step) {
  if (const std::int64_t* index = step.whole()) {
    const Array* array = of.array();
    if (array == nullptr) return {};
    const auto size = static_cast<std::int64_t>(array->size());
    const std::int64_t at = *index < 0 ? *index + size : *index;
    return at < 0 || at >= size ? Value() : (*array)[static_cast<std::size_t>(at)];
  }
  const Text* name = step.text();
  if (name == nullptr) return {};
  if (const Value* member = of.member(name->text)) return *member;
  return shorthand(of, name->text);
}

bool contains(const Value& in, const Value& what) {
  if (!in.truth() || !what.truth()) return false;
  if (const Text* t = in.text()) return t->text.contains(what.printed());
  if (const Array* a = in.array()) return std::ranges::find(*a, what) != a->end();
  if (const Object* o = in.object())
    return what.text() != nullptr && in.member(what.text()->text) != nullptr && o != nullptr;
  if (const Range* r = in.range())
    return what.whole() != nullptr && *what.whole() >= r->first && *what.whole() <= r->last;
  return false;
}

}  // namespace

bool Budget::step(std::size_t count) {
  if (!broke.empty()) return false;
  steps += count;
  if (steps <= limits.steps_max) return true;
  broke = "the template takes more than " + std::to_string(limits.steps_max) + " steps";
  return false;
}

bool Budget::make(std::size_t bytes) {
  if (!broke.empty()) return false;
  made += bytes;
  if (made <= limits.made_bytes_max) return true;
  broke =
      "the template makes more than " + std::to_string(limits.made_bytes_max) + " bytes on the way";
  return false;
}

Result<Rendering> Renderer::run() {
  view_.unit = &compiled_.main;
  write(compiled_.main.nodes);
  if (budget_.broke.empty()) return Rendering{std::move(out_), std::move(aborted_)};
  const bool over =
      budget_.steps > budget_.limits.steps_max || budget_.made > budget_.limits.made_bytes_max;
  return fail(
      over ? Code::over_limit : Code::invalid_input,
      place(*view_.unit, broke_at_) + "  " + budget_.broke
  );
}

Renderer::Flow Renderer::broken(std::size_t at) {
  if (broke_at_ == 0) broke_at_ = at;
  return Flow::stop;
}

/// Between two nodes: is there still room?
bool Renderer::roomy(std::size_t at) {
  if (out_.size() > budget_.limits.bytes_max && budget_.broke.empty())
    budget_.broke =
        "the message is longer than " + std::to_string(budget_.limits.bytes_max) + " bytes";
  if (budget_.step()) return true;
  broken(at);
  return false;
}

Renderer::Flow Renderer::write(const Nodes& nodes) {
  for (const Node& node : nodes) {
    if (!roomy(node.at)) return Flow::stop;
    const Flow flow = one(node);
    if (!budget_.broke.empty()) return broken(node.at);
    if (flow != Flow::on) return flow;
  }
  return Flow::on;
}

Renderer::Flow Renderer::one(const Node& node) {
  return std::visit([this](const auto& is) { return one(is); }, node.is);
}

Renderer::Flow Renderer::one(const Literal& literal) {
  out_ += literal.text;
  return Flow::on;
}

void Renderer::put(const Value& value) {
  const std::size_t most = out_.size() + budget_.limits.bytes_max;
  const bool escapes = setting_.escape || setting_.json;
  if (const Text* text = value.text(); text != nullptr && (text->safe || !escapes)) {
    out_ += text->text;
  } else if (setting_.json) {
    const std::string quoted(json_text(value.printed(budget_.limits.bytes_max)));
    out_.append(quoted, 1, quoted.size() - 2);
  } else if (setting_.escape) {
    html_escape_to(out_, value.printed(budget_.limits.bytes_max));
  } else {
    value.print(out_, most);
  }
}

Renderer::Flow Renderer::one(const Output& output) {
  put(value(output.value));
  return Flow::on;
}

Renderer::Flow Renderer::one(const Assign& assign) {
  view_.assigned.insert_or_assign(assign.name, value(assign.value));
  return Flow::on;
}

Renderer::Flow Renderer::one(const Capture& capture) {
  std::string before = std::exchange(out_, {});
  const Flow flow = write(capture.body);
  std::string text = std::exchange(out_, std::move(before));
  if (!budget_.make(text.size())) return Flow::stop;
  view_.assigned.insert_or_assign(capture.name, Value(std::move(text), setting_.escape || setting_.json));
  return flow;
}

Renderer::Flow Renderer::one(const If& condition) {
  for (const If::Branch& branch : condition.branches)
    if (holds(branch.condition) != branch.unless) return write(branch.body);
  return write(condition.otherwise);
}

Renderer::Flow Renderer::one(const Case& choice) {
  const Value of = value(choice.value);
  bool met = false;
  for (const Case::When& when : choice.whens) {
    const bool this_one =
        std::ranges::any_of(when.values, [&](const Expression& e) { return value(e) == of; });
    if (!this_one) continue;
    met = true;
    if (const Flow flow = write(when.body); flow != Flow::on) return flow;
  }
  return met ? Flow::on : write(choice.otherwise);
}

Renderer::Flow Renderer::one(const Cycle& cycle) {
  std::string key = cycle.key;
  if (!cycle.group.empty()) {
    key = "of " + value(cycle.group.front()).printed();
  } else {
    key.clear();
    for (const Expression& e : cycle.values) key += value(e).printed() + ",";
  }
  std::size_t& turn = view_.cycles[key];
  if (turn < cycle.values.size()) put(value(cycle.values[turn]));
  turn = turn + 1 < cycle.values.size() ? turn + 1 : 0;
  return Flow::on;
}

Renderer::Flow Renderer::one(const Counter& counter) {
  std::int64_t& stands = view_.counters[counter.name];
  if (counter.step < 0) --stands;
  out_ += std::to_string(stands);
  if (counter.step > 0) ++stands;
  return Flow::on;
}

Renderer::Flow Renderer::one(const Jump& jump) { return jump.out ? Flow::out : Flow::next; }

Renderer::Flow Renderer::one(const Abort& abort) {
  aborted_ = value(abort.reason).printed(1'000);
  return Flow::stop;
}

Renderer::Flow Renderer::one(const Render& render) {
  const auto unit = compiled_.partials.find(render.name);
  if (depth_ >= budget_.limits.depth_max) {
    budget_.broke = "parts render parts deeper than " + std::to_string(budget_.limits.depth_max);
    return Flow::stop;
  }
  Object names;
  for (const auto& [name, of] : render.arguments) names.emplace_back(name, value(of));
  if (render.with.empty()) return part(render, unit->second, std::move(names));
  const Value with = value(render.with.front());
  if (!render.each || with.array() == nullptr) {
    names.emplace_back(render.as, with);
    return part(render, unit->second, std::move(names));
  }
  const Array& all = *with.array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    Object each = names;
    each.emplace_back(render.as, all[i]);
    each.emplace_back("forloop", loop_object(i, all.size(), nullptr));
    if (part(render, unit->second, std::move(each)) == Flow::stop) return Flow::stop;
  }
  return Flow::on;
}

Renderer::Flow Renderer::part(const Render&, const Unit& unit, Object names) {
  if (!budget_.step()) return Flow::stop;
  View inside{.unit = &unit, .given = &names};
  std::swap(view_, inside);
  ++depth_;
  const Flow flow = write(unit.nodes);
  --depth_;
  if (!budget_.broke.empty()) return Flow::stop;  // the view stays, for where it broke
  std::swap(view_, inside);
  return flow == Flow::stop ? flow : Flow::on;
}

const Value* Renderer::find(std::string_view name) const {
  for (auto at = view_.loops.rbegin(); at != view_.loops.rend(); ++at)
    if (at->first == name) return &at->second;
  if (const auto at = view_.assigned.find(name); at != view_.assigned.end()) return &at->second;
  for (const Object* names : {view_.given, &names_}) {
    if (names == nullptr) continue;
    for (const auto& [known, held] : *names)
      if (known == name) return &held;
  }
  return nullptr;
}

Value Renderer::value(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::literal:
      return expression.literal;
    case Expression::Kind::range: {
      const Value first = to_number(value(expression.parts[0]));
      const Value last = to_number(value(expression.parts[1]));
      const auto whole = [](const Value& v) {
        return v.whole() != nullptr ? *v.whole()
                                    : v.as_decimal().value_or(Decimal{}).micro / 1'000'000;
      };
      return Range{whole(first), whole(last)};
    }
    case Expression::Kind::path:
      break;
  }
  Value out;
  for (bool first = true; const Expression& part : expression.parts) {
    const Value step = value(part);
    if (!std::exchange(first, false)) {
      out = stepped(out, step);
    } else if (step.text() != nullptr) {
      if (const Value* found = find(step.text()->text)) {
        out = *found;
      } else if (const auto counter = view_.counters.find(step.text()->text);
                 counter != view_.counters.end()) {
        out = counter->second;
      }
    }
    if (out.is_nil()) return out;
  }
  return out;
}

Value Renderer::value(const Filtered& filtered) {
  Value out = value(filtered.value);
  for (const FilterCall& call : filtered.filters) {
    std::vector<Value> arguments;
    for (const Expression& e : call.arguments) arguments.push_back(value(e));
    const bool allow =
        std::ranges::any_of(call.named, [&](const auto& n) { return value(n.second).truth(); });
    const Value in = std::move(out);
    out = call.filter->run({in, arguments, allow, setting_, budget_});
    const std::size_t made = out.text() != nullptr    ? out.text()->text.size()
                             : out.array() != nullptr ? out.array()->size() * sizeof(Value)
                                                      : 0;
    if (!budget_.make(made)) {
      broken(call.at);
      return {};
    }
  }
  return out;
}

bool Renderer::holds(const Condition& c) {
  using Kind = Condition::Kind;
  switch (c.kind) {
    case Kind::truth:
      return value(c.left).truth();
    case Kind::equal:
      return value(c.left) == value(c.right);
    case Kind::unequal:
      return !(value(c.left) == value(c.right));
    case Kind::less:
      return less(value(c.left), value(c.right)).value_or(false);
    case Kind::less_equal: {
      const auto turned = less(value(c.right), value(c.left));
      return turned.has_value() && !*turned;
    }
    case Kind::contains:
      return contains(value(c.left), value(c.right));
    case Kind::both:
      return holds(*c.first) && holds(*c.second);
    case Kind::either:
      return holds(*c.first) || holds(*c.second);
    case Kind::negated:
      return !holds(*c.first);
  }
  return false;
}

}  // namespace hospes::liquid
