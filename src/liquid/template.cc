#include "liquid/template.h"

#include <algorithm>
#include <set>

#include "liquid/parse.h"
#include "liquid/render.h"

namespace hospes::liquid {
namespace {

/// Collects what a tree reads from outside.
class Reader {
 public:
  std::set<std::string> found;

  void nodes(const Nodes& list) {
    for (const Node& n : list) std::visit([this](const auto& is) { node(is); }, n.is);
  }

 private:
  using Names = std::vector<std::string>;

  void expression(const Expression& e) {
    if (e.kind != Expression::Kind::path) {
      for (const Expression& part : e.parts) expression(part);
      return;
    }
    std::string path;
    for (std::size_t i = 0; i < e.parts.size(); ++i) {
      const Expression& part = e.parts[i];
      const Text* name = part.kind == Expression::Kind::literal ? part.literal.text() : nullptr;
      if (name == nullptr) {
        for (; i < e.parts.size(); ++i) expression(e.parts[i]);
        break;
      }
      if (i == 0 && std::ranges::find(own_, name->text) != own_.end()) return;
      path += (i == 0 ? "" : ".") + name->text;
    }
    if (!path.empty()) found.insert(path);
  }
  void filtered(const Filtered& f) {
    expression(f.value);
    for (const FilterCall& call : f.filters)
      for (const Expression& e : call.arguments) expression(e);
  }
  void condition(const Condition& c) {
    expression(c.left);
    expression(c.right);
    if (c.first) condition(*c.first);
    if (c.second) condition(*c.second);
  }

  void node(const Literal&) {}
  void node(const Output& o) { filtered(o.value); }
  void node(const Assign& a) {
    filtered(a.value);
    own_.push_back(a.name);
  }
  void node(const Capture& c) {
    nodes(c.body);
    own_.push_back(c.name);
  }
  void node(const If& i) {
    for (const If::Branch& b : i.branches) {
      condition(b.condition);
      nodes(b.body);
    }
    nodes(i.otherwise);
  }
  void node(const Case& c) {
    expression(c.value);
    for (const Case::When& w : c.whens) {
      for (const Expression& e : w.values) expression(e);
      nodes(w.body);
    }
    nodes(c.otherwise);
  }
  void node(const For& f) {
    expression(f.in);
    for (const auto* list : {&f.limit, &f.offset, &f.cols})
      for (const Expression& e : *list) expression(e);
    const std::size_t before = own_.size();
    own_.push_back(f.name);
    own_.push_back(f.table ? "tablerowloop" : "forloop");
    nodes(f.body);
    own_.erase(
        own_.begin() + static_cast<std::ptrdiff_t>(before),
        own_.begin() + static_cast<std::ptrdiff_t>(before + 2)
    );
    nodes(f.otherwise);
  }
  void node(const Cycle& c) {
    for (const Expression& e : c.group) expression(e);
    for (const Expression& e : c.values) expression(e);
  }
  void node(const Counter& c) { own_.push_back(c.name); }
  void node(const Jump&) {}
  void node(const Render& r) {
    for (const auto& [name, e] : r.arguments) expression(e);
    for (const Expression& e : r.with) expression(e);
  }
  void node(const Abort& a) { filtered(a.reason); }

  Names own_;  // names that the template itself gave
};

std::unexpected<Error> wrong(const Unit& unit, const Fault& fault) {
  return fail(Code::invalid_input, place(unit, fault.at) + "  " + fault.message);
}

}  // namespace

std::string place(const Unit& unit, std::size_t at) {
  const std::string_view before = std::string_view(unit.source).substr(0, at);
  const auto lines = std::ranges::count(before, '\n');
  const std::size_t line = before.rfind('\n');
  const std::size_t column = line == before.npos ? before.size() : before.size() - line - 1;
  return unit.name + ":" + std::to_string(static_cast<std::size_t>(lines) + unit.first_line) + ":" + std::to_string(column + 1);
}

Result<Template> Template::compile(
    std::string_view source, std::string_view name, const Partials& partials, std::size_t first_line
) {
  auto compiled = std::make_shared<Compiled>();
  struct Open {
    const Unit* by;
    std::string part;
    std::size_t at;
  };
  std::vector<Open> open;
  const auto read = [&](Unit& unit) -> Status {
    if (unit.source.size() > source_bytes_max)
      return fail(
          Code::over_limit,
          unit.name + " is longer than " + std::to_string(source_bytes_max) + " bytes"
      );
    Wanted wanted;
    auto nodes = parse(unit.source, wanted);
    if (!nodes) return wrong(unit, nodes.error());
    unit.nodes = std::move(*nodes);
    for (auto& [part, at] : wanted) open.push_back({&unit, std::move(part), at});
    return {};
  };
  compiled->main = {std::string(name), std::string(source), {}, first_line};
  TRY(read(compiled->main));
  while (!open.empty()) {
    const Open next = std::move(open.back());
    open.pop_back();
    if (compiled->partials.contains(next.part)) continue;
    const auto text = partials ? partials(next.part) : std::nullopt;
    if (!text) return wrong(*next.by, {"there is no part \"" + next.part + "\"", next.at});
    Unit& unit = compiled->partials[next.part];
    unit = {next.part, *text, {}};
    TRY(read(unit));
  }
  Template out;
  Reader reader;
  reader.nodes(compiled->main.nodes);
  out.reads_.assign(reader.found.begin(), reader.found.end());
  out.compiled_ = std::move(compiled);
  return out;
}

Result<Rendering> Template::render(const Object& names, const Setting& setting) const {
  return Renderer(*compiled_, names, setting).run();
}

}  // namespace hospes::liquid
