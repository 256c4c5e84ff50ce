#include <algorithm>

#include "liquid/filters.h"
#include "liquid/letters.h"

namespace hospes::liquid {
namespace {

using In = const FilterInput&;

void flatten(const Value& in, Array& out, unsigned depth) {
  const Array* array = depth > 0 ? in.array() : nullptr;
  if (array == nullptr) {
    out.push_back(in);
  } else {
    for (const Value& v : *array) flatten(v, out, depth - 1);
  }
}

/// Whatever it is as a list: arrays inside arrays laid flat, anything else as one item.
Array list_of(In f) {
  Array out;
  if (const Range* r = f.in.range()) {
    for (std::int64_t i = r->first; i <= r->last && f.budget.step(); ++i) out.emplace_back(i);
  } else if (!f.in.is_nil()) {
    flatten(f.in, out, 6);
  }
  f.budget.step(out.size());
  return out;
}

Value member_of(const Value& item, const std::string& name) {
  const Value* member = item.member(name);
  return member == nullptr ? Value() : *member;
}

/// Does the item pass `where`, `reject`, `find` and `has`: its member equals the second argument,
/// or is true.
bool fits(In f, const Value& item) {
  const Value member = member_of(item, f.text(0));
  return f.has(1) ? member == f.arguments[1] : member.truth();
}

Value join(In f) {
  const std::string by = f.arguments.empty() ? " " : f.text(0);
  std::string out;
  for (bool first = true; const Value& v : list_of(f)) {
    if (!std::exchange(first, false)) out += by;
    v.print(out, f.budget.limits.bytes_max);
    if (out.size() > f.budget.limits.bytes_max) return f.fail("the joined text is too long");
  }
  return out;
}

Value first(In f) {
  if (const Array* a = f.in.array(); a != nullptr && !a->empty()) return a->front();
  if (const Object* o = f.in.object(); o != nullptr && !o->empty())
    return Array{Value(o->front().first), o->front().second};
  if (const Range* r = f.in.range(); r != nullptr && r->size() > 0) return r->first;
  return {};
}
Value last(In f) {
  if (const Array* a = f.in.array(); a != nullptr && !a->empty()) return a->back();
  if (const Range* r = f.in.range(); r != nullptr && r->size() > 0) return r->last;
  return {};
}
Value concat(In f) {
  const Array* more = f.arguments[0].array();
  if (more == nullptr) return f.fail("concat needs an array");
  Array out = list_of(f);
  out.insert(out.end(), more->begin(), more->end());
  return out;
}
Value map(In f) {
  Array out;
  for (const Value& v : list_of(f)) out.push_back(member_of(v, f.text(0)));
  return out;
}
Value reverse(In f) {
  Array out = list_of(f);
  std::ranges::reverse(out);
  return out;
}

/// Nil last; what cannot be compared stays in the order in which it came.
template <class Less>
Value sorted(In f, const Less& before) {
  std::vector<std::pair<Value, Value>> keyed;
  for (const Value& v : list_of(f)) keyed.emplace_back(f.has(0) ? member_of(v, f.text(0)) : v, v);
  for (std::size_t i = 0; i < keyed.size(); ++i) {
    const Value& a = keyed[i].first;
    const bool fits = a.is_nil() || a.is_number() || a.text() != nullptr;
    if (!fits || (i > 0 && !a.is_nil() && !keyed[0].first.is_nil() &&
                  a.is_number() != keyed[0].first.is_number()))
      return f.fail("these cannot be sorted: they are not all numbers, or not all texts");
  }
  std::ranges::stable_sort(keyed, [&](const auto& a, const auto& b) {
    if (a.first.is_nil() || b.first.is_nil()) return !a.first.is_nil();
    return before(a.first, b.first);
  });
  Array out;
  for (auto& [key, v] : keyed) out.push_back(std::move(v));
  return out;
}
Value sort(In f) {
  return sorted(f, [](const Value& a, const Value& b) { return less(a, b).value_or(false); });
}
Value sort_natural(In f) {
  std::vector<std::pair<std::string, Value>> keyed;
  for (const Value& v : list_of(f))
    keyed.emplace_back(lower((f.has(0) ? member_of(v, f.text(0)) : v).printed()), v);
  std::ranges::stable_sort(keyed, [](const auto& a, const auto& b) { return a.first < b.first; });
  Array out;
  for (auto& [key, v] : keyed) out.push_back(std::move(v));
  return out;
}

Value where(In f) {
  Array out = list_of(f);
  std::erase_if(out, [&](const Value& v) { return !fits(f, v); });
  return out;
}
Value reject(In f) {
  Array out = list_of(f);
  std::erase_if(out, [&](const Value& v) { return fits(f, v); });
  return out;
}
Value find(In f) {
  for (const Value& v : list_of(f))
    if (fits(f, v)) return v;
  return {};
}
Value find_index(In f) {
  const Array all = list_of(f);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (fits(f, all[i])) return static_cast<std::int64_t>(i);
  return {};
}
Value has(In f) {
  return std::ranges::any_of(list_of(f), [&](const Value& v) { return fits(f, v); });
}
Value uniq(In f) {
  Array out, keys;
  for (const Value& v : list_of(f)) {
    const Value key = f.has(0) ? member_of(v, f.text(0)) : v;
    if (!f.budget.step(keys.size())) return {};
    if (std::ranges::find(keys, key) != keys.end()) continue;
    keys.push_back(key);
    out.push_back(v);
  }
  return out;
}
Value compact(In f) {
  Array out = list_of(f);
  std::erase_if(out, [&](const Value& v) {
    return (f.has(0) ? member_of(v, f.text(0)) : v).is_nil();
  });
  return out;
}
Value size(In f) {
  if (const Array* a = f.in.array()) return static_cast<std::int64_t>(a->size());
  if (const Object* o = f.in.object()) return static_cast<std::int64_t>(o->size());
  if (const Range* r = f.in.range()) return r->size();
  if (const Text* t = f.in.text()) return static_cast<std::int64_t>(letters(t->text));
  return std::int64_t{0};
}
Value sum(In f) {
  const Filter* plus = find_filter("plus");
  Value out = std::int64_t{0};
  for (const Value& v : list_of(f)) {
    const std::array<Value, 1> more{to_number(f.has(0) ? member_of(v, f.text(0)) : v)};
    const Value before = out;
    out = plus->run({before, more, false, f.setting, f.budget});
  }
  return out;
}
Value otherwise(In f) {
  const bool lacks = (f.in.is(false) && !f.allow_false) || f.in.is_nil() || f.in.lacks(Lack::empty);
  if (!lacks) return f.in;
  return f.arguments.empty() ? Value("") : f.arguments[0];
}

constexpr std::array<Filter, 18> list{
    {{"compact", 0, 1, compact},
     {"concat", 1, 1, concat},
     {"default", 0, 1, otherwise},
     {"find", 1, 2, find},
     {"find_index", 1, 2, find_index},
     {"first", 0, 0, first},
     {"has", 1, 2, has},
     {"join", 0, 1, join},
     {"last", 0, 0, last},
     {"map", 1, 1, map},
     {"reject", 1, 2, reject},
     {"reverse", 0, 0, reverse},
     {"size", 0, 0, size},
     {"sort", 0, 1, sort},
     {"sort_natural", 0, 1, sort_natural},
     {"sum", 0, 1, sum},
     {"uniq", 0, 1, uniq},
     {"where", 1, 2, where}}};

}  // namespace

std::span<const Filter> array_filters() { return list; }

}  // namespace hospes::liquid
