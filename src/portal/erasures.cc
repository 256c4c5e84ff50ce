#include "portal/erasures.h"

#include <algorithm>
#include <vector>

#include "collect/tombstones.h"
#include "evidence/evidence.h"
#include "portal/people.h"
#include "portal/rights.h"
#include "rights/request.h"

namespace hospes::portal {
namespace {

// The clock of the house may be set while we sleep.
constexpr auto nap = std::chrono::seconds(20);
constexpr auto after_failure = std::chrono::seconds(20);

}  // namespace

void bury(node::Node& node, collect::Tombstones& tombstones) {
  walk_atoms(
      node,
      [&](const Place& place) {
        tombstones.add(place.atom.tombstone, place.atom.erased_at);
        return true;
      },
      true
  );
}

Erasures::Erasures(ConsoleDoors doors) : doors_(std::move(doors)), thread_([this] { run(); }) {}

Erasures::~Erasures() { close(); }

void Erasures::look() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  wake_.notify_all();
}

void Erasures::lapse(const std::vector<Atom>& atoms) {
  const std::lock_guard lock(mutex_);
  for (const Atom& atom : atoms)
    if (lapsed_.size() < lapsed_max) lapsed_.push_back(atom);
  wake_.notify_all();
}

bool Erasures::let_go() {
  Atom atom;
  {
    const std::lock_guard lock(mutex_);
    if (lapsed_.empty() || stop_) return false;
    atom = lapsed_.front();
    lapsed_.pop_front();
  }
  const auto done = erase_lapsed(doors_, atom);
  if (!done && done.error().code != Code::not_found && done.error().code != Code::conflict)
    doors_.diary.note(diary::Level::error, "portal.lapse_failed", done.error().message);
  return true;
}

void Erasures::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Erasures::run() {
  for (;;) {
    const Instant next = sweep();
    // An erasure wakes this thread itself: what is due of the others is not looked for again after each.
    bool let = false;
    while (doors_.clock.now() < next && let_go()) let = true;
    if (let && doors_.erasures) doors_.erasures();
    std::unique_lock lock(mutex_);
    while (!stop_ && !wanted_ && lapsed_.empty() && doors_.clock.now() < next) {
      const Duration left = next - doors_.clock.now();
      wake_.wait_for(lock, std::min<Duration>(left, nap));
      lock.unlock();
      end_evidence();
      lock.lock();
    }
    if (stop_) return;
    wanted_ = false;
  }
}

void Erasures::end_evidence() {
  if (doors_.evidence == nullptr) return;
  if (const Status done = doors_.evidence->sweep(doors_.clock.now()); !done)
    doors_.diary.note(diary::Level::error, "portal.evidence_failed", done.error().message);
}

Instant Erasures::sweep() {
  const Instant now = doors_.clock.now();
  Instant next = Instant::never();
  std::vector<Atom> due;
  walk_atoms(doors_.node, [&](const Place& place) {
    for (const rights::Request& r : place.atom.requests) {
      if (r.right != rights::Right::erasure || !rights::is_open(r.state)) continue;
      if (r.ends > now) {
        next = std::min(next, r.ends);
      } else {
        due.push_back(place.atom.atom);
      }
    }
    return true;
  });
  for (const Atom& atom : due) {
    const auto done = erase(doors_, atom, "countdown");
    if (done || done.error().code == Code::not_found) continue;
    doors_.diary.note(diary::Level::error, "portal.erasure_failed", done.error().message);
    next = std::min(next, now + after_failure);
  }
  if (!due.empty())
    doors_.diary.note(
        diary::Level::info, "portal.erased", "countdowns are over: these identifiers are forgotten",
        {{"identifiers", static_cast<std::int64_t>(due.size())}}
    );
  return next;
}

}  // namespace hospes::portal
