#include <algorithm>

#include "flow/effects.h"
#include "portal/campaign_routes.h"
#include "portal/people.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

constexpr Duration lately = std::chrono::days(7);
constexpr Duration good_for = std::chrono::minutes(1);

std::size_t times_reached(const Met& met, Instant since) {
  std::size_t out = 0;
  for (const std::uint16_t i : met.person.atoms)
    for (const outbox::Effect& e : met.component.atoms[i].effects)
      out += e.contact && e.attempts > 0 && e.claimed > since &&
                     (e.state == outbox::State::done || e.state == outbox::State::uncertain ||
                      e.state == outbox::State::claimed)
                 ? 1
                 : 0;
  return std::min(out, Pressure::times_max);
}

}  // namespace

std::shared_ptr<const Pressure::Told> Pressure::of(
    const ConsoleDoors& doors, const std::vector<std::string>& segments
) {
  const std::lock_guard lock(mutex_);
  const Instant now = doors.clock.now();
  const bool knows = last_ && std::ranges::all_of(segments, [&](const std::string& s) {
                       return last_->of.contains(s);
                     });
  if (knows && last_->as_of + good_for > now) return last_;
  Told told{.people = std::vector<std::uint64_t>(times_max + 1), .of = {}, .as_of = now};
  const auto engine = engine_of(doors.node);
  std::vector<std::pair<segment::SegmentIndex, std::vector<std::uint64_t>*>> watched;
  for (const std::string& id : segments) {
    if (told.of.contains(id)) continue;
    auto& counts = told.of[id] = std::vector<std::uint64_t>(times_max + 1);
    const auto index = engine ? engine->definitions().find(id) : std::nullopt;
    if (index) watched.emplace_back(*index, &counts);
  }
  walk(doors.node, [&](const Met& met) {
    const std::size_t times = times_reached(met, now - lately);
    ++told.people[times];
    for (const auto& [index, counts] : watched)
      if (met.person.page.since(index)) ++(*counts)[times];
    return true;
  });
  last_ = std::make_shared<const Told>(std::move(told));
  return last_;
}

}  // namespace hospes::portal
