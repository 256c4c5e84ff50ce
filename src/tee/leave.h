// Private to tee/: may this event go on to who runs the old pipeline, now?
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "catalog/purposes.h"
#include "model/event.h"
#include "node/node.h"
#include "outbox/permit.h"

namespace hospes::tee {

struct Asked {
  const Event* event = nullptr;
  Hash128 effect;  // names this sending
  /// Nothing: nobody knows its owner here yet, or it was erased. A Defer or Deny says why not.
  std::optional<outbox::Answer> answer;
  std::vector<AtomId> heeded = {};  // atoms whose no stops it
};

/// Asks for all of them, each in one turn of the partition where its owner lives; `entered` hears the permitted ones in that turn. It
/// may go when the purpose sees the event (consent/lens.h) and outbox::ask permits. A yes that the event itself brought stands on no
/// ledger: of such only what speaks against it is asked. Blocks; not on a partition's thread.
void ask(
    node::Node& node, const catalog::Purpose& purpose, std::span<Asked> asked, Instant now,
    const std::function<void(Asked&)>& entered
);

}  // namespace hospes::tee
