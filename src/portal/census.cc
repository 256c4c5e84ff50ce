#include "portal/census.h"

#include <algorithm>

#include "flow/look.h"
#include "portal/people.h"

namespace hospes::portal {
namespace {

/// Without what must not happen: under `not`, `without`, or as a reply that is missed.
void collect(const segment::Node& node, std::vector<std::string>& out) {
  if (std::holds_alternative<segment::Not>(node.is)) return;
  const auto add = [&](const segment::Selection& s) {
    out.push_back(s.event);
    if (s.reply && s.reply->given) out.push_back(s.reply->by.event);
  };
  if (const auto* sequence = std::get_if<segment::Sequence>(&node.is)) {
    add(sequence->select);
    for (const segment::Step& step : sequence->steps) add(step.then);
    return;
  }
  for (const segment::Selection* s : segment::selections(node)) add(*s);
  if (const auto* of = segment::children(node)) {
    for (const segment::Node& child : *of) collect(child, out);
  }
}

}  // namespace

std::vector<std::string> events_of(const segment::Node& node) {
  std::vector<std::string> out;
  collect(node, out);
  std::ranges::sort(out);
  const auto twice = std::ranges::unique(out);
  out.erase(twice.begin(), twice.end());
  return out;
}

Census::Kinds Census::kinds() {
  const std::lock_guard lock(mutex_);
  const Instant now = doors_.clock.now();
  const std::size_t names = doors_.feed.names();
  if (now - walked_ < good_for && names == names_then_) return kinds_;
  std::vector<Kind> found(doors_.names.size());
  const Mask heedless = doors_.node.house().heeds_no_answer;
  walk(doors_.node, [&](const Met& met) {
    const flow::Look look(met.state, met.component, met.person, heedless, met.state.clock);
    for (const segment::Seen& seen : look.person().events) {
      if (seen.moment->name >= found.size()) found.resize(seen.moment->name + 1);
      Kind& kind = found[seen.moment->name];
      ++kind.count;
      kind.visible |= seen.mask;
    }
    return true;
  });
  kinds_.clear();
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].count > 0) kinds_.emplace(doors_.names.text(static_cast<Name>(i)), found[i]);
  }
  walked_ = now;
  names_then_ = names;
  return kinds_;
}

}  // namespace hospes::portal
