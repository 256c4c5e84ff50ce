// The command that reads the consent strings of others.
#pragma once

#include "server/commands.h"

namespace hospes::server {

void add_signal(Command hospes);

}  // namespace hospes::server
