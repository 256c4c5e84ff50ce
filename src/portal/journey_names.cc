#include "portal/journey_names.h"

namespace hospes::portal {

journey::Vocabulary journey_names(const catalog::Catalog& catalog) {
  journey::Vocabulary out;
  out.purposes.emplace();
  for (const catalog::Purpose& p : catalog.purposes.rows()) out.purposes->push_back(p.name);
  out.actions.emplace();
  for (const catalog::Action& a : catalog.actions.actions)
    if (a.by_journey) out.actions->push_back(a.name);
  out.webhooks.emplace();
  for (const catalog::Action& a : catalog.actions.actions)
    if (a.by_journey && a.message.empty()) out.webhooks->push_back(a.name);
  out.placements.emplace();
  for (const auto& p : catalog.decisions.placements) out.placements->push_back(p.name);
  out.offers.emplace();
  for (const auto& o : catalog.decisions.offers) out.offers->push_back(o.name);
  return out;
}

journey::Vocabulary journey_names(const catalog::Catalog& catalog, const segment::Definitions& segments) {
  journey::Vocabulary out = journey_names(catalog);
  out.segments.emplace();
  for (segment::SegmentIndex i = 0; i < segments.size(); ++i)
    if (const auto& entry = segments.at(i); !entry.retired) {
      out.segments->push_back(entry.definition.id);
      out.segment_purposes[entry.definition.id] = entry.definition.purpose;
    }
  return out;
}

}  // namespace hospes::portal
