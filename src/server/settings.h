// What the long-running commands share: the settings in force, and waiting for a signal.
#pragma once

#include <csignal>

#include "config/settings.h"
#include "server/commands.h"

namespace hospes::server {

/// hospes.toml with `--set` on top.
Result<config::Settings> settings_of(const Globals& globals);

/// Blocks SIGINT and SIGTERM in this thread and those it starts from now on.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  void wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
  }
  /// True when one came within `patience`.
  bool wait_for(std::chrono::milliseconds patience) const {
    const timespec t{patience.count() / 1000, (patience.count() % 1000) * 1'000'000};
    return sigtimedwait(&set_, nullptr, &t) > 0;
  }

 private:
  sigset_t set_{};
};

}  // namespace hospes::server
