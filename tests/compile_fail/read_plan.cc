// The content of a plan is not at hand before it is sendable.
// cheat: is private within this context
#include "outbox/sendable.h"

using namespace hospes::outbox;

std::string_view honest(const Sendable& sendable) { return sendable.content(); }
#ifdef CHEAT
std::string_view peeked(const Plan& plan) { return plan.content_; }
#endif
