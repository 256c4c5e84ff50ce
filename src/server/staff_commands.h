// The commands about who works for the house.
#pragma once

#include "server/commands.h"

namespace hospes::server {

void add_staff(Command hospes);
void add_audit(Command hospes);
void add_evidence(Command hospes);

}  // namespace hospes::server
