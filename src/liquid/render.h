// One rendering of a compiled template. Private to liquid/.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "liquid/filters.h"
#include "liquid/node.h"

namespace hospes::liquid {

/// `forloop`, at item `at` of `count`.
Value loop_object(std::size_t at, std::size_t count, const Value* parent);

class Renderer {
 public:
  Renderer(const Compiled& compiled, const Object& names, const Setting& setting)
      : compiled_(compiled), setting_(setting), names_(names) {
    budget_.limits = setting.limits;
  }
  Result<Rendering> run();

 private:
  enum class Flow : std::uint8_t {
    on,
    next,
    out,
    stop
  };  // next: continue; out: break; stop: all ends

  /// What a template, or a part of it, sees. A part sees what it is given and what is given to all,
  /// and no variable of who renders it.
  struct View {
    const Unit* unit = nullptr;
    const Object* given = nullptr;
    std::map<std::string, Value, std::less<>> assigned;
    std::vector<std::pair<std::string, Value>> loops;  // the innermost last
    std::map<std::string, std::int64_t, std::less<>> counters;
    std::map<std::string, std::size_t, std::less<>> cycles, went_to;
  };

  Flow write(const Nodes& nodes);
  Flow one(const Node& node);
  Flow one(const Literal& literal);
  Flow one(const Output& output);
  Flow one(const Assign& assign);
  Flow one(const Capture& capture);
  Flow one(const If& condition);
  Flow one(const Case& choice);
  Flow one(const For& loop);
  Flow one(const Cycle& cycle);
  Flow one(const Counter& counter);
  Flow one(const Jump& jump);
  Flow one(const Render& render);
  Flow one(const Abort& abort);

  std::vector<Value> items(const For& loop);
  Flow rows(const For& loop, const std::vector<Value>& items);
  Flow part(const Render& render, const Unit& unit, Object names);
  bool count_of(const std::vector<Expression>& of, std::size_t& out);

  const Value* find(std::string_view name) const;
  Value value(const Expression& expression);
  Value value(const Filtered& filtered);
  bool holds(const Condition& condition);
  void put(const Value& value);
  Flow broken(std::size_t at);
  bool roomy(std::size_t at);

  const Compiled& compiled_;
  const Setting& setting_;
  const Object& names_;
  Budget budget_;
  View view_;
  std::size_t depth_ = 0, broke_at_ = 0;
  std::string out_;
  std::optional<std::string> aborted_;
};

}  // namespace hospes::liquid
