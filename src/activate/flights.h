// The register of sends that were released and have not ended. A withdrawal looks here for what it
// must wait for; a send looks here, just before its first content byte, whether a no has come.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <thread>
#include <vector>

#include "consent/ledger.h"

namespace hospes::activate {

/// One released send.
class Flight {
 public:
  Flight(Mask purposes, std::vector<AtomId> heeded)
      : purposes_(purposes), heeded_(std::move(heeded)) {}

  /// Just before the first content byte. False: a no has come, and nothing may leave.
  bool begin() {
    int standing = waiting;
    return state_.compare_exchange_strong(standing, begun) || standing == begun;
  }
  bool has_begun() const { return state_ == begun; }
  bool revoked() const { return state_ == stopped; }

 private:
  friend class Flights;
  enum : int { waiting, begun, stopped };
  bool heeds(const consent::Row& row) const;
  void stop() {
    int standing = waiting;
    state_.compare_exchange_strong(standing, stopped);
  }

  const Mask purposes_;
  const std::vector<AtomId> heeded_;  // atoms whose no stops it
  std::atomic<int> state_{waiting};
};

/// Thread-safe.
class Flights {
 public:
  static constexpr auto drained_within = std::chrono::seconds(2);

  Flights();
  ~Flights();
  Flights(const Flights&) = delete;
  Flights& operator=(const Flights&) = delete;

  /// On the partition's thread, in the turn that gave the permit.
  std::shared_ptr<Flight> enter(Mask purposes, std::vector<AtomId> heeded);
  void leave(const std::shared_ptr<Flight>& flight);
  /// On the partition's thread, as the rows are applied: stops what has not begun.
  void applied(std::span<const consent::Row> rows);
  /// That message changed nothing: it was known.
  void known(Hash128 message);

  /// Before answers against are appended. `ticket` is then either given up or drained.
  std::uint64_t expect(std::vector<Hash128> messages);
  void give_up(std::uint64_t ticket);
  /// Calls `done` on a thread of its own once the messages are applied and what they stop has ended,
  /// or after two seconds.
  void when_drained(std::uint64_t ticket, std::function<void()> done);
  /// Sends that had begun, and not ended, when the withdrawal of that message was answered; asked
  /// once.
  std::size_t in_flight(Hash128 message);
  std::size_t size() const;

 private:
  struct Waiter {
    std::set<Hash128> coming;  // not applied yet
    std::set<Hash128> messages;
    std::set<std::shared_ptr<Flight>> flights;
    std::function<void()> done;  // set: it may be answered
    std::chrono::steady_clock::time_point until;
  };
  void run();
  bool over(const Waiter& waiter) const { return waiter.coming.empty() && waiter.flights.empty(); }

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::set<std::shared_ptr<Flight>> flights_;
  std::map<std::uint64_t, Waiter> waiters_;
  std::map<Hash128, std::size_t> left_;  // by message, until it is asked for
  std::uint64_t last_ticket_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace hospes::activate
