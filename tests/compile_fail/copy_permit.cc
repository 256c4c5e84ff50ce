// One yes is good for one effect: a permit is not copied.
// cheat: use of deleted function
#include "outbox/permit.h"

using namespace hospes::outbox;

Permit passed_on(Permit permit) { return permit; }
#ifdef CHEAT
Permit twice(const Permit& permit) { return permit; }
#endif
