#include "portal/thresholds.h"

#include <algorithm>
#include <future>
#include <map>

#include "flow/look.h"
#include "portal/people.h"
#include "segment/evaluate.h"
#include "segment/text.h"

namespace hospes::portal {
namespace {

/// The value of the last who is in. A median is the largest value that half of them reach.
Decimal cut(std::vector<Decimal>& values, const segment::Node& node) {
  constexpr Wide whole = 100'000'000;  // percent, in millionths
  const segment::Ranked half{.top = true, .percent = Decimal::whole(50), .measure = {}};
  const auto* share = std::get_if<segment::Ranked>(&node.is);
  const segment::Ranked& ranked = share != nullptr ? *share : half;
  const Wide people = static_cast<Wide>(values.size()) * ranked.percent.micro;
  const auto in = static_cast<std::size_t>((people + whole - 1) / whole);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(in, 1) - 1);
  if (ranked.top)
    std::ranges::nth_element(values, at, std::greater<>());
  else
    std::ranges::nth_element(values, at);
  return *at;
}

/// Of everybody who has one, by test.
std::vector<std::vector<Decimal>> values_of(
    node::Node& node, const segment::Definitions& definitions, Instant now
) {
  std::vector<std::vector<Decimal>> out(definitions.rankings().size());
  const Mask heedless = node.house().heeds_no_answer;
  walk(node, [&](const Met& met) {
    const Instant at = std::max(now, met.state.clock);
    const flow::Look look(met.state, met.component, met.person, heedless, at);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto& ranking = definitions.rankings()[i];
      if (const auto value = segment::ranked_value(*ranking.node, look.person(), bit(ranking.bit), at))
        out[i].push_back(*value);
    }
    return true;
  });
  return out;
}

}  // namespace

std::vector<segment::Threshold> count_thresholds(node::Node& node, Instant now) {
  std::promise<std::shared_ptr<const segment::Engine>> in_force;
  node.ask(0, [&](const flow::PartitionState& s) { in_force.set_value(s.engine); });
  const auto engine = in_force.get_future().get();
  std::vector<segment::Threshold> out;
  if (engine == nullptr || engine->definitions().rankings().empty()) return out;
  const segment::Definitions& definitions = engine->definitions();
  auto values = values_of(node, definitions, now);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].empty()) continue;
    const auto& ranking = definitions.rankings()[i];
    out.push_back({ranking.purpose, ranking.text, cut(values[i], *ranking.node->source), now});
  }
  return out;
}

Status refresh_thresholds(node::Node& node, Instant now) {
  const std::vector<segment::Threshold> fresh = count_thresholds(node, now);
  if (fresh.empty()) return {};
  const auto change = [&](const std::string& text) {
    const auto before = segment::parse_in_force(text);
    const auto same = [](const segment::Threshold& a, const segment::Threshold& b) {
      return a.purpose == b.purpose && a.ranked == b.ranked && a.value == b.value;
    };
    if (before && std::ranges::equal(before->thresholds, fresh, same)) return text;
    return segment::with_thresholds(text, fresh);
  };
  std::promise<Status> durable;
  TRY(node.redefine(change, [&](Status s) { durable.set_value(std::move(s)); }));
  return durable.get_future().get();
}

}  // namespace hospes::portal
