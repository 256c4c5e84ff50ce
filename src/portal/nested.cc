#include "portal/nested.h"

#include "portal/json.h"

namespace hospes::portal {

void Nested::put(std::string_view name, std::string json) {
  const auto dot = name.find('.');
  Nested& part = parts_[std::string(name.substr(0, dot))];
  if (dot == std::string_view::npos) {
    part.value_ = std::move(json);
  } else {
    part.put(name.substr(dot + 1), std::move(json));
  }
}

std::string Nested::json() const {
  if (parts_.empty()) return value_.empty() ? "{}" : value_;
  Object out;
  for (const auto& [name, part] : parts_) out.raw(name, part.json());
  return out.done();
}

}  // namespace hospes::portal
