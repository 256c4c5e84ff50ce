// An effect: what it is of, how it is named for ever, where it stands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "model/ids.h"
#include "outbox/reason.h"
#include "outbox/rule.h"

namespace hospes::outbox {

/// Stored: values never change. `released` is known to the sender alone, until the result comes: a
/// crash makes it uncertain.
enum class State : std::uint8_t {
  planned,  // waits for an instant
  ready,    // may be claimed
  claimed,
  done,
  failed,
  uncertain,
  refused,
};
std::string_view to_string(State state);
constexpr bool is_open(State s) { return s <= State::claimed; }

/// The passage that caused it; or the step of a journey: `at` when it came there, `message` its
/// instance.
struct Passage {
  std::string segment;
  bool entered = false;
  Instant at;
  Hash128 message;  // of the event or answer behind it; none: time
  std::string journey, step;  // empty: a passage
  std::string offer;          // of a journey that had decided: see journey::Instance
  bool operator==(const Passage&) const = default;
};

/// A pure function: the same rule, version, anchor and passage name the same effect in every replay,
/// on every partition, whatever became of the person's id.
Hash128 effect_key(std::string_view rule, std::uint32_t version, AtomId anchor, const Passage& passage);

/// Whether the rule leaves this person alone on purpose. Drawn from (rule, anchor).
bool in_holdout(const Rule& rule, AtomId anchor);

struct Effect {
  Hash128 key;
  std::string rule;
  std::uint32_t version = 1;
  std::string purpose;
  std::string destination;
  Passage passage;
  bool contact = false;  // reaches the person: counts for the house's caps
  State state = State::planned;
  Reason reason = Reason::none;  // what it waits for, or why it ended
  Instant since;                 // of what stands in the way
  std::string source;            // of the answer that does
  Instant decided;
  Instant due;       // planned: not before
  Instant claimed;   // the last time
  Instant released;  // the last time; beginning(): never
  Instant finished;
  Position read;              // of its partition, by the last release or refusal
  std::uint32_t attempts = 0;  // claims so far
  std::uint32_t tries = 0;     // of those, such that the destination could not take
  std::uint16_t status = 0;    // what the destination answered last
  bool operator==(const Effect&) const = default;
};

/// Journeys that are campaigns (docs/campaigns.md) are called so; no other is.
inline constexpr std::string_view campaign_prefix = "campaign_";
inline bool is_of_campaign(const Effect& effect) {
  return effect.passage.journey.starts_with(campaign_prefix);
}
/// Its name; empty: of none.
inline std::string_view campaign_of(const Effect& effect) {
  if (!is_of_campaign(effect)) return {};
  return std::string_view(effect.passage.journey).substr(campaign_prefix.size());
}

inline constexpr std::size_t open_max = 32;      // of one anchor; beyond: refused as `full`
inline constexpr std::size_t finished_max = 32;  // of one anchor that are kept, the newest
inline constexpr std::size_t contacts_max = 256;  // of one anchor that are kept for a week's cap

/// As rows and bundles hold them.
std::string effects_form(const std::vector<Effect>& effects);
/// False: not to its end.
bool read_effects(std::string_view form, std::vector<Effect>& effects);

}  // namespace hospes::outbox
