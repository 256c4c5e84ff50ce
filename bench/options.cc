#include "bench/options.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "base/nearest.h"

namespace hospes::bench {

Result<Options> Options::read(
    std::span<const char* const> words, std::map<std::string, std::string> known
) {
  Options out;
  out.values_ = std::move(known);
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const std::string_view word(words[i]);
    const auto at =
        word.starts_with("--") ? out.values_.find(std::string(word.substr(2))) : out.values_.end();
    if (at == out.values_.end()) {
      std::vector<std::string> names;
      for (const auto& [name, value] : out.values_) names.push_back("--" + name);
      return fail(
          Code::invalid_input, fmt::format("unknown option {}{}", word, nearest_hint(word, names))
      );
    }
    if (i + 1 == words.size())
      return fail(Code::invalid_input, fmt::format("{} needs a value", word));
    at->second = words[i + 1];
  }
  return out;
}

Result<double> Options::number(const std::string& name, double min, double max) const {
  const std::string& text = values_.at(name);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= min && value <= max)) {
    return fail(
        Code::invalid_input,
        fmt::format("--{} is a number from {} to {}, not '{}'", name, min, max, text)
    );
  }
  return value;
}

}  // namespace hospes::bench
