// GET /v1/decisions: what the house may show, how often it was seen, and how each experiment is split.
// GET /v1/decisions/of/{kind}:{value}: what one person was shown, and why.
#include <algorithm>
#include <future>
#include <map>
#include <mutex>

#include "decide/choose.h"
#include "insight/chance.h"
#include "portal/audit.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

using Declared = decide::Definitions;

struct OfferSum {
  std::uint64_t seen = 0, by_nobody = 0, taken = 0;
};
struct TrialSum {
  std::vector<std::uint64_t> people;  // by variant, at first exposure
  std::uint64_t held = 0, crossed = 0;
};
struct Sums {
  std::map<std::string, OfferSum> offers;
  std::map<std::string, TrialSum> trials;
  std::uint64_t people = 0;  // who were shown something
};

std::vector<const decide::Memory*> memories_of(
    const flow::Component& component, const flow::PersonState& person
) {
  std::vector<const decide::Memory*> out;
  for (const std::uint16_t i : person.atoms)
    if (!component.atoms[i].shown.empty()) out.push_back(&component.atoms[i].shown);
  return out;
}

void add_person(const Declared& d, const std::vector<const decide::Memory*>& shown, Sums& out) {
  ++out.people;
  for (const decide::Memory* memory : shown)
    for (const decide::Tally& t : memory->tallies) out.offers[t.offer].seen += t.total;
  for (const decide::Trial& trial : d.trials) {
    const decide::Sticky sticky = decide::sticky_of(shown, trial.name, trial.version);
    if (sticky.first == nullptr) continue;
    TrialSum& sum = out.trials[trial.name];
    sum.people.resize(trial.variants.size());
    if (sticky.crossed) {
      ++sum.crossed;
    } else if (sticky.first->variant.empty()) {
      ++sum.held;
    } else {
      const auto at =
          std::ranges::find(trial.variants, sticky.first->variant, &catalog::Variant::name);
      if (at != trial.variants.end())
        ++sum.people[static_cast<std::size_t>(at - trial.variants.begin())];
    }
  }
}

Sums sums_of(const ConsoleDoors& doors, const Declared& d) {
  Sums out;
  walk(doors.node, [&](const Met& met) {
    const auto shown = memories_of(met.component, met.person);
    if (!shown.empty()) add_person(d, shown, out);
    return true;
  });
  std::mutex mutex;
  doors.node.ask_all([&](const flow::PartitionState& state) {
    const std::lock_guard lock(mutex);
    for (const auto& [name, count] : state.offers) {
      out.offers[name].by_nobody += count.seen_by_nobody;
      out.offers[name].taken += count.taken.size();
    }
  });
  return out;
}

std::string share_text(std::uint64_t of_draws) {
  return decide::probability_text(of_draws * (decide::certain / 100'000'000));
}

/// Whether people came into the variants as the weights say (sample ratio mismatch): Pearson's
/// chi-squared. Below 0.0005 something is broken, and no result of the experiment is to be read
/// (Fabijan and others 2019).
std::string ratio_json(const decide::Trial& trial, const TrialSum& sum) {
  constexpr double broken_below = 0.0005;
  std::uint64_t all = sum.held;
  for (const std::uint64_t n : sum.people) all += n;
  double chi = 0;
  const auto add = [&](std::uint64_t seen, std::uint32_t share) {
    if (share == 0) return;
    const double expected = static_cast<double>(all) * share / 1e8;
    const double off = static_cast<double>(seen) - expected;
    chi += off * off / expected;
  };
  add(sum.held, trial.share_held());
  for (std::size_t v = 0; v < trial.variants.size(); ++v) add(sum.people[v], trial.share(v));
  const double cells = static_cast<double>(trial.variants.size()) + (trial.holdout > 0 ? 1 : 0);
  // Some five are expected in the smallest, else the distribution is not chi-squared's.
  std::uint32_t least = trial.holdout > 0 ? trial.share_held() : 100'000'000;
  for (std::size_t v = 0; v < trial.variants.size(); ++v) least = std::min(least, trial.share(v));
  const bool enough = static_cast<double>(all) * least / 1e8 >= 5;
  const double p = all == 0 ? 1 : insight::chi_squared_above(chi, cells - 1);
  return Object()
      .number("people", all)
      .raw("p", enough ? std::to_string(p) : "null")
      .text("verdict", !enough ? "too_few" : p < broken_below ? "broken" : "kept")
      .done();
}

std::string trial_json(const decide::Trial& trial, const Declared& d, TrialSum sum) {
  sum.people.resize(trial.variants.size());
  List variants;
  for (std::size_t v = 0; v < trial.variants.size(); ++v)
    variants.add(Object()
                     .text("name", trial.variants[v].name)
                     .raw("share", share_text(trial.share(v)))
                     .number("people", sum.people[v])
                     .done());
  return Object()
      .text("name", trial.name)
      .number("version", trial.version)
      .text("purpose", d.uses[trial.use].name)
      .raw("variants", variants.done())
      .raw("held", Object().raw("share", share_text(trial.share_held())).number("people", sum.held).done())
      .number("crossed", sum.crossed)
      .raw("ratio", ratio_json(trial, sum))
      .done();
}

std::string or_null(const std::optional<decide::Index>& index, const auto& name) {
  return index ? json_text(name(*index)) : "null";
}

