// Erasures that count down: each is done when its time is over, by one thread that sleeps until
// then. A house that was down does at its start what came due meanwhile.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "portal/console.h"

namespace hospes::portal {

/// Adds the tombstone of every erased identifier: at start, before anything is taken.
void bury(node::Node& node, collect::Tombstones& tombstones);

class Erasures {
 public:
  /// Looks at every identifier once, then again when `look` was called or the next one is due. The
  /// doors outlive it.
  explicit Erasures(ConsoleDoors doors);
  /// As close().
  ~Erasures();
  Erasures(const Erasures&) = delete;
  Erasures& operator=(const Erasures&) = delete;

  /// One more counts down. Never blocks.
  void look();
  /// Nothing holds these any more (docs/retention.md): erased one by one, after whatever is due. Never
  /// blocks; beyond `lapsed_max` they are left for the next day.
  void lapse(const std::vector<Atom>& atoms);
  static constexpr std::size_t lapsed_max = 100'000;
  /// Finishes the one at hand. Idempotent.
  void close();

 private:
  void run();
  /// What is due is done; when the next one is.
  Instant sweep();
  /// Evidence whose day has come is destroyed (evidence/evidence.h).
  void end_evidence();
  /// One of those that lapsed; false: none waits.
  bool let_go();

  ConsoleDoors doors_;
  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::deque<Atom> lapsed_;
  bool wanted_ = false, stop_ = false;
  std::thread thread_;
};

}  // namespace hospes::portal
