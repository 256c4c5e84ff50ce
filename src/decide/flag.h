// One flag for one person: the first rule that holds.
#pragma once

#include "decide/choose.h"

namespace hospes::decide {

struct FlagAnswer {
  const catalog::FlagValue* value = nullptr;  // never null
  Reason reason = Reason::static_;
  std::uint64_t propensity = certain;
  const Trial* trial = nullptr;
  Part part;
  outbox::Deny denied;  // of no_consent
};

/// A flag without rules is the same for everybody; one that is switched off has its default. An unknown or unconsented person gets its default.
/// The house's holdout does not touch flags: they switch code, an experiment has a holdout of its own.
FlagAnswer evaluate(const Definitions& definitions, const Flag& flag, const Subject& subject);

Exposure exposure_of(const Flag& flag, const FlagAnswer& answer);

}  // namespace hospes::decide
