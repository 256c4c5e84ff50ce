// What the house may show, and to whom: decisions.toml. Flags, placements, offers, experiments, the
// holdout. docs/decisions.md says what each means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "catalog/purposes.h"

namespace hospes::catalog {

/// Shares and weights are of 10,000.
inline constexpr std::uint32_t whole_share = 10'000;

struct Price {
  Decimal amount;
  std::string currency;  // ISO 4217
};

struct Placement {
  std::string name;
  bool is_public = false;
  std::uint32_t items = 1;
};

struct Variant {
  std::string name;
  std::uint32_t weight = 0;  // all of one experiment add up to whole_share
};

struct Experiment {
  std::string name;
  std::uint32_t version = 1;
  std::optional<PurposeBit> purpose;
  std::string segment;  // empty: everybody
  std::string salt;
  std::uint32_t holdout = 0;
  std::vector<Variant> variants;

  const Variant* variant(std::string_view name) const;
};

struct Offer {
  std::string name;
  std::vector<std::string> placements;
  std::optional<PurposeBit> purpose;  // none: the same for everybody
  std::string segment, experiment, variant;
  std::int64_t priority = 0;
  std::optional<Price> price;
  std::optional<std::uint32_t> stock;
  std::string from, until;  // days, `2026-11-01`; both included
  std::uint32_t cap_per_day = 0, cap_total = 0;  // 0: none
  std::vector<std::pair<std::string, std::string>> payload;  // language, JSON
};

struct FlagValue {
  std::string name, json;
};

struct FlagRule {
  std::string segment, value;  // the value of whoever is in the segment, or
  std::string experiment;      // the one that the variant names
};

struct Flag {
  std::string name;
  bool is_public = false, enabled = true;
  std::optional<PurposeBit> purpose;
  std::vector<FlagValue> values;
  std::string default_value;  // a name
  std::vector<FlagRule> rules;

  const FlagValue* value(std::string_view name) const;
};

struct Decisions {
  static constexpr std::size_t placements_max = 200, experiments_max = 200, offers_max = 5'000,
                               flags_max = 1'000, variants_max = 16, rules_max = 32;
  static constexpr std::uint32_t items_max = 50, stock_max = 100'000;

  std::uint32_t holdout = 0;
  std::string holdout_salt;
  std::vector<Placement> placements;
  std::vector<Experiment> experiments;
  std::vector<Offer> offers;
  std::vector<Flag> flags;
  std::string text;  // of decisions.toml, as it was read

  const Experiment* experiment(std::string_view name) const;
};

/// decisions.toml alone, as it went into force. The same text gives equal decisions.
Result<Decisions> read_decisions(std::string_view text, const Purposes& purposes);

}  // namespace hospes::catalog
