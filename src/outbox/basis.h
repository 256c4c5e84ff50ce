// What a purpose's basis in law means for an effect: which answers it heeds.
#pragma once

#include "catalog/purposes.h"
#include "outbox/rule.h"

namespace hospes::outbox {

/// Contract and duty heed no answer.
constexpr Basis basis_of(catalog::Basis basis) {
  switch (basis) {
    case catalog::Basis::consent:
      return Basis::consent;
    case catalog::Basis::interest:
      return Basis::interest;
    case catalog::Basis::contract:
    case catalog::Basis::duty:
      break;
  }
  return Basis::heedless;
}

}  // namespace hospes::outbox
