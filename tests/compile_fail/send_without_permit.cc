// A plan alone is not sendable.
// cheat: no matching function for call to 'hospes::outbox::Sendable::Sendable
#include "outbox/sendable.h"

using namespace hospes::outbox;

Sendable honest(Plan plan, Permit permit) { return Sendable(std::move(plan), std::move(permit)); }
#ifdef CHEAT
Sendable bare(Plan plan) { return Sendable(std::move(plan)); }
#endif
