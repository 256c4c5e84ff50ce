// Dotted names as the nested objects they were flattened from.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace hospes::portal {

class Nested {
 public:
  void put(std::string_view name, std::string json);
  bool empty() const { return parts_.empty() && value_.empty(); }
  std::string json() const;

 private:
  std::map<std::string, Nested, std::less<>> parts_;
  std::string value_;  // JSON; empty: an object
};

}  // namespace hospes::portal
