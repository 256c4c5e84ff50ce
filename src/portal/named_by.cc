#include "portal/named_by.h"

#include <algorithm>

#include "journey/book.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

bool names(const journey::Trigger& trigger, std::string_view segment) {
  if (!trigger.from.empty() && trigger.from == segment) return true;
  return trigger.name == segment &&
         (trigger.kind == journey::Trigger::segment || trigger.of_members());
}

bool names(const journey::Step& step, std::string_view segment) {
  if (const auto* wait = std::get_if<journey::WaitFor>(&step.action)) return names(wait->on, segment);
  const auto* branch = std::get_if<journey::Branch>(&step.action);
  return branch != nullptr &&
         std::ranges::any_of(branch->arms, [&](const auto& arm) { return arm.segment == segment; });
}

bool names(const journey::Definition& d, std::string_view segment) {
  const auto in = [&](const auto& list) {
    return std::ranges::any_of(list, [&](const auto& one) { return names(one, segment); });
  };
  return in(d.enter) || in(d.goal) || in(d.exit) || in(d.steps);
}

}  // namespace

std::vector<std::string> named_by(const ConsoleDoors& doors, std::string_view segment) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view kind, const std::string& name) {
    out.push_back(std::string(kind).append(" ").append(name));
  };
  for (const catalog::Action& a : doors.catalog.actions.actions)
    if (a.segment == segment || a.from == segment) add("action", a.name);
  if (const auto engine = engine_of(doors.node))
    for (const segment::Lifecycle& l : engine->definitions().lifecycles())
      if (std::ranges::find(l.stages, segment) != l.stages.end()) add("lifecycle", l.id);
  if (const auto book = book_of(doors.node)) {
    for (const auto& bound : book->all())
      if (bound->open() && names(bound->said.definition, segment)) add("journey", bound->id());
  }
  const catalog::Decisions& decisions = doors.catalog.decisions;
  for (const catalog::Experiment& e : decisions.experiments)
    if (e.segment == segment) add("experiment", e.name);
  for (const catalog::Offer& o : decisions.offers)
    if (o.segment == segment) add("offer", o.name);
  for (const catalog::Flag& f : decisions.flags) {
    if (std::ranges::any_of(f.rules, [&](const auto& rule) { return rule.segment == segment; }))
      add("flag", f.name);
  }
  return out;
}

}  // namespace hospes::portal
