// What mailbox providers object to, and what a house should not do, said before anything is sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/messages.h"

namespace hospes::mail {

struct Finding {
  bool refused = false;  // such a message is not sent at all
  std::string code;      // `service_promotion`
  std::string said;      // what is wrong, and what would do; English
  std::size_t line = 0;  // of the file; 0: the whole
};

/// Of the source of one message. `person_names`: what a house may know of a person; empty: not
/// checked.
std::vector<Finding> lint(
    const HouseMessage& message, const std::vector<std::string>& person_names = {}
);
/// Of what it became for somebody.
std::vector<Finding> lint(const Rendered& rendered, Kind kind);

/// What makes a promotion of it, and what would do; English, without a word of its own. Nothing: none was found.
std::optional<std::string> promotes(const Rendered& rendered);

}  // namespace hospes::mail
