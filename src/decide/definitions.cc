#include "decide/definitions.h"

#include <algorithm>
#include <tuple>

#include "base/nearest.h"
#include "outbox/basis.h"
#include "outbox/hours.h"

namespace hospes::decide {
namespace {

template <class T>
const T* found(const std::vector<T>& list, const std::unordered_map<std::string, Index>& by, std::string_view name) {
  const auto at = by.find(std::string(name));
  return at == by.end() ? nullptr : &list[at->second];
}

struct Binder {
  const catalog::Decisions& from;
  const segment::Definitions& segments;
  const catalog::Catalog& catalog;
  Definitions out = {};

  Result<std::optional<Index>> segment(const std::string& name, const std::string& of) const {
    if (name.empty()) return std::optional<Index>();
    if (const auto index = segments.find(name)) return std::optional<Index>(*index);
    std::vector<std::string> ids;
    for (segment::SegmentIndex i = 0; i < segments.size(); ++i)
      ids.push_back(segments.at(i).definition.id);
    return fail(
        Code::invalid_input,
        of + " in decisions.toml: no segment \"" + name + "\"" + nearest_hint(name, ids)
    );
  }

  Index use(PurposeBit purpose) {
    const auto at = std::ranges::find(out.uses, purpose, &Use::purpose);
    if (at != out.uses.end()) return static_cast<Index>(at - out.uses.begin());
    const catalog::Purpose& row = catalog.purposes.at(purpose);
    out.uses.push_back({purpose, row.name, outbox::basis_of(row.basis)});
    return static_cast<Index>(out.uses.size() - 1);
  }
  std::optional<Index> use(const std::optional<PurposeBit>& purpose) {
    return purpose ? std::optional(use(*purpose)) : std::nullopt;
  }

  Index trial(std::string_view name) const {
    const auto at = std::ranges::find(out.trials, name, &Trial::name);
    return static_cast<Index>(at - out.trials.begin());
  }

  Status trials() {
    for (const catalog::Experiment& e : from.experiments) {
      Trial t{.name = e.name, .version = e.version, .salt = e.salt, .segment = {}, .holdout = e.holdout, .variants = e.variants};
      t.use = use(*e.purpose);
      t.segment = TRY(segment(e.segment, "experiment \"" + e.name + "\""));
      out.trials.push_back(std::move(t));
    }
    return {};
  }

  /// The first instant of the day, or of the one after it.
  Instant start_of(const std::string& day, std::int64_t later) const {
    const Instant midnight = *parse_instant(day);
    return outbox::first_at(*out.zone, midnight.us / 86'400'000'000 + later, 0);
  }

  Status offers() {
    for (const catalog::Offer& o : from.offers) {
      Offer bound{.name = o.name, .use = use(o.purpose), .segment = {}, .segment_name = o.segment, .trial = {}};
      bound.withheld = bound.use && out.uses[*bound.use].basis != outbox::Basis::heedless;
      bound.segment = TRY(segment(o.segment, "offer \"" + o.name + "\""));
      if (!o.experiment.empty()) {
        bound.trial = trial(o.experiment);
        const auto& variants = out.trials[*bound.trial].variants;
        bound.variant = static_cast<Index>(
            std::ranges::find(variants, o.variant, &catalog::Variant::name) - variants.begin()
        );
      }
      bound.priority = o.priority;
      bound.price = o.price;
      bound.stock = o.stock;
      if (!o.from.empty()) bound.from = start_of(o.from, 0);
      if (!o.until.empty()) bound.until = start_of(o.until, 1);
      bound.cap_per_day = o.cap_per_day;
      bound.cap_total = o.cap_total;
      bound.payload = o.payload;
      out.by_offer.emplace(o.name, static_cast<Index>(out.offers.size()));
      out.offers.push_back(std::move(bound));
    }
    return {};
  }

  void placements() {
    for (const catalog::Placement& p : from.placements) {
      Placement bound{.name = p.name, .is_public = p.is_public, .items = p.items, .offers = {}, .trial = {}};
      for (Index i = 0; i < out.offers.size(); ++i) {
        const auto& names = from.offers[i].placements;
        if (std::ranges::find(names, p.name) == names.end()) continue;
        bound.offers.push_back(i);
        bound.personal = bound.personal || out.offers[i].use.has_value();
        bound.withholds = bound.withholds || out.offers[i].withheld;
        if (out.offers[i].trial) bound.trial = out.offers[i].trial;
      }
      std::ranges::sort(bound.offers, {}, [&](Index i) {
        return std::tuple(-out.offers[i].priority, std::string_view(out.offers[i].name));
      });
      out.by_placement.emplace(p.name, static_cast<Index>(out.placements.size()));
      out.placements.push_back(std::move(bound));
    }
  }

  Status flags() {
    for (const catalog::Flag& f : from.flags) {
      Flag bound{.name = f.name, .is_public = f.is_public, .enabled = f.enabled, .use = use(f.purpose), .values = f.values, .rules = {}};
      const auto value = [&](std::string_view name) {
        return static_cast<Index>(
            std::ranges::find(f.values, name, &catalog::FlagValue::name) - f.values.begin()
        );
      };
      bound.default_value = value(f.default_value);
      for (const catalog::FlagRule& r : f.rules) {
        FlagRule rule{.segment = TRY(segment(r.segment, "flag \"" + f.name + "\"")), .of_variant = {}};
        if (rule.segment) {
          rule.value = value(r.value);
        } else {
          rule.trial = trial(r.experiment);
          for (const catalog::Variant& v : out.trials[rule.trial].variants)
            rule.of_variant.push_back(value(v.name));
        }
        bound.rules.push_back(std::move(rule));
      }
      out.by_flag.emplace(f.name, static_cast<Index>(out.flags.size()));
      out.flags.push_back(std::move(bound));
    }
    return {};
  }
};

}  // namespace

const Placement* Definitions::placement(std::string_view name) const {
  return found(placements, by_placement, name);
}
const Flag* Definitions::flag(std::string_view name) const { return found(flags, by_flag, name); }
const Offer* Definitions::offer(std::string_view name) const {
  return found(offers, by_offer, name);
}
std::vector<std::string> Definitions::placement_names() const {
  std::vector<std::string> out;
  for (const Placement& p : placements) out.push_back(p.name);
  return out;
}

Result<Definitions> bind(
    const catalog::Decisions& decisions, const segment::Definitions& segments,
    const catalog::Catalog& catalog
) {
  Binder binder{decisions, segments, catalog};
  binder.out.holdout = decisions.holdout;
  binder.out.holdout_salt = decisions.holdout_salt;
  binder.out.languages = catalog.house.languages;
  binder.out.segments = segments.size();
  binder.out.zone = zones::find(catalog.house.time_zone);
  if (binder.out.zone == nullptr) binder.out.zone = &zones::utc();
  TRY(binder.trials());
  TRY(binder.offers());
  binder.placements();
  TRY(binder.flags());
  return std::move(binder.out);
}

std::string_view payload_in(
    const Offer& offer, std::string_view locale, std::span<const std::string> languages
) {
  const auto in = [&](std::string_view language) -> const std::string* {
    for (const auto& [name, json] : offer.payload)
      if (name == language) return &json;
    return nullptr;
  };
  if (const auto* json = in(locale.substr(0, 2))) return *json;
  for (const std::string& language : languages)
    if (const auto* json = in(language)) return *json;
  return offer.payload.empty() ? std::string_view("null") : std::string_view(offer.payload.front().second);
}

}  // namespace hospes::decide