std::string offer_json(const decide::Offer& offer, const Declared& d, const OfferSum& sum, Instant now) {
  Object out;
  out.text("name", offer.name)
      .raw("purpose", or_null(offer.use, [&](decide::Index i) { return d.uses[i].name; }))
      .raw("segment", offer.segment ? json_text(offer.segment_name) : "null")
      .raw("experiment", or_null(offer.trial, [&](decide::Index i) { return d.trials[i].name; }))
      .raw("variant", offer.trial ? json_text(d.trials[*offer.trial].variants[offer.variant].name) : "null")
      .raw("priority", std::to_string(offer.priority))
      .raw("price", offer.price ? json_text(to_string(offer.price->amount) + " " + offer.price->currency) : "null")
      .raw("stock", offer.stock ? std::to_string(*offer.stock) : "null")
      .number("taken", sum.taken)
      .truth("current", now >= offer.from && now < offer.until)
      .number("seen", sum.seen)
      .number("seen_by_nobody", sum.by_nobody);
  return out.done();
}

std::string placements_json(const Declared& d) {
  List list;
  for (const decide::Placement& p : d.placements) {
    List offers;
    for (const decide::Index i : p.offers) offers.add(json_text(d.offers[i].name));
    list.add(Object()
                 .text("name", p.name)
                 .truth("public", p.is_public)
                 .number("items", p.items)
                 .raw("experiment", or_null(p.trial, [&](decide::Index i) { return d.trials[i].name; }))
                 .raw("offers", offers.done())
                 .done());
  }
  return list.done();
}

std::string flags_json(const Declared& d) {
  List list;
  for (const decide::Flag& f : d.flags)
    list.add(Object()
                 .text("name", f.name)
                 .truth("public", f.is_public)
                 .truth("enabled", f.enabled)
                 .text("default", f.values[f.default_value].name)
                 .number("rules", f.rules.size())
                 .done());
  return list.done();
}

std::string seen_json(const decide::Seen& seen) {
  const decide::Exposure& e = seen.exposure;
  const decide::Words& words = decide::words_of(e.reason);
  List items;
  for (std::size_t i = 0; i < e.items.size(); ++i)
    items.add(Object()
                  .text("id", e.items[i])
                  .raw("propensity", decide::probability_text(e.propensities[i]))
                  .done());
  return Object()
      .text("decision", to_hex(e.decision))
      .text(e.is_flag ? "flag" : "placement", e.placement)
      .text("decided", to_string(e.decided))
      .text("seen", to_string(seen.at))
      .raw("items", items.done())
      .raw("reason", Object().text("code", words.name).text("en", words.en).text("fr", words.fr).done())
      .raw("experiment", e.trial.empty() ? "null" : json_text(e.trial))
      .raw("variant", e.variant.empty() ? "null" : json_text(e.variant))
      .truth("held", e.held)
      .truth("by_page", e.by_page)
      .raw("outcome", seen.outcome ? json_text(decide::to_string(*seen.outcome)) : "null")
      .raw("value", seen.value ? to_string(*seen.value) : "null")
      .done();
}

std::string person_json(const ConsoleDoors& doors, const Met& met) {
  const auto shown = memories_of(met.component, met.person);
  std::vector<const decide::Seen*> newest;
  for (const decide::Memory* memory : shown)
    for (const decide::Seen& seen : memory->seen) newest.push_back(&seen);
  std::ranges::sort(newest, std::ranges::greater{}, [](const decide::Seen* s) {
    return std::pair(s->at, s->exposure.decision);
  });
  List list, experiments;
  for (const decide::Seen* seen : newest) list.add(seen_json(*seen));
  if (met.state.decisions) {
    for (const decide::Trial& trial : met.state.decisions->trials) {
      const decide::Sticky sticky = decide::sticky_of(shown, trial.name, trial.version);
      if (sticky.first == nullptr) continue;
      experiments.add(Object()
                          .text("name", trial.name)
                          .raw("variant", sticky.first->variant.empty() ? "null" : json_text(sticky.first->variant))
                          .text("since", to_string(sticky.first->at))
                          .truth("crossed", sticky.crossed)
                          .done());
    }
  }
  return Object()
      .text("person", name_of(met, doors.keys))
      .raw("experiments", experiments.done())
      .raw("shown", list.done())
      .done();
}

}  // namespace

http::Response read_decisions(const ConsoleDoors& doors) {
  std::promise<std::shared_ptr<const Declared>> told;
  doors.node.ask(0, [&](const flow::PartitionState& s) { told.set_value(s.decisions); });
  const auto d = told.get_future().get();
  const Declared none;
  const Declared& definitions = d ? *d : none;
  Sums sums = sums_of(doors, definitions);
  List offers, trials;
  for (const decide::Offer& o : definitions.offers)
    offers.add(offer_json(o, definitions, sums.offers[o.name], doors.clock.now()));
  for (const decide::Trial& t : definitions.trials)
    trials.add(trial_json(t, definitions, sums.trials[t.name]));
  return http::json(
      200, Object()
                   .raw("placements", placements_json(definitions))
                   .raw("offers", offers.done())
                   .raw("experiments", trials.done())
                   .raw("flags", flags_json(definitions))
                   .raw("holdout", share_text(std::uint64_t{definitions.holdout} * 10'000))
                   .number("people", sums.people)
                   .done() +
               "\n"
  );
}

http::Response read_decisions_of(const ConsoleDoors& doors, const http::Request& request) {
  constexpr std::string_view root = "/v1/decisions/of/";
  const auto atom = atom_asked(doors, std::string_view(request.path).substr(root.size()));
  if (!atom) return problem(atom.error());
  http::Response out = problem(404, "not_found", "nobody bears this identifier");
  if (!*atom) return out;
  look_at(doors, request, **atom, "decisions");
  find_atom(doors.node, **atom, [&](const Place& place) {
    if (auto no = of_nobody(place, "nothing is shown to it")) {
      out = std::move(*no);
    } else {
      out = http::json(200, person_json(doors, {place.state, place.component, *place.person}) + "\n");
    }
  });
  return out;
}

}  // namespace hospes::portal
