// What the house declared, bound to its segments and purposes: "when a person enters or leaves a
// segment, under a purpose, tell a destination". One value per version of the definitions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/event.h"
#include "outbox/level.h"
#include "zones/zones.h"

namespace hospes::outbox {

/// Local time of day, [from, until); over midnight when until ≤ from. Invariant: less than a day.
struct Quiet {
  std::int64_t from_us = 0, until_us = 0;
  bool operator==(const Quiet&) const = default;
};

inline constexpr std::uint32_t no_segment = 0xffff'ffff;

enum class Basis : std::uint8_t { heedless, interest, consent };

struct Rule {
  std::string name;
  std::uint32_t version = 1;
  std::string segment;
  std::uint32_t segment_index = 0;  // by_journey: no_segment
  std::optional<std::uint32_t> from = std::nullopt;  // entered from this stage only
  bool on_enter = true;
  bool by_journey = false;  // a step of a journey asks for it: no passage does
  PurposeBit purpose = 0;
  std::string purpose_name;
  Basis basis = Basis::consent;
  /// Reaching the person by that channel, asked beside the purpose: `contact:email` of marketing mail.
  /// Such a rule counts for the house's caps and heeds the person's level.
  std::optional<PurposeBit> contact = std::nullopt;
  std::string destination;
  std::uint32_t cap_per_day = 1;  // effects of this rule to one person, by their days
  std::optional<Quiet> quiet;
  std::uint32_t holdout = 0;  // of 10,000 people
  Duration valid_for = std::chrono::hours(48);  // from its passage; later it is not sent
  const zones::Zone* zone = nullptr;            // of the house

  bool is_quiet(Instant at) const;
};

class Rules {
 public:
  Rules() = default;
  explicit Rules(std::vector<Rule> rules, Caps caps = {}) : rules_(std::move(rules)), caps_(caps) {
    std::ranges::stable_sort(rules_, {}, &Rule::segment_index);
  }

  const std::vector<Rule>& all() const { return rules_; }
  const Caps& caps() const { return caps_; }
  /// Those that look at passages through this segment, in the order they were declared.
  std::span<const Rule> of(std::uint32_t segment) const {
    return std::ranges::equal_range(rules_, segment, {}, &Rule::segment_index);
  }
  /// nullptr: no longer declared.
  const Rule* find(std::string_view name) const {
    for (const Rule& r : rules_)
      if (r.name == name) return &r;
    return nullptr;
  }

 private:
  std::vector<Rule> rules_;
  Caps caps_;
};

}  // namespace hospes::outbox
