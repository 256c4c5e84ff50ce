// What a campaign brought, from the sums of its journey: docs/campaigns.md says what each number means.
// Private to portal/.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "flow/state.h"
#include "insight/report.h"
#include "journey/definition.h"
#include "node/node.h"

namespace hospes::portal {

struct CampaignArm {
  std::uint64_t people = 0, bought = 0;
  std::uint64_t unknown = 0;  // the house may not know any more what they do
  std::uint64_t known() const { return people - unknown; }
};

struct CampaignFigures {
  std::map<std::uint8_t, std::uint64_t> kept_out;  // by outbox::Reason
  CampaignArm written_to, control;
  std::uint64_t delivered = 0, failed = 0, uncertain = 0, waiting = 0;
  std::uint64_t bought_first = 0;                 // before the message left: it was taken back
  std::map<std::uint8_t, std::uint64_t> refused;  // by outbox::Reason

  std::uint64_t targeted() const;
  std::uint64_t permitted() const;
};

/// Sums of one journey over all partitions, of its newest version. `shape`: where its steps are.
CampaignFigures campaign_figures(node::Node& node, const journey::Definition& shape);

inline constexpr std::uint64_t arm_least = 10;  // people: below, it is too few to tell

/// Share that bought among those drawn to be written to, less that of the control group, with its 95 %
/// interval (insight/chance.h). Nothing: too few in an arm.
struct CampaignEffect {
  double difference = 0;
  insight::Interval interval;
};
std::optional<CampaignEffect> effect_of(const CampaignFigures& figures);

}  // namespace hospes::portal
