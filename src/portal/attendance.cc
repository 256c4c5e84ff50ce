#include "portal/attendance.h"

#include <algorithm>

#include "flow/cold.h"
#include "portal/people.h"
#include "portal/reach.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

/// First heard of today, and nothing that they did lies further back: an import makes nobody new.
bool is_new(const Met& met, Instant day_began) {
  if (met.person.id.born < day_began) return false;
  return std::ranges::none_of(met.person.atoms, [&](std::uint16_t i) {
    const Timeline& held = flow::timeline_of(met.state, met.component, met.component.atoms[i]);
    return held.size() > 0 && held.in_order().front().happened < day_began;
  });
}

}  // namespace

Attendance::Count Attendance::count(Instant day_began) {
  const std::lock_guard lock(mutex_);
  const Instant now = doors_.clock.now();
  const Duration old = now - last_.as_of;
  if (day_ == day_began && old >= Duration(0) && old < std::max(good_for, took_ * times_walk))
    return last_;
  Count count;
  count.as_of = now;
  const auto email = doors_.catalog.purposes.find("contact:email");
  count.asks_email = email.has_value();
  walk(doors_.node, [&](const Met& met) {
    Heads& heads = met.person.simulated ? count.simulated : count.real;
    ++heads.known;
    if (is_new(met, day_began)) ++heads.new_today;
    const PurposeBit link = doors_.node.house().link;
    if (email && reachable_by_email(met, *email, link, now_of(doors_, met.state)))
      ++heads.reachable;
    return true;
  });
  last_ = count;
  day_ = day_began;
  took_ = doors_.clock.now() - now;
  return last_;
}

}  // namespace hospes::portal
