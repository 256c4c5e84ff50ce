#include "dead_letter/keeper.h"

#include <utility>

namespace hospes::dead_letter {
namespace {

constexpr std::chrono::seconds beat{1};
constexpr unsigned beats_a_sweep = 3'600;

}  // namespace

Keeper::Keeper(Letters& letters, Clock& clock, std::function<void(const Error&)> trouble)
    : letters_(letters), clock_(clock), trouble_(std::move(trouble)), thread_([this] { run(); }) {}

Keeper::~Keeper() { close(); }

void Keeper::forget(AtomId atom) {
  const std::lock_guard lock(mutex_);
  atoms_.push_back(atom);
}

void Keeper::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Keeper::run() {
  std::unique_lock lock(mutex_);
  for (unsigned beats = 1;; ++beats) {
    const bool last = wake_.wait_for(lock, beat, [this] { return stop_; });
    auto atoms = std::exchange(atoms_, {});
    lock.unlock();
    tend(std::move(atoms), beats % beats_a_sweep == 0);
    lock.lock();
    if (last && atoms_.empty()) return;
  }
}

void Keeper::tend(std::vector<AtomId> atoms, bool sweep) {
  const auto tell = [this](const Status& done) {
    if (!done) trouble_(done.error());
    return done.has_value();
  };
  for (const AtomId atom : atoms)
    if (!tell(letters_.forget(atom))) forget(atom);
  tell(letters_.sync());
  if (sweep) tell(letters_.sweep(clock_.now()));
}

}  // namespace hospes::dead_letter
