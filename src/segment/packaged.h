// Definitions that come with hospes, made for a house that names its event: to be looked at, changed and kept like
// any other.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "segment/definition.h"

namespace hospes::segment {

/// What a packaged definition is made of; the usual values suit a shop.
struct Ingredients {
  std::string event = "Order Completed";
  Duration window = std::chrono::days(90);
  std::string purpose = "market";
};

/// All ids. `power_users`: activity at least twice the house's recorded median.
std::vector<std::string_view> packaged_ids();
/// Nothing when nobody knows the id. What the ingredients make wrong, `validate` finds.
std::optional<Definition> packaged(std::string_view id, const Ingredients& of = {});

}  // namespace hospes::segment
