// A permit is made by nobody but `ask`.
// cheat: private within this context
#include "outbox/permit.h"

using namespace hospes::outbox;

Answer honest(const Question& question) { return ask(question); }
#ifdef CHEAT
Answer forged(const Question& question) { return Permit(question); }
#endif
