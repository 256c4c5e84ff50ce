// One placement for one person: which offers, why, and with what probability. docs/decisions.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "decide/definitions.h"
#include "decide/exposure.h"
#include "decide/subject.h"

namespace hospes::decide {

/// What an experiment makes of one person.
struct Part {
  bool in = false;    // permitted, and of its segment
  bool held = false;  // its control group
  Index variant = 0;  // when in and not held
  bool sticky = false;   // by an earlier exposure
  bool crossed = false;  // by exposures to several variants
};
Part part_of(const Definitions& definitions, Index trial, const Subject& subject);

/// Whether the house's holdout leaves the person alone.
bool is_held(const Definitions& definitions, const Subject& subject);

/// One candidate and what stands in its way; `shown`: nothing.
struct Candidate {
  const Offer* offer = nullptr;
  Reason reason = Reason::shown;
  outbox::Deny denied;  // of no_consent
};

struct Choice {
  std::vector<const Offer*> items;
  std::vector<std::uint64_t> propensities;  // of each item, of `certain`
  Reason reason = Reason::fallback;         // of the first item, or of the first that was in the way
  bool held = false;                        // by the house's holdout
  bool drawn = false;                       // it had a say
  const Trial* trial = nullptr;             // the experiment that had a say
  Part part;
  std::vector<Candidate> why;               // in order of rank; when asked for
};

/// How many of that offer were taken.
using Taken = std::function<std::uint64_t(const Offer&)>;

inline constexpr std::size_t why_max = 50;

/// The first `n` that fit. Cost: some nanoseconds a candidate, until `n` have been found that no draw
/// takes away; with an experiment, once more over these for each variant.
Choice choose(
    const Definitions& definitions, const Placement& placement, std::uint32_t n,
    const Subject& subject, const Taken& taken, Instant now, bool explain
);

/// What is written of the choice.
Exposure exposure_of(
    const Definitions& definitions, const Placement& placement, const Choice& choice
);

}  // namespace hospes::decide
