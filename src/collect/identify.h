// Who an event is about: from the parsed item to identifiers, their atoms, owner and anchor.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "collect/parse.h"
#include "seal/keys.h"

namespace hospes::collect {

struct Who {
  std::vector<Identifier> identifiers;  // normalised, each once; evidence, strongest first
  /// Fields whose text is an identifier, kept apart under its own key: index into `fields`.
  struct Apart {
    std::size_t field = 0;
    Identifier identifier;
  };
  std::vector<Apart> apart;
  std::vector<std::size_t> left_out = {};  // fields that name somebody who was erased
};

/// `userId`, `anonymousId`, `previousId` of an alias, external ids, and e-mail and phone in traits
/// are evidence; e-mail and phone in other fields are only kept apart. Values that name nobody are
/// left out.
Result<Who> who_of(const Item& item, seal::KeyStore& keys);

/// The anonymous id first, else the owner (the front).
std::size_t anchor_of(const std::vector<Identifier>& identifiers);

}  // namespace hospes::collect
