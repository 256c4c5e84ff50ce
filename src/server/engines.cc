#include "server/engines.h"

#include <algorithm>
#include <future>

#include "base/nearest.h"
#include "catalog/kinds.h"
#include "flow/binding.h"
#include "outbox/basis.h"
#include "portal/journey_names.h"
#include "zones/zones.h"

namespace hospes::server {

Result<flow::House> Engines::house() {
  flow::House out;
  out.names = &names_;
  out.link = TRY(catalog_.purposes.named("link"));
  out.heeds_no_answer = catalog_.purposes.heedless();
  out.basis = flow::basis_of(catalog_);
  out.engine = [this](const record::Defined& d) { return of(d); };
  out.rules = [this](const record::Defined& d, const segment::Engine& e) { return rules_of(d, e); };
  out.journeys = [this](const record::Defined& d, const segment::Engine& e) { return journeys_of(d, e); };
  out.decisions = [this](const record::Defined& d, const segment::Engine& e) { return decisions_of(d, e); };
  out.keeping = [this](const record::Defined& d) { return keeping_of(d); };
  return out;
}

std::shared_ptr<const segment::Engine> Engines::of(const record::Defined& defined) {
  const std::lock_guard lock(mutex_);
  if (last_ && last_text_ == defined.segments) return last_;
  auto engine = flow::compiled(defined.segments, flow::binding_of(names_, catalog_));
  if (!engine) return nullptr;
  last_ = std::move(engine);
  last_text_ = defined.segments;
  return last_;
}

std::shared_ptr<const outbox::Rules> Engines::rules_of(
    const record::Defined& defined, const segment::Engine& engine
) {
  const std::lock_guard lock(mutex_);
  if (last_rules_ && last_actions_ == defined.actions && last_bound_ == &engine && last_.get() == &engine)
    return last_rules_;
  const auto actions = catalog::read_actions(defined.actions, catalog_.purposes);
  if (!actions) return nullptr;
  auto rules = bind_actions(*actions, engine.definitions(), catalog_);
  if (!rules) return nullptr;
  last_rules_ = std::make_shared<const outbox::Rules>(std::move(*rules));
  last_actions_ = defined.actions;
  last_bound_ = &engine;
  return last_rules_;
}

std::shared_ptr<const journey::Book> Engines::journeys_of(
    const record::Defined& defined, const segment::Engine& engine
) {
  const std::lock_guard lock(mutex_);
  if (last_book_ && last_journeys_ == defined.journeys && last_book_bound_ == &engine && last_.get() == &engine)
    return last_book_;
  auto parsed = journey::parse_in_force(defined.journeys);
  if (!parsed) return nullptr;
  auto book = journey::bind(std::move(*parsed), journey_binding(names_, engine.definitions(), catalog_));
  if (!book) return nullptr;
  last_book_ = std::move(*book);
  last_journeys_ = defined.journeys;
  last_book_bound_ = &engine;
  return last_book_;
}

Status Engines::check(const std::string& segments, const std::string& journeys_file) {
  const auto engine = of({.segments = segments});
  if (!engine) return {};  // whoever takes them says so
  TRY(bind_actions(catalog_.actions, engine->definitions(), catalog_));
  TRY(decide::bind(catalog_.decisions, engine->definitions(), catalog_));
  const auto journeys = journey::parse(journeys_file);
  if (!journeys) return fail(Code::invalid_input, journey::to_string(journeys.error(), "journeys.jny"));
  const auto unknown = journey::check(*journeys, portal::journey_names(catalog_, engine->definitions()), journeys_file);
  if (unknown.empty()) return {};
  return fail(Code::invalid_input, journey::to_string(unknown.front(), "journeys.jny"));
}

std::shared_ptr<const decide::Definitions> Engines::decisions_of(
    const record::Defined& defined, const segment::Engine& engine
) {
  const std::lock_guard lock(mutex_);
  if (last_decisions_ && last_decisions_text_ == defined.decisions && last_decided_ == &engine &&
      last_.get() == &engine)
    return last_decisions_;
  const auto decisions = catalog::read_decisions(defined.decisions, catalog_.purposes);
  if (!decisions) return nullptr;
  auto bound = decide::bind(*decisions, engine.definitions(), catalog_);
  if (!bound) return nullptr;
  last_decisions_ = std::make_shared<const decide::Definitions>(std::move(*bound));
  last_decisions_text_ = defined.decisions;
  last_decided_ = &engine;
  return last_decisions_;
}

std::shared_ptr<const flow::Keeping> Engines::keeping_of(const record::Defined& defined) {
  const std::lock_guard lock(mutex_);
  if (last_keeping_ && last_retention_ == defined.retention) return last_keeping_;
  auto said = catalog::read_retention(defined.retention, catalog_.purposes);
  if (!said || said->empty()) return nullptr;
  last_keeping_ = std::make_shared<const flow::Keeping>(std::move(*said), names_);
  last_retention_ = defined.retention;
  return last_keeping_;
}

namespace {

/// What is passed on must have been open to that partner from the start: the segment sees nothing
/// else.
Status check_purposes(
    const catalog::Action& action, const segment::Definition& segment, const std::string& purpose
) {
  if (!purpose.starts_with("share:") || segment.purpose == purpose) return {};
  return fail(
      Code::invalid_input,
      "action \"" + action.name + "\" passes on under " + purpose + " what segment " + segment.id +
          " knows under " + segment.purpose + "; it needs a segment whose purpose is " + purpose
  );
}

}  // namespace

journey::Binding journey_binding(
    Names& names, const segment::Definitions& definitions, const catalog::Catalog& catalog
) {
  return {
      .names = &names,
      .purpose = [&catalog](std::string_view name) { return catalog.purposes.find(name); },
      .basis = [&catalog](PurposeBit bit) { return outbox::basis_of(catalog.purposes.at(bit).basis); },
      .segment = [&definitions](std::string_view id) -> std::optional<std::uint32_t> {
        const auto index = definitions.find(id);
        if (!index || definitions.at(*index).retired) return std::nullopt;
        return *index;
      },
      .zone = zones::find(catalog.house.time_zone)};
}

Result<outbox::Rules> bind_actions(
    const catalog::Actions& actions, const segment::Definitions& definitions,
    const catalog::Catalog& catalog
) {
  std::vector<outbox::Rule> rules;
  const auto is_before = [&](segment::SegmentIndex from, segment::SegmentIndex to) {
    const auto one = definitions.stage_of(from), other = definitions.stage_of(to);
    return one && other && one->lifecycle == other->lifecycle && from != to;
  };
  for (const catalog::Action& a : actions.actions) {
    const auto index =
        a.by_journey ? std::optional(outbox::no_segment) : definitions.find(a.segment);
    if (!index) {
      std::vector<std::string> ids;
      for (segment::SegmentIndex i = 0; i < definitions.size(); ++i)
        ids.push_back(definitions.at(i).definition.id);
      return fail(
          Code::invalid_input, "action \"" + a.name + "\" in actions.toml: no segment \"" +
                                   a.segment + "\"" + nearest_hint(a.segment, ids)
      );
    }
    const auto from = definitions.find(a.from);
    if (!a.from.empty() && !(from && is_before(*from, *index)))
      return fail(
          Code::invalid_input, "action \"" + a.name + "\" in actions.toml: from = \"" + a.from +
                                   "\" is no stage of a life cycle of which " + a.segment + " is another"
      );
    const catalog::Purpose& purpose = catalog.purposes.at(a.purpose);
    if (!a.by_journey) TRY(check_purposes(a, definitions.at(*index).definition, purpose.name));
    outbox::Rule rule{
        .name = a.name, .version = a.version, .segment = a.segment, .segment_index = *index, .from = from,
        .on_enter = a.on_enter, .by_journey = a.by_journey, .purpose = a.purpose, .purpose_name = purpose.name,
        .basis = outbox::basis_of(purpose.basis), .destination = a.destination,
        .cap_per_day = a.cap_per_day, .holdout = a.holdout, .valid_for = a.valid_for,
        .zone = zones::find(catalog.house.time_zone)};
    if (rule.zone == nullptr) rule.zone = &zones::utc();
    const catalog::Destination* to = actions.destination(a.destination);
    const std::string channel = !a.message.empty() ? "email" : to != nullptr ? to->channel : "";
    if (!channel.empty() && rule.basis != outbox::Basis::heedless)
      rule.contact = TRY(catalog.purposes.named("contact:" + channel));
    if (a.quiet) rule.quiet = outbox::Quiet{a.quiet->first, a.quiet->second};
    rules.push_back(std::move(rule));
  }
  return outbox::Rules(
      std::move(rules), {.per_day = actions.contacts_per_day, .per_week = actions.contacts_per_week,
                         .less_per_week = actions.contacts_less_per_week}
  );
}

std::optional<std::string> strongest_of(
    const flow::PartitionState& state, std::uint32_t dense, seal::KeyStore& keys
) {
  const flow::PersonRef ref = state.dense[dense];
  if (ref.component == nullptr) return std::nullopt;
  const auto& atoms = ref.component->atoms;
  const auto& own = ref.component->people[ref.index].atoms;
  const auto strongest =
      std::ranges::min_element(own, {}, [&](std::uint16_t i) { return atoms[i].atom.kind; });
  const auto found = keys.reveal(atoms[*strongest].atom.id);
  const catalog::Kind* kind = found ? catalog::find_kind(found->kind) : nullptr;
  if (kind == nullptr) return std::nullopt;
  return std::string(kind->name).append(":").append(found->value);
}

std::string person_of(node::Node& node, const flow::Transition& passage, seal::KeyStore& keys) {
  std::promise<std::string> told;
  node.ask(passage.partition, [&](const flow::PartitionState& s) {
    told.set_value(strongest_of(s, passage.dense, keys).value_or(to_hex(passage.person.atom)));
  });
  return told.get_future().get();
}

}  // namespace hospes::server
