// A scenario file, read into steps. Grammar: README.md.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace hospes::scenario {

/// One line of a script: its words, the `key=value` ones apart. A word in double quotes is one word.
struct Step {
  std::size_t line = 0;  // 1 …
  std::string verb;
  std::vector<std::string> words;
  std::vector<std::pair<std::string, std::string>> values;  // as written; a quoted value keeps its quotes
  std::string expected;                                     // of `expect`: what stands behind " = "

  const std::string* value(std::string_view name) const;
};

struct Script {
  std::vector<std::string> lines;  // as they stand
  std::vector<Step> steps;
};

/// invalid_input with the line for what is no step.
Result<Script> parse(std::string_view text);

/// An expectation with another answer; the line keeps what stands before its " = ".
std::string blessed(const std::string& line, const std::string& answer);

}  // namespace hospes::scenario
