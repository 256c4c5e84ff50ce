// Who may be written to, now. Private to portal/; used on the partition's thread.
#pragma once

#include "model/event.h"
#include "portal/people.h"

namespace hospes::portal {

/// Whether an e-mail address of the person may be written to at `now` for `purpose`: no answer
/// against by any identifier of the live person or firmly tied to one of theirs, and a yes that
/// stands and lies on the address, or on an identifier tied to it by firm evidence (design.md rules
/// 5 and 6). Cost: some microseconds where the yes lies elsewhere, else a look at a few ledgers.
bool reachable_by_email(const Met& met, PurposeBit purpose, PurposeBit link, Instant now);

}  // namespace hospes::portal
