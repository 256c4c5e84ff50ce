#include "model/ids.h"

namespace hospes {

std::string to_hex(AtomId id) { return to_hex(Hash128{id.hi, id.lo}); }

}  // namespace hospes
