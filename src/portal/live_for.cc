#include <algorithm>

#include "lake/number.h"
#include "portal/people.h"
#include "portal/reads.h"
#include "portal/sql.h"

namespace hospes::portal {
namespace {

class Gather {
 public:
  Gather(const ConsoleDoors& doors, PurposeBit purpose, bool members)
      : secret_(doors.keys.house_secret()), members_(members) {
    live_.purpose = purpose;
    live_.heedless = (doors.node.house().heeds_no_answer & bit(purpose)) != 0;
    live_.now = doors.clock.now();
    if (!doors.catalog.retention.empty()) live_.retention = &doors.catalog.retention;
  }

  void meet(const Met& met) {
    const std::int64_t component = number(met.component.id.atom);
    if (&met.person == &met.component.people.front()) take_yeses(met, component);
    const auto closed = closed_through(met);
    if (!live_.heedless && closed == Instant::never()) return;  // a no is in force: nothing is seen
    const std::int64_t person = number(met.person.id.atom);
    const bool simulated = all_invented(met);
    for (const std::uint16_t i : met.person.atoms)
      live_.known.push_back({number(met.component.atoms[i].atom.id), person, component, closed, met.person.id.born, simulated});
    if (members_) take_members(met, person);
  }
  lake::Live done() { return std::move(live_); }

 private:
  std::int64_t number(AtomId atom) const { return lake::number_of(atom, secret_); }

  std::optional<Instant> closed_through(const Met& met) const {
    std::vector<const consent::Ledger*> ledgers;
    const auto add = [&](std::uint16_t i) { ledgers.push_back(&met.component.atoms[i].ledger); };
    std::ranges::for_each(met.person.atoms, add);
    std::ranges::for_each(met.person.tied, add);
    return lake::closed_through(ledgers, live_.purpose);
  }

  void take_yeses(const Met& met, std::int64_t component) {
    for (const flow::AtomState& atom : met.component.atoms) {
      auto yes = lake::yes_of(atom.ledger, live_.purpose);
      if (!yes) continue;
      yes->identity = number(atom.atom.id);
      yes->component = component;
      live_.yeses.push_back(*yes);
    }
  }

  void take_members(const Met& met, std::int64_t person) {
    if (!met.state.engine) return;
    const segment::Definitions& all = met.state.engine->definitions();
    for (std::size_t i = 0; i < all.size() && i < met.state.members.size(); ++i) {
      const auto& entry = all.at(static_cast<segment::SegmentIndex>(i));
      if (entry.purpose == live_.purpose && !entry.retired && met.state.members[i].contains(met.person.dense))
        live_.members.push_back({person, entry.definition.id});
    }
  }

  const HashSecret& secret_;
  const bool members_;
  lake::Live live_;
};

}  // namespace

lake::Live live_for(const ConsoleDoors& doors, PurposeBit purpose, bool members) {
  Gather gather(doors, purpose, members);
  walk(doors.node, [&](const Met& met) {
    gather.meet(met);
    return true;
  });
  return gather.done();
}

}  // namespace hospes::portal
