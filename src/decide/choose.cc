#include "decide/choose.h"

#include <algorithm>

#include "decide/draw.h"

namespace hospes::decide {
namespace {

/// A world that the draws could have made.
struct Draw {
  bool held = false;                // by the house's holdout
  std::optional<Index> variant;     // of the placement's experiment; none: held out, or not in it
};

/// What of an offer no draw changes.
Reason judged(const Offer& offer, const Subject& subject, const Taken& taken, Instant now) {
  if (now < offer.from || now >= offer.until) return Reason::not_current;
  if (offer.use && !subject.permits(*offer.use)) return Reason::no_consent;
  if (offer.segment && !subject.in(*offer.segment)) return Reason::not_in_segment;
  if ((offer.cap_per_day | offer.cap_total) != 0) {
    const Count shown = count_of(subject.memories, offer.name, subject.today);
    if ((offer.cap_per_day != 0 && shown.today >= offer.cap_per_day) ||
        (offer.cap_total != 0 && shown.total >= offer.cap_total))
      return Reason::capped;
  }
  if (offer.stock && taken(offer) >= *offer.stock) return Reason::sold_out;
  return Reason::shown;
}

Candidate explained(const Offer& offer, Reason reason, const Subject& subject) {
  Candidate out{&offer, reason, {}};
  if (reason == Reason::no_consent && subject.known) out.denied = subject.permission[*offer.use];
  return out;
}

/// What the draw takes away.
Reason drawn(const Offer& offer, const Draw& draw) {
  if (offer.withheld && draw.held) return Reason::holdout;
  if (offer.trial && draw.variant != offer.variant) return Reason::other_variant;
  return Reason::shown;
}

/// Calls `visit` with each world and its probability, of `certain`.
template <class Visit>
void each_draw(const Definitions& definitions, const Choice& choice, const Visit& visit) {
  const std::uint64_t held = choice.drawn ? definitions.holdout : 0;
  if (held > 0) visit(Draw{.held = true, .variant = {}}, held * (certain / catalog::whole_share));
  const std::uint64_t free = catalog::whole_share - held;
  if (choice.trial == nullptr) return visit(Draw{}, free * (certain / catalog::whole_share));
  const Trial& trial = *choice.trial;
  if (trial.holdout > 0) visit(Draw{}, free * trial.share_held());
  for (Index v = 0; v < trial.variants.size(); ++v)
    visit(Draw{.held = false, .variant = v}, free * trial.share(v));
}

/// Whether it says why a person sees nothing.
bool tells(Reason reason) {
  return reason == Reason::holdout || reason == Reason::capped || reason == Reason::no_consent;
}

/// Once `n` fit whatever is drawn, nothing behind them matters.
bool fits_always(const Offer& offer, const Choice& choice) {
  return !(offer.withheld && choice.drawn) && !offer.trial;
}

void set_propensities(
    const Definitions& definitions, const std::vector<const Offer*>& fitting, std::uint32_t n,
    Choice& choice
) {
  choice.propensities.assign(choice.items.size(), 0);
  each_draw(definitions, choice, [&](const Draw& draw, std::uint64_t probability) {
    std::uint32_t place = 0;
    for (const Offer* offer : fitting) {
      if (place == n) break;
      if (drawn(*offer, draw) != Reason::shown) continue;
      ++place;
      const auto at = std::ranges::find(choice.items, offer);
      if (at != choice.items.end())
        choice.propensities[static_cast<std::size_t>(at - choice.items.begin())] += probability;
    }
  });
}

}  // namespace

Part part_of(const Definitions& definitions, Index index, const Subject& subject) {
  const Trial& trial = definitions.trials[index];
  Part out;
  out.in = subject.permits(trial.use) && (!trial.segment || subject.in(*trial.segment));
  if (!out.in) return out;
  const Sticky sticky = sticky_of(subject.memories, trial.name, trial.version);
  out.crossed = sticky.crossed;
  if (sticky.first != nullptr) {
    out.held = sticky.first->variant.empty();
    const auto at = std::ranges::find(trial.variants, sticky.first->variant, &catalog::Variant::name);
    if (out.held || at != trial.variants.end()) {
      out.sticky = true;
      out.variant = out.held ? 0 : static_cast<Index>(at - trial.variants.begin());
      return out;
    }
  }
  std::uint32_t drawn = draw(trial.name, trial.version, trial.salt, subject.unit);
  out.held = drawn < trial.share_held();
  if (out.held) return out;
  drawn -= trial.share_held();
  while (drawn >= trial.share(out.variant)) drawn -= trial.share(out.variant++);
  return out;
}

bool is_held(const Definitions& definitions, const Subject& subject) {
  if (definitions.holdout == 0 || !subject.known) return false;
  const std::string name = holdout_trial(definitions.holdout_salt);
  if (const Sticky sticky = sticky_of(subject.memories, name, 1); sticky.first != nullptr)
    return sticky.first->variant.empty();
  return draw("[holdout]", 1, definitions.holdout_salt, subject.unit) <
         definitions.holdout * catalog::whole_share;
}

Choice choose(
    const Definitions& definitions, const Placement& placement, std::uint32_t n,
    const Subject& subject, const Taken& taken, Instant now, bool explain
) {
  Choice out;
  n = std::min(n, placement.items);
  Draw mine;
  if (subject.known && placement.personal) {
    out.drawn = definitions.holdout > 0 && placement.withholds;
    out.held = mine.held = out.drawn && is_held(definitions, subject);
    if (placement.trial) out.part = part_of(definitions, *placement.trial, subject);
    if (out.part.in) out.trial = &definitions.trials[*placement.trial];
    if (out.part.in && !out.part.held && !out.held) mine.variant = out.part.variant;
  }
  std::vector<const Offer*> fitting;
  std::uint32_t always = 0;
  for (const Index i : placement.offers) {
    const Offer& offer = definitions.offers[i];
    if (always >= n && (!explain || out.why.size() >= why_max)) break;
    Reason reason = judged(offer, subject, taken, now);
    if (reason == Reason::shown) {
      fitting.push_back(&offer);
      always += fits_always(offer, out) ? 1 : 0;
      reason = drawn(offer, mine);
    }
    if (reason == Reason::shown && out.items.size() >= n) reason = Reason::outranked;
    if (reason == Reason::shown) out.items.push_back(&offer);
    if (explain && out.why.size() < why_max) out.why.push_back(explained(offer, reason, subject));
    // While nothing is shown: the first that says why.
    if (out.reason == Reason::fallback && tells(reason)) out.reason = reason;
  }
  set_propensities(definitions, fitting, n, out);
  if (!out.items.empty()) {
    const Offer& first = *out.items.front();
    out.reason = first.trial ? Reason::split : first.use ? Reason::targeting_match : Reason::static_;
  }
  return out;
}

Exposure exposure_of(
    const Definitions& definitions, const Placement& placement, const Choice& choice
) {
  Exposure out;
  out.placement = placement.name;
  for (const Offer* offer : choice.items) out.items.push_back(offer->name);
  out.propensities = choice.propensities;
  out.reason = choice.reason;
  out.drawn = choice.drawn;
  out.held = choice.held;
  if (choice.drawn) out.holdout = definitions.holdout_salt;
  if (choice.trial != nullptr && !choice.held) {
    out.trial = choice.trial->name;
    out.trial_version = choice.trial->version;
    if (!choice.part.held) out.variant = choice.trial->variants[choice.part.variant].name;
  }
  return out;
}

}  // namespace hospes::decide
