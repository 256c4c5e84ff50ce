// What is written about a decision that was seen, and what its token carries until then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/hash.h"
#include "base/time.h"
#include "decide/reason.h"

namespace hospes::decide {

/// Probabilities are of 10¹²: a holdout's share times a variant's, exact.
inline constexpr std::uint64_t certain = 1'000'000'000'000;
/// `0.4275`, `1`.
std::string probability_text(std::uint64_t of_certain);

struct Exposure {
  Hash128 decision;  // its id
  Instant decided;
  std::uint64_t definitions = 0;  // version in force
  std::string placement;          // or the flag's name
  bool is_flag = false;
  bool by_page = false;            // asked with a public key
  std::vector<std::string> items;  // offers, or the name of the flag's value
  std::vector<std::uint64_t> propensities;
  Reason reason = Reason::static_;
  std::string trial;  // the experiment that had a say; empty: none
  std::uint32_t trial_version = 1;
  std::string variant;    // empty with a trial: held out of it
  std::string holdout;    // salt of the holdout that had a say; see `drawn`
  bool drawn = false;     // a holdout had a say
  bool held = false;      // and left the person alone: `items` are what it leaves
  bool operator==(const Exposure&) const = default;
};

/// Stored: values never change.
enum class Outcome : std::uint8_t { clicked, taken, dismissed };
std::string_view to_string(Outcome outcome);
std::optional<Outcome> outcome_of(std::string_view name);

struct Feedback {
  Hash128 decision;
  Outcome outcome = Outcome::clicked;
  std::optional<Decimal> value;  // a reward, in the house's own measure
  bool operator==(const Feedback&) const = default;
};

std::string exposure_form(const Exposure& exposure);
bool read_exposure(std::string_view form, Exposure& exposure);
std::string feedback_form(const Feedback& feedback);
bool read_feedback(std::string_view form, Feedback& feedback);

}  // namespace hospes::decide
