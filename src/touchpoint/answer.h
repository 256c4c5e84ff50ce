// Decisions as JSON: all of it for a server, for a page what it may learn.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decide/choose.h"

namespace hospes::touchpoint {

/// One placement, decided. Borrows from the definitions.
struct Decided {
  const decide::Placement* placement = nullptr;
  decide::Choice choice;
  decide::Exposure exposure;
  std::string token;
};

struct Telling {
  const decide::Definitions& definitions;
  std::string_view locale;
  bool to_page = false;
  bool explain = false;
};

std::string decided_json(const Decided& decided, const Telling& telling);

/// Equal for equal answers: of what is told, never of ids or tokens.
std::string etag_of(const std::vector<Decided>& decided, const Telling& telling);

}  // namespace hospes::touchpoint
