// What the partitions know of marketing mail that was taken and of complaints about it, for a breaker
// whose own lines are lost (mail/complaints.h).
#pragma once

#include "catalog/actions.h"
#include "mail/complaints.h"
#include "node/node.h"

namespace hospes::server {

/// Counts anew what a fresh one does not know, in a house that sends mail: of its window up to `now`. A
/// complaint counts for the destination that had written to the person last. Who was erased, or had refused
/// mail before they complained, is not known here. Blocks; walks everybody once, a slice at a time.
Status know_complaints(
    mail::Complaints& complaints, node::Node& node, const catalog::Actions& actions, Instant now
);

}  // namespace hospes::server
