#include "liquid/filters.h"

#include <algorithm>

namespace hospes::liquid {

std::int64_t FilterInput::whole(std::size_t i, std::int64_t otherwise) const {
  if (!has(i)) return otherwise;
  const Value& v = arguments[i];
  if (const std::int64_t* n = v.whole()) return *n;
  if (const Decimal* d = v.decimal()) return d->micro / 1'000'000;
  if (const Text* t = v.text()) {
    const Value n = number_of(t->text);
    if (n.whole() != nullptr) return *n.whole();
  }
  fail("a whole number belongs here, not \"" + v.printed(100) + "\"");
  return otherwise;
}

const Filter* find_filter(std::string_view name) {
  for (const auto list : {text_filters(), array_filters(), number_filters()}) {
    const auto at = std::ranges::find(list, name, &Filter::name);
    if (at != list.end()) return &*at;
  }
  return nullptr;
}

std::vector<std::string_view> filter_names() {
  std::vector<std::string_view> out;
  for (const auto list : {text_filters(), array_filters(), number_filters()})
    for (const Filter& f : list) out.push_back(f.name);
  return out;
}

}  // namespace hospes::liquid
