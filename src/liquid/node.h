// A compiled template as a tree. Private to liquid/.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "liquid/value.h"

namespace hospes::liquid {

struct Filter;  // filters.h

/// A literal, a range, or a path: a name and what follows it.
struct Expression {
  enum class Kind : std::uint8_t { literal, range, path } kind = Kind::literal;
  Value literal;                  // literal
  std::vector<Expression> parts;  // range: its two ends; path: each step, names as literals
  std::size_t at = 0;             // byte of the source
};

struct FilterCall {
  const Filter* filter = nullptr;
  std::vector<Expression> arguments;
  std::vector<std::pair<std::string, Expression>> named;
  std::size_t at = 0;
};

struct Filtered {
  Expression value;
  std::vector<FilterCall> filters;
};

struct Condition {
  enum class Kind : std::uint8_t {
    truth,
    equal,
    unequal,
    less,
    less_equal,
    contains,
    both,
    either,
    negated
  };
  Kind kind = Kind::truth;
  Expression left, right;                    // of a comparison; truth: left alone
  std::unique_ptr<Condition> first, second;  // both, either; negated: first alone
};

struct Node;
using Nodes = std::vector<Node>;

struct Literal {
  std::string text;
  bool is_space = false;
};
struct Output {
  Filtered value;
};
struct Assign {
  std::string name;
  Filtered value;
};
struct Capture {
  std::string name;
  Nodes body;
};
struct If {
  struct Branch {
    Condition condition;
    bool unless = false;
    Nodes body;
  };
  std::vector<Branch> branches;
  Nodes otherwise;
};
struct Case {
  struct When {
    std::vector<Expression> values;
    Nodes body;
  };
  Expression value;
  std::vector<When> whens;
  Nodes otherwise;
};
struct For {
  std::string name, key;  // key: of `offset: continue`
  Expression in;
  std::vector<Expression> limit, offset, cols;  // none or one
  bool reversed = false, goes_on = false, table = false;
  Nodes body, otherwise;
};
struct Cycle {
  std::vector<Expression> group, values;
  std::string key;
};
struct Counter {
  std::string name;
  std::int64_t step = 1;
};
struct Jump {
  bool out = true;
};  // break, else continue
struct Render {
  std::string name;
  std::vector<std::pair<std::string, Expression>> arguments;
  std::vector<Expression> with;  // none or one
  std::string as;
  bool each = false;  // `for`: once for each item
};
struct Abort {
  Filtered reason;
};

struct Node {
  std::variant<Literal, Output, Assign, Capture, If, Case, For, Cycle, Counter, Jump, Render, Abort>
      is;
  std::size_t at = 0;
};

/// One source and what it became.
struct Unit {
  std::string name, source;
  Nodes nodes;
  std::size_t first_line = 1;  // of the file it was cut from
};

struct Compiled {
  Unit main;
  std::map<std::string, Unit, std::less<>> partials;
};

/// `name:3:14`, counted from 1.
std::string place(const Unit& unit, std::size_t at);

}  // namespace hospes::liquid
