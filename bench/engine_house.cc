#include "bench/engine_house.h"

namespace hospes::bench {

void EngineHouse::rebuild(Guest& guest, Instant now, segment::Cause cause) {
  ++totals_.rebuilds;
  seen_.clear();
  for (const Moment& m : guest.timeline.in_order())
    seen_.push_back({&m, guest.timeline.body(m), m.mask});
  engine_.rebuild(guest.page, {seen_, 0}, now, flips_, cause);
}

void EngineHouse::settle(std::uint32_t person, Guest& guest) {
  totals_.transitions += flips_.size();
  flips_.clear();
  const Instant due = engine_.due(guest.page);
  if (due >= guest.scheduled) return;  // the earlier timer will put itself back
  guest.scheduled = due;
  wheel_.push({due, person});
}

void EngineHouse::fire(const segment::Timer& timer) {
  Guest& guest = guests_[timer.person];
  if (guest.scheduled != timer.due) return;
  guest.scheduled = Instant::never();
  if (engine_.due(guest.page) > timer.due) {
    ++totals_.put_back;
  } else {
    ++totals_.fires;
    if (engine_.fire(guest.page, timer.due, flips_) == segment::Added::needs_rebuild)
      rebuild(guest, timer.due, segment::Cause::time);
    totals_.by_time += flips_.size();
  }
  settle(timer.person, guest);
}

void EngineHouse::pass(Instant now) {
  for (segment::Timer timer; wheel_.pop(now, timer);) fire(timer);
}

void EngineHouse::take(std::uint32_t person, const Event& event, Instant now) {
  pass(now);
  Guest& guest = guests_[person];
  guest.timeline.add(event);
  const Moment& moment = guest.timeline.latest();
  const segment::Seen seen{&moment, guest.timeline.body(moment), moment.mask};
  if (engine_.add(guest.page, seen, 0, now, flips_) == segment::Added::needs_rebuild)
    rebuild(guest, now, segment::Cause::event);
  settle(person, guest);
}

}  // namespace hospes::bench
