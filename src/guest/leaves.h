// What the transparency log holds of one guest: answers, exercised rights, and who looked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/ids.h"
#include "receipt/transparency_log.h"

namespace hospes::guest {

struct Leaf {
  std::uint64_t number = 0;
  std::map<std::string, std::string> record;  // texts and whole numbers by name

  std::string_view of(std::string_view name) const;
  Instant at() const;
};

/// Of these identifiers, newest first; `kind`: only such records, empty: all but the looks of
/// staff. Cost: up to 256 records read for each.
std::vector<Leaf> leaves(
    const receipt::TransparencyLog& log, const std::vector<AtomId>& atoms, std::string_view kind,
    std::size_t most
);
/// One of them; nothing when it is none of theirs.
std::optional<Leaf> leaf(
    const receipt::TransparencyLog& log, const std::vector<AtomId>& atoms, std::uint64_t number
);

}  // namespace hospes::guest
