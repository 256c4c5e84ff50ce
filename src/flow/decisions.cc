#include "flow/decisions.h"

#include <algorithm>

#include "decide/exposure.h"
#include "flow/effects.h"
#include "flow/evidence.h"
#include "flow/look.h"
#include "flow/step.h"
#include "outbox/hours.h"
#include "record/codec.h"

namespace hospes::flow {
namespace {

using Atoms = std::vector<std::uint16_t>;

std::int64_t house_day(const PartitionState& state, Instant at) {
  return outbox::day_of(state.decisions ? *state.decisions->zone : zones::utc(), at);
}

std::vector<std::uint64_t> bits_of(const segment::Page& page, std::size_t segments) {
  std::vector<std::uint64_t> out((segments + 63) / 64);
  for (const segment::Member& m : page.members())
    if (m.segment < segments) out[m.segment / 64] |= std::uint64_t{1} << (m.segment % 64);
  return out;
}

/// Of the firm atoms alone: what a public key claims to be one with them opens nothing.
std::vector<std::uint64_t> bits_of_firm(
    const PartitionState& state, const Component& component, const PersonState& person,
    const Atoms& firm, Mask heedless, Instant now
) {
  PersonState alone{.id = person.id, .atoms = firm};
  for (const auto& list : {person.atoms, person.tied})
    for (const std::uint16_t i : list)
      if (std::ranges::find(firm, i) == firm.end()) alone.tied.push_back(i);
  const Look look(state, component, alone, heedless, now);
  const std::size_t segments = state.decisions->segments;
  std::vector<std::uint64_t> out((segments + 63) / 64);
  const auto ask = [&](std::uint32_t segment) {
    if (truth_of(state.engine->definitions(), segment, look.person(), now))
      out[segment / 64] |= std::uint64_t{1} << (segment % 64);
  };
  const decide::Definitions& d = *state.decisions;
  for (const decide::Offer& offer : d.offers)
    if (offer.segment) ask(*offer.segment);
  for (const decide::Trial& trial : d.trials)
    if (trial.segment) ask(*trial.segment);
  for (const decide::Flag& flag : d.flags)
    for (const decide::FlagRule& rule : flag.rules)
      if (rule.segment) ask(*rule.segment);
  return out;
}

outbox::Deny permission_of(
    const decide::Use& use, const Asking& asking, std::span<const consent::Ledger* const> person,
    std::span<const consent::Ledger* const> firm
) {
  const auto denied = outbox::permission({use.purpose, use.basis, person, firm, asking.now});
  if (use.basis == outbox::Basis::heedless) return {};
  if ((asking.no & bit(use.purpose)) != 0)
    return {outbox::Reason::refused, asking.now, "the question itself"};
  const auto* no = std::get_if<outbox::Deny>(&denied);
  if (no == nullptr) return {};
  const bool unsaid = no->reason == outbox::Reason::unset || no->reason == outbox::Reason::yes_ended;
  if (unsaid && (asking.yes & bit(use.purpose)) != 0) return {};
  return *no;
}

bool is_among(const Atoms& atoms, std::size_t atom) {
  return std::ranges::find(atoms, atom) != atoms.end();
}

AtomId strongest(const Component& component, const Atoms& atoms) {
  return component.atoms[anchor_of(component, PersonState{.id = {}, .atoms = atoms})].atom.id;
}

OfferCount& counted(PartitionState& state, const std::string& offer) {
  state.dirty_offers.insert(offer);
  return state.offers[offer];
}

}  // namespace

decide::Subject subject_of(
    const PartitionState& state, const Component& component, std::size_t atom, const Asking& asking,
    const House& house
) {
  decide::Subject out;
  const auto person = std::ranges::find_if(component.people, [&](const PersonState& p) {
    return is_among(p.atoms, atom);
  });
  if (person == component.people.end() || !state.decisions || component.atoms[atom].erased)
    return out;
  out.known = true;
  Atoms firm = firmly_tied(component, atom, house.link, asking.now);
  std::ranges::sort(firm);
  const bool alone = asking.by_page && firm != person->atoms;
  const Atoms& looked_at = alone ? firm : person->atoms;
  out.unit = strongest(component, looked_at);
  out.members = alone ? bits_of_firm(
                            state, component, *person, firm, house.heeds_no_answer, asking.now
                        )
                      : bits_of(person->page, state.decisions->segments);
  std::vector<const consent::Ledger*> all, yes;
  for (const auto& list : {person->atoms, person->tied})
    for (const std::uint16_t i : list) all.push_back(&component.atoms[i].ledger);
  for (const std::uint16_t i : firm) yes.push_back(&component.atoms[i].ledger);
  for (const decide::Use& use : state.decisions->uses)
    out.permission.push_back(permission_of(use, asking, all, yes));
  for (const std::uint16_t i : looked_at)
    if (!component.atoms[i].shown.empty()) out.memories.push_back(&component.atoms[i].shown);
  out.today = house_day(state, asking.now);
  return out;
}

void deliver(Step& step, Component& component, const record::Witnessed& witnessed) {
  const std::size_t at = index_of(component, witnessed.atom.id);
  if (at == nowhere || component.atoms[at].erased) {
    ++step.state.totals.erased;
    return;
  }
  AtomState& atom = component.atoms[at];
  if (witnessed.what == record::Witnessed::What::exposure) {
    decide::Exposure exposure;
    if (!decide::read_exposure(witnessed.content, exposure)) return;
    const Instant now = step.state.clock;
    atom.shown.add(exposure, now, house_day(step.state, now));
  } else {
    decide::Feedback feedback;
    if (!decide::read_feedback(witnessed.content, feedback)) return;
    atom.shown.add(feedback);
  }
  atom.fresh_shown = true;
  touch(step.state, component);
}

void count_witnessed(Step& step, const record::Witnessed& witnessed) {
  decide::Exposure exposure;
  if (witnessed.what != record::Witnessed::What::exposure ||
      !decide::read_exposure(witnessed.content, exposure) || exposure.is_flag)
    return;
  for (const std::string& offer : exposure.items) ++counted(step.state, offer).seen_by_nobody;
}

std::string ticket_form(const Atom& atom, const decide::Exposure& exposure) {
  std::string form;
  Writer out(form);
  record::write_atom(out, atom);
  out.text(decide::exposure_form(exposure));
  return form;
}

std::uint64_t taken_of(const PartitionState& state, const decide::Offer& offer) {
  const auto at = state.offers.find(offer.name);
  if (at == state.offers.end()) return 0;
  return std::max<std::uint64_t>(at->second.taken.size(), at->second.told);
}

namespace {

/// Once for each count at which nothing is left: what is asked elsewhere leaves it out from then on.
void tell_if_sold_out(Step& step, const decide::Offer& offer) {
  const auto at = step.state.offers.find(offer.name);
  const std::uint64_t taken = at == step.state.offers.end() ? 0 : at->second.taken.size();
  if (taken < *offer.stock || taken <= (at == step.state.offers.end() ? 0 : at->second.told)) return;
  counted(step.state, offer.name).told = taken;
  for (Partition to = 0; to < step.state.partitions; ++to)
    if (to != step.state.self)
      step.send(to, {.stamp = {}, .origin = {}, .to = {}, .body = record::SoldOut{offer.name, taken}});
}

}  // namespace

void tell_sold_out(Step& step) {
  if (!step.state.decisions) return;
  for (const decide::Offer& offer : step.state.decisions->offers)
    if (offer.stock && step.is_home(stock_lane(offer.name))) tell_if_sold_out(step, offer);
}

void hear_sold_out(Step& step, const record::SoldOut& sold) {
  std::uint64_t& told = counted(step.state, sold.offer).told;
  told = std::max(told, sold.taken);
}

void take(Step& step, const record::Took& took) {
  const decide::Offer* offer = step.state.decisions ? step.state.decisions->offer(took.offer) : nullptr;
  if (offer == nullptr || !offer->stock) return;
  const auto known = step.state.offers.find(took.offer);
  const std::size_t before = known == step.state.offers.end() ? 0 : known->second.taken.size();
  const bool again = before > 0 && known->second.taken.contains(took.decision);
  const bool granted = again || before < *offer->stock;
  if (granted && !again) counted(step.state, took.offer).taken.insert(took.decision);
  step.outcome.stocked.push_back(
      {took.offer, took.decision, granted, before + (granted && !again ? 1 : 0)}
  );
  tell_if_sold_out(step, *offer);
}

}  // namespace hospes::flow
