// Private to tee/: one event as Segment's HTTP API takes it.
#pragma once

#include <optional>
#include <string>

#include "catalog/catalog.h"
#include "model/event.h"
#include "model/names.h"
#include "seal/keys.h"

namespace hospes::tee {

struct ShapeDoors {
  const Names& names;
  seal::KeyStore& keys;
  const catalog::Purposes& purposes;
  const catalog::Source* source = nullptr;  // null: no longer in sources.toml
};

/// A body of one event: its messageId and ids as they came, dotted names nested as they were. `timestamp` is when it happened, corrected
/// for the sender's clock, and `sentAt` is `now`: the receiver corrects by it again (receivedAt - sentAt), and finds nothing to correct.
/// Nothing: who it is about was erased.
std::optional<std::string> batch_of(const ShapeDoors& doors, const Event& event, Instant now);

}  // namespace hospes::tee
