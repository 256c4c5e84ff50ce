// What `hospes doctor` looks at before, or while, a house runs. Each finding says what it means and
// what to do; nothing is changed but a small file that is written, synced and removed.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace hospes::server {

enum class Health : unsigned char { ok, warn, fail };

struct Finding {
  std::string check;
  Health health = Health::ok;
  std::string means;
  std::string todo;  // empty when all is well
};

/// In the order in which a start would meet them.
std::vector<Finding> examine(const config::Settings& settings);

}  // namespace hospes::server
