#include "activate/flights.h"

#include <algorithm>

namespace hospes::activate {

using std::chrono::steady_clock;

bool Flight::heeds(const consent::Row& row) const {
  return (purposes_ & bit(row.purpose)) != 0 && std::ranges::find(heeded_, row.atom) != heeded_.end();
}

Flights::Flights() : thread_([this] { run(); }) {}

Flights::~Flights() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::shared_ptr<Flight> Flights::enter(Mask purposes, std::vector<AtomId> heeded) {
  auto flight = std::make_shared<Flight>(purposes, std::move(heeded));
  const std::lock_guard lock(mutex_);
  flights_.insert(flight);
  return flight;
}

void Flights::leave(const std::shared_ptr<Flight>& flight) {
  const std::lock_guard lock(mutex_);
  flights_.erase(flight);
  bool drained = false;
  for (auto& [ticket, waiter] : waiters_) drained |= waiter.flights.erase(flight) > 0;
  if (drained) wake_.notify_all();
}

void Flights::applied(std::span<const consent::Row> rows) {
  const std::lock_guard lock(mutex_);
  for (const consent::Row& row : rows) {
    if (!consent::is_against(row.state)) continue;
    std::vector<std::shared_ptr<Flight>> met;
    for (const auto& flight : flights_) {
      if (!flight->heeds(row)) continue;
      flight->stop();
      met.push_back(flight);
    }
    for (auto& [ticket, waiter] : waiters_) {
      if (waiter.coming.erase(row.message) == 0) continue;
      waiter.flights.insert(met.begin(), met.end());
      wake_.notify_all();
    }
  }
}

void Flights::known(Hash128 message) {
  const std::lock_guard lock(mutex_);
  for (auto& [ticket, waiter] : waiters_)
    if (waiter.coming.erase(message) > 0) wake_.notify_all();
}

std::uint64_t Flights::expect(std::vector<Hash128> messages) {
  const std::lock_guard lock(mutex_);
  Waiter waiter;
  waiter.coming = std::set<Hash128>(messages.begin(), messages.end());
  waiter.messages = waiter.coming;
  waiters_.emplace(++last_ticket_, std::move(waiter));
  return last_ticket_;
}

void Flights::give_up(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  waiters_.erase(ticket);
}

void Flights::when_drained(std::uint64_t ticket, std::function<void()> done) {
  const std::lock_guard lock(mutex_);
  Waiter& waiter = waiters_.at(ticket);
  waiter.done = std::move(done);
  waiter.until = steady_clock::now() + drained_within;
  wake_.notify_all();
}

std::size_t Flights::in_flight(Hash128 message) {
  const std::lock_guard lock(mutex_);
  const auto at = left_.find(message);
  if (at == left_.end()) return 0;
  const std::size_t out = at->second;
  left_.erase(at);
  return out;
}

std::size_t Flights::size() const {
  const std::lock_guard lock(mutex_);
  return flights_.size();
}

void Flights::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto now = steady_clock::now();
    auto next = steady_clock::time_point::max();
    std::vector<std::function<void()>> ready;
    for (auto at = waiters_.begin(); at != waiters_.end();) {
      Waiter& waiter = at->second;
      if (!waiter.done) {
        ++at;
      } else if (over(waiter) || waiter.until <= now || stop_) {
        for (const Hash128 message : waiter.messages)
          if (!waiter.flights.empty()) left_[message] = waiter.flights.size();
        ready.push_back(std::move(waiter.done));
        at = waiters_.erase(at);
      } else {
        next = std::min(next, waiter.until);
        ++at;
      }
    }
    if (!ready.empty()) {
      lock.unlock();
      for (const auto& done : ready) done();
      lock.lock();
      continue;
    }
    if (stop_) return;
    if (next == steady_clock::time_point::max()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, next);
    }
  }
}

}  // namespace hospes::activate
