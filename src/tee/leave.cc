#include "tee/leave.h"

#include <algorithm>

#include "flow/evidence.h"
#include "flow/look.h"
#include "outbox/basis.h"
#include "portal/people.h"

namespace hospes::tee {
namespace {

/// Of the purposes that rest on a yes: whose it was.
outbox::Basis basis_of(const catalog::Purpose& purpose, const Event& event) {
  const bool on_record = std::ranges::find(event.opened, purpose.ordinal, &OpenedBy::purpose) != event.opened.end();
  const auto basis = outbox::basis_of(purpose.basis);
  return basis == outbox::Basis::consent && !on_record ? outbox::Basis::interest : basis;
}

/// Whether the purpose sees it still; a Deny with the event's own no, else.
std::optional<outbox::Deny> unseen(
    const portal::Place& place, const node::Node& node, const catalog::Purpose& purpose, const Event& event, Instant now
) {
  using outbox::Reason;
  if (place.person == nullptr) return std::nullopt;  // outbox::ask says so
  if ((event.mask & bit(purpose.ordinal)) == 0) return outbox::Deny{Reason::unset, event.received, {}};
  const auto lens = flow::lens_of(place.component, *place.person, node.house().heeds_no_answer);
  const Mask seen = lens.visible(event.mask, event.start(), event.opened, std::max(now, place.state.clock));
  if ((seen & bit(purpose.ordinal)) != 0) return std::nullopt;
  return outbox::Deny{Reason::withdrawn, now, {}};
}

outbox::Answer answer_of(
    const portal::Place& place, const node::Node& node, const catalog::Purpose& purpose, Asked& asked, Instant now
) {
  const flow::Component& c = place.component;
  outbox::Rule rule{.name = "tee", .by_journey = true, .purpose = purpose.ordinal,
                    .basis = basis_of(purpose, *asked.event), .zone = &zones::utc()};
  outbox::Effect effect{.key = asked.effect, .rule = rule.name};
  effect.passage.at = now;
  std::vector<const consent::Ledger*> own, yes;
  const auto at = static_cast<std::size_t>(&place.atom - c.atoms.data());
  if (place.person != nullptr) {
    for (const auto& list : {place.person->atoms, place.person->tied}) {
      for (const std::uint16_t i : list) {
        own.push_back(&c.atoms[i].ledger);
        asked.heeded.push_back(c.atoms[i].atom.id);
      }
    }
    for (const std::uint16_t i : flow::firmly_tied(c, at, node.house().link, now)) yes.push_back(&c.atoms[i].ledger);
  }
  const outbox::Question question{
      .effect = effect, .rule = &rule, .anchor = place.atom.atom.id, .somebody = place.person != nullptr,
      .restricted = flow::stands_aside(c, place.atom), .person = own, .firm = yes, .now = now, .read = place.state.applied};
  auto answer = outbox::ask(question);
  if (!std::holds_alternative<outbox::Permit>(answer)) return answer;
  if (auto no = unseen(place, node, purpose, *asked.event, now)) return std::move(*no);
  return answer;
}

}  // namespace

void ask(
    node::Node& node, const catalog::Purpose& purpose, std::span<Asked> asked, Instant now,
    const std::function<void(Asked&)>& entered
) {
  std::vector<AtomId> owners;
  owners.reserve(asked.size());
  for (const Asked& one : asked) owners.push_back(one.event->owner.id);
  portal::find_atoms(node, owners, [&](std::size_t i, const portal::Place& place) {
    Asked& one = asked[i];
    one.answer = answer_of(place, node, purpose, one, now);
    if (std::holds_alternative<outbox::Permit>(*one.answer)) entered(one);
  });
}

}  // namespace hospes::tee
