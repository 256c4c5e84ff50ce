#include <algorithm>

#include "liquid/letters.h"
#include "liquid/render.h"

namespace hospes::liquid {
Value loop_object(std::size_t at, std::size_t count, const Value* parent) {
  const auto n = [](std::size_t v) { return Value(static_cast<std::int64_t>(v)); };
  Object out{{"index", n(at + 1)},      {"index0", n(at)},
             {"rindex", n(count - at)}, {"rindex0", n(count - at - 1)},
             {"first", Value(at == 0)}, {"last", Value(at + 1 == count)},
             {"length", n(count)}};
  if (parent != nullptr) out.emplace_back("parentloop", *parent);
  return out;
}

namespace {

Value row_object(std::size_t at, std::size_t count, std::size_t columns) {
  const auto n = [](std::size_t v) { return Value(static_cast<std::int64_t>(v)); };
  const std::size_t column = at % columns;
  return Object{{"index", n(at + 1)},       {"index0", n(at)},
                {"rindex", n(count - at)},  {"rindex0", n(count - at - 1)},
                {"first", at == 0},         {"last", at + 1 == count},
                {"length", n(count)},       {"row", n(at / columns + 1)},
                {"col", n(column + 1)},     {"col0", n(column)},
                {"col_first", column == 0}, {"col_last", column + 1 == columns}};
}

}  // namespace

/// False: there is none, or it is no whole number, which is then said.
bool Renderer::count_of(const std::vector<Expression>& of, std::size_t& out) {
  if (of.empty()) return false;
  const Value given = value(of.front());
  const Value number = given.text() != nullptr ? number_of(given.text()->text) : given;
  if (number.whole() == nullptr) {
    budget_.broke = "a whole number belongs here";
    broken(of.front().at);
    return false;
  }
  out = static_cast<std::size_t>(std::max<std::int64_t>(*number.whole(), 0));
  return true;
}

std::vector<Value> Renderer::items(const For& loop) {
  const Value in = value(loop.in);
  std::vector<Value> all;
  if (const Array* a = in.array()) {
    all = *a;
  } else if (const Object* o = in.object()) {
    for (const auto& [name, held] : *o) all.push_back(Array{Value(name), held});
  } else if (const Range* r = in.range()) {
    const auto count = static_cast<std::size_t>(r->size());
    if (count > budget_.limits.steps_max) {
      budget_.step(count);
      return {};
    }
    for (std::size_t i = 0; i < count; ++i)
      all.emplace_back(r->first + static_cast<std::int64_t>(i));
  } else if (const Text* t = in.text(); t != nullptr && !t->text.empty()) {
    all.push_back(in);
  }
  if (!budget_.make(all.size() * sizeof(Value))) return {};
  std::size_t from = 0, most = all.size();
  count_of(loop.offset, from);
  if (loop.goes_on) from = view_.went_to[loop.key];
  count_of(loop.limit, most);
  from = std::min(from, all.size());
  most = std::min(most, all.size() - from);
  view_.went_to[loop.key] = from + most;
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(from);
  std::vector<Value> out(first, first + static_cast<std::ptrdiff_t>(most));
  if (loop.reversed) std::ranges::reverse(out);
  return out;
}

Renderer::Flow Renderer::one(const For& loop) {
  const std::vector<Value> all = items(loop);
  if (!budget_.broke.empty()) return Flow::stop;
  if (loop.table) return rows(loop, all);
  if (all.empty()) return write(loop.otherwise);
  const Value* outer = nullptr;
  for (const auto& [name, held] : view_.loops)
    if (name == "forloop") outer = &held;
  const std::optional<Value> parent = outer == nullptr ? std::nullopt : std::optional(*outer);
  const std::size_t depth = view_.loops.size();
  Flow flow = Flow::on;
  for (std::size_t i = 0; i < all.size() && (flow == Flow::on || flow == Flow::next); ++i) {
    view_.loops.emplace_back("forloop", loop_object(i, all.size(), parent ? &*parent : nullptr));
    view_.loops.emplace_back(loop.name, all[i]);
    flow = budget_.step() ? write(loop.body) : Flow::stop;
    if (flow == Flow::stop) return flow;
    view_.loops.resize(depth);
  }
  return Flow::on;
}

Renderer::Flow Renderer::rows(const For& loop, const std::vector<Value>& all) {
  if (all.empty()) return Flow::on;
  std::size_t columns = all.size();
  count_of(loop.cols, columns);
  if (!budget_.broke.empty()) return Flow::stop;
  columns = std::max<std::size_t>(columns, 1);
  const std::size_t depth = view_.loops.size();
  out_ += "<tr class=\"row1\">\n";
  for (std::size_t i = 0; i < all.size(); ++i) {
    view_.loops.emplace_back("tablerowloop", row_object(i, all.size(), columns));
    view_.loops.emplace_back(loop.name, all[i]);
    out_ += "<td class=\"col" + std::to_string(i % columns + 1) + "\">";
    const Flow flow = budget_.step() ? write(loop.body) : Flow::stop;
    if (flow == Flow::stop) return flow;
    view_.loops.resize(depth);
    out_ += "</td>";
    if (flow == Flow::out) break;
    if (i % columns + 1 == columns && i + 1 < all.size())
      out_ += "</tr>\n<tr class=\"row" + std::to_string(i / columns + 2) + "\">";
  }
  out_ += "</tr>\n";
  return Flow::on;
}

}  // namespace hospes::liquid
