// One value of an event, as the console and a guest's files have it.
#pragma once

#include <string>

#include "model/value.h"
#include "seal/keys.h"

namespace hospes::portal {

/// As JSON. An identifier whose key was destroyed is null.
std::string value_json(const ValueView& value, seal::KeyStore& keys);

}  // namespace hospes::portal
