// An answer on its way to the log: the one shape in which the ledger is written, whether a server
// said it at the door or a guest on their own pages.
#pragma once

#include <string>

#include "collect/door.h"
#include "consent/ledger.h"

namespace hospes::collect {

/// `row` as a record, for the lane of its atom. `received`: the writer's clock.
Outgoing record_of(const Atom& atom, const consent::Row& row, std::string proof, Instant received);

}  // namespace hospes::collect
