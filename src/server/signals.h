// The command that reads the consent strings of others.
#pragma once

#include "server/commands.h"

namespace hospes::server {

void add_signal(CLI::App& app, const Globals& globals, int& exit_code);

}  // namespace hospes::server
