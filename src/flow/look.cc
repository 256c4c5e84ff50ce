#include "flow/look.h"

#include <algorithm>

#include "flow/cold.h"
#include "flow/retention.h"

namespace hospes::flow {

consent::Lens lens_of(const Component& component, const PersonState& person, Mask heedless) {
  std::vector<const consent::Ledger*> own;
  std::vector<const consent::Ledger*> openers;
  for (std::size_t i = 0; i < component.atoms.size(); ++i) {
    const consent::Ledger& ledger = component.atoms[i].ledger;
    if (ledger.empty()) continue;
    // A yes given through what is nobody's opens nothing: whoever names it would borrow it.
    if (!component.atoms[i].quarantined) openers.push_back(&ledger);
    if (std::ranges::find(person.atoms, i) != person.atoms.end() ||
        std::ranges::find(person.tied, i) != person.tied.end())
      own.push_back(&ledger);
  }
  return consent::Lens(own, openers, heedless);
}

std::uint64_t kinds_of(const Component& component, const PersonState& person) {
  std::uint64_t kinds = 0;
  for (const std::uint16_t i : person.atoms)
    kinds |= std::uint64_t{1} << (component.atoms[i].atom.kind & 63);
  return kinds;
}

namespace {

segment::Said said_of(consent::Answer answer) {
  switch (answer) {
    case consent::Answer::given:
      return segment::Said::given;
    case consent::Answer::refused:
      return segment::Said::refused;
    case consent::Answer::withdrawn:
      return segment::Said::withdrawn;
    case consent::Answer::objected:
      return segment::Said::objected;
    case consent::Answer::closing:
    case consent::Answer::invalid:
      break;
  }
  return segment::Said::unset;
}

/// The last row of each purpose decides for its atom; among atoms the most restrictive.
void meet(std::vector<std::pair<consent::Answer, segment::Answered>>& out, const consent::Row& row) {
  const segment::Answered own{
      .purpose = row.purpose, .said = said_of(row.state), .since = row.acted, .until = row.until};
  const auto known = std::ranges::find_if(out, [&](const auto& a) {
    return a.second.purpose == row.purpose;
  });
  if (known == out.end()) {
    out.emplace_back(row.state, own);
  } else if (row.state < known->first) {
    *known = {row.state, own};
  } else if (row.state == known->first) {
    known->second.since = std::max(known->second.since, own.since);
    known->second.until = std::max(known->second.until, own.until);
  }
}

}  // namespace

std::vector<segment::Answered> answers_of(const Component& component, const PersonState& person) {
  std::vector<std::pair<consent::Answer, segment::Answered>> met;
  for (const std::uint16_t i : person.atoms) {
    const consent::Ledger& ledger = component.atoms[i].ledger;
    for (const consent::Standing& standing : ledger.standings()) {
      const auto rows = ledger.rows();
      const auto last = std::find_if(rows.rbegin(), rows.rend(), [&](const consent::Row& r) {
        // A closing hides what came before; it answers nothing.
        return r.purpose == standing.purpose && consent::is_answer(r.state);
      });
      if (last != rows.rend()) meet(met, *last);
    }
  }
  std::vector<segment::Answered> out;
  for (auto& [answer, answered] : met) out.push_back(answered);
  return out;
}

namespace {

segment::Answer truth(
    const segment::Definitions& definitions, segment::SegmentIndex index,
    const segment::Person& person, Instant now
) {
  const auto& entry = definitions.at(index);
  if (entry.retired) return {};
  return segment::evaluate(
      entry.predicate, person, bit(entry.purpose),
      [&](segment::SegmentIndex i) { return truth(definitions, i, person, now); }, now
  );
}

}  // namespace

bool truth_of(
    const segment::Definitions& definitions, segment::SegmentIndex index,
    const segment::Person& person, Instant now
) {
  return truth(definitions, index, person, now).truth;
}

bool is_simulated(const Component& component, const PersonState& person) {
  return std::ranges::any_of(person.atoms, [&](std::uint16_t i) {
    return component.atoms[i].held.simulated();
  });
}

Look::Look(
    const PartitionState& state, const Component& component, const PersonState& person,
    Mask heedless, Instant now
)
    : kinds_(kinds_of(component, person)),
      answers_(answers_of(component, person)),
      next_change_(Instant::never()) {
  const consent::Lens lens = lens_of(component, person, heedless);
  std::size_t held = 0;
  for (const std::uint16_t i : person.atoms)
    held += timeline_of(state, component, component.atoms[i]).size();
  events_.reserve(held);
  const bool late = state.keeping != nullptr && now > state.clock;
  const Instant act = late ? last_act(state, component, person.atoms) : Instant::beginning();
  for (const std::uint16_t i : person.atoms) {
    const Timeline& timeline = component.atoms[i].held;
    const auto middle = static_cast<std::ptrdiff_t>(events_.size());
    for (const Moment& m : timeline.in_order()) {
      events_.push_back(
          {&m, timeline.body(m), lens.visible(m, timeline.opened(m), now) & ~(late ? state.keeping->ended(m, act, now) : 0)}
      );
    }
    std::inplace_merge(
        events_.begin(), events_.begin() + middle, events_.end(),
        [](const segment::Seen& x, const segment::Seen& y) {
          return x.moment->key() < y.moment->key();
        }
    );
  }
  next_change_ = lens.next_change(now);
}

}  // namespace hospes::flow
