// What a journey had decided, as a message may show it.
#pragma once

#include <string_view>

#include "liquid/value.h"

namespace hospes::activate {

/// `offer` of a template: its name, and its payload in that language (`fr`, `fr-FR`), else in the first
/// there is. `json`: of journey::Instance::offer; nil when it is empty or no such JSON.
liquid::Value offer_of(std::string_view json, std::string_view language);

}  // namespace hospes::activate
