// The commands that carry data in and compare it, and the house for a site's own tests.
#pragma once

#include "server/commands.h"

namespace hospes::server {

/// Each adds its subcommand.
void add_import(Command hospes);
void add_compare(Command hospes);
void add_micro(Command hospes);

}  // namespace hospes::server
