#include "scenario/script.h"

#include <algorithm>
#include <sstream>

namespace hospes::scenario {
namespace {

constexpr std::string_view verbs[] = {"at",    "advance", "segment", "archive", "event",  "identify", "alias", "action", "house", "offer", "take", "zone", "back", "journey", "stop", "split", "join", "forget",
                                      "grant", "refuse",  "withdraw", "object", "expect"};
constexpr std::string_view answer_mark = " = ";

/// Words and values of one line; text in double quotes holds together.
void split(std::string_view line, Step& step) {
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (line.empty()) return;
    std::size_t end = 0;
    bool quoted = false;
    for (; end < line.size() && (quoted || line[end] != ' '); ++end) quoted ^= line[end] == '"';
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    const std::size_t sign = word.find('=');
    if (word.front() != '"' && sign != word.npos && sign > 0) {
      step.values.emplace_back(word.substr(0, sign), word.substr(sign + 1));
    } else if (word.size() >= 2 && word.front() == '"' && word.back() == '"') {
      step.words.emplace_back(word.substr(1, word.size() - 2));
    } else {
      step.words.emplace_back(word);
    }
  }
}

}  // namespace

const std::string* Step::value(std::string_view name) const {
  const auto at = std::ranges::find(values, name, &std::pair<std::string, std::string>::first);
  return at == values.end() ? nullptr : &at->second;
}

Result<Script> parse(std::string_view text) {
  Script script;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) script.lines.push_back(line);
  for (std::size_t i = 0; i < script.lines.size(); ++i) {
    std::string_view line = script.lines[i];
    if (line.empty() || line.front() == '#') continue;
    Step step{.line = i + 1};
    step.verb = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), step.verb.size()));
    if (std::ranges::find(verbs, step.verb) == std::end(verbs))
      return fail(Code::invalid_input, "line " + std::to_string(i + 1) + ": no step \"" + step.verb + "\"");
    if (step.verb == "segment" || step.verb == "journey") {  // the definition is the language's own
      step.words.emplace_back(line.substr(std::min<std::size_t>(1, line.size())));
    } else if (step.verb == "expect") {
      const std::size_t mark = line.find(answer_mark);
      if (mark == line.npos)
        return fail(Code::invalid_input, "line " + std::to_string(i + 1) + ": expect WHAT = ANSWER");
      step.expected = line.substr(mark + answer_mark.size());
      split(line.substr(0, mark), step);
    } else {
      split(line, step);
    }
    script.steps.push_back(std::move(step));
  }
  return script;
}

std::string blessed(const std::string& line, const std::string& answer) {
  return line.substr(0, line.find(answer_mark)) + std::string(answer_mark) + answer;
}

}  // namespace hospes::scenario
