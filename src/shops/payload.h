// A shop's payload into items of a batch, by the rows of its hook.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shops/hook.h"

namespace hospes::shops {

struct Mapped {
  std::string items;  // JSON objects with commas between
  std::size_t count = 0;
  bool known = false;  // some row names the topic, whether it fits or not
};

/// invalid_input: no JSON object, or a row that fits finds no time or no id in it; says which path.
Result<Mapped> map_payload(const Hook& hook, std::string_view topic, std::string_view body);

}  // namespace hospes::shops
