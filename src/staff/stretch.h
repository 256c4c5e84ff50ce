// A key out of words that somebody keeps in mind or in a safe: scrypt (RFC 7914).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "staff/password.h"

namespace hospes::staff {

/// 32 bytes. Nothing: the cost is beyond 64 MB, or scrypt takes no such parameters.
std::optional<std::string> stretched(std::string_view words, std::string_view salt, const Cost& cost = {});

}  // namespace hospes::staff
