// What an erasure leaves as evidence, by the rules of law ([[evidence]] of the policy pack).
#pragma once

#include <string_view>

#include "portal/console.h"

namespace hospes::portal {

/// Durable before the erasure that it is of begins. Nothing when the house keeps none, or nothing was asked or answered
/// through the identifier. `by`: as the erasure's receipt says it.
Status keep_evidence(const ConsoleDoors& doors, const Atom& of, std::string_view by, Instant at);

}  // namespace hospes::portal
