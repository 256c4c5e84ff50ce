// What the house declared, bound to its segments, purposes and days. One value per version of the
// definitions, shared by all partitions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "outbox/rule.h"
#include "segment/evaluate.h"
#include "zones/zones.h"

namespace hospes::decide {

using catalog::Price;
using Index = std::uint32_t;

/// A purpose that something here serves. Answers are kept by place in Definitions::uses.
struct Use {
  PurposeBit purpose = 0;
  std::string name;
  outbox::Basis basis = outbox::Basis::consent;
};

struct Trial {
  std::string name;
  std::uint32_t version = 1;
  std::string salt;
  Index use = 0;
  std::optional<Index> segment;
  std::uint32_t holdout = 0;  // of 10,000
  std::vector<catalog::Variant> variants;
  /// Of draws: the held out ones first, then each variant in order.
  std::uint32_t share(std::size_t variant) const {
    return (catalog::whole_share - holdout) * variants[variant].weight;
  }
  std::uint32_t share_held() const { return holdout * catalog::whole_share; }
};

struct Offer {
  std::string name;
  std::optional<Index> use;  // none: the same for everybody
  bool withheld = false;     // from the holdout: all that is personal, but for what a contract or a duty asks for
  std::optional<Index> segment;
  std::string segment_name;
  std::optional<Index> trial;
  Index variant = 0;  // of the trial
  std::int64_t priority = 0;
  std::optional<Price> price;
  std::optional<std::uint32_t> stock;
  Instant from = Instant::beginning(), until = Instant::never();  // [from, until)
  std::uint32_t cap_per_day = 0, cap_total = 0;                   // 0: none
  std::vector<std::pair<std::string, std::string>> payload;       // language, JSON
};

struct Placement {
  std::string name;
  bool is_public = false;
  std::uint32_t items = 1;
  std::vector<Index> offers;  // in order of rank: priority, then name
  std::optional<Index> trial;
  bool personal = false;      // some offer has a purpose
  bool withholds = false;     // some offer is withheld from the holdout
};

struct FlagRule {
  std::optional<Index> segment;  // who is in it gets
  Index value = 0;               // this one; without a segment:
  Index trial = 0;               // the value of the variant
  std::vector<Index> of_variant;
};

struct Flag {
  std::string name;
  bool is_public = false, enabled = true;
  std::optional<Index> use;
  std::vector<catalog::FlagValue> values;
  Index default_value = 0;
  std::vector<FlagRule> rules;
};

struct Definitions {
  std::uint32_t holdout = 0;  // of 10,000
  std::string holdout_salt;
  std::vector<Use> uses;
  std::vector<Trial> trials;
  std::vector<Offer> offers;
  std::vector<Placement> placements;
  std::vector<Flag> flags;
  const zones::Zone* zone = nullptr;
  std::vector<std::string> languages;  // of the house, the first is the default
  std::size_t segments = 0;

  const Placement* placement(std::string_view name) const;
  const Flag* flag(std::string_view name) const;
  const Offer* offer(std::string_view name) const;
  std::vector<std::string> placement_names() const;

  std::unordered_map<std::string, Index> by_placement, by_flag, by_offer;
};

/// invalid_input names what is not there, and the nearest that is.
Result<Definitions> bind(
    const catalog::Decisions& decisions, const segment::Definitions& segments,
    const catalog::Catalog& catalog
);

/// What the offer shows in that language (`fr`, `fr-FR`), else in the house's first, else the first
/// there is.
std::string_view payload_in(
    const Offer& offer, std::string_view locale, std::span<const std::string> languages
);

}  // namespace hospes::decide
