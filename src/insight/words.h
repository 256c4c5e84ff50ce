// A sentence or label in the two languages that every report speaks.
#pragma once

#include <string>

namespace hospes::insight {

enum class Language { en, fr };

struct Words {
  std::string en, fr;

  bool operator==(const Words&) const = default;
  const std::string& in(Language language) const { return language == Language::fr ? fr : en; }
  bool empty() const { return en.empty() && fr.empty(); }
};

/// The same in both languages: a name from the data, a symbol.
inline Words same(std::string text) { return {text, text}; }

}  // namespace hospes::insight
