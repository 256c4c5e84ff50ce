#include "journey/definition.h"

#include <algorithm>
#include <array>

namespace hospes::journey {

std::size_t target_of(const Definition& definition, std::size_t from, std::string_view to) {
  if (to.empty()) return from + 1;
  const auto at = std::ranges::find(definition.steps, to, &Step::id);
  return static_cast<std::size_t>(at - definition.steps.begin());
}

std::optional<std::size_t> comes_to(const Definition& next, std::string_view step) {
  const auto said = std::ranges::find(next.waiting.steps, step, &std::pair<std::string, std::string>::first);
  if (said != next.waiting.steps.end()) step = said->second;
  const std::size_t at = target_of(next, 0, step);
  return at < next.steps.size() ? std::optional(at) : std::nullopt;
}

std::vector<std::size_t> targets_of(const Definition& definition, std::size_t from) {
  std::vector<std::size_t> out;
  const auto to = [&](std::string_view id) { out.push_back(target_of(definition, from, id)); };
  const Action& action = definition.steps[from].action;
  if (const auto* trait = std::get_if<WaitTrait>(&action)) to(trait->other);
  if (const auto* wait = std::get_if<WaitFor>(&action)) to(wait->other);
  if (const auto* send = std::get_if<Send>(&action)) to(send->other);
  if (const auto* jump = std::get_if<Jump>(&action)) to(jump->to);
  if (const auto* branch = std::get_if<Branch>(&action)) {
    for (const Branch::Arm& arm : branch->arms) to(arm.to);
    to(branch->other);
    return out;
  }
  if (const auto* split = std::get_if<Split>(&action)) {
    for (const Split::Arm& arm : split->arms) to(arm.to);
    return out;
  }
  if (const auto* decide = std::get_if<Decide>(&action)) {
    for (const Decide::Arm& arm : decide->arms) to(arm.to);
    to(decide->other);
  }
  if (std::holds_alternative<Goal>(action) || std::holds_alternative<Exit>(action)) return {};
  const auto* jump = std::get_if<Jump>(&action);
  if (jump == nullptr || jump->most > 0) out.push_back(from + 1);
  return out;
}

std::string clock_text(unsigned minutes) {
  const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(minutes / 60) + ":" + two(minutes % 60);
}

std::string_view day_name(unsigned day) {
  static constexpr std::array<std::string_view, 7> names = {
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  return names[day % 7];
}

}  // namespace hospes::journey
