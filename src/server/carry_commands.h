// The commands that carry data in and compare it, and the house for a site's own tests.
#pragma once

#include "server/commands.h"

namespace hospes::server {

/// As in commands.h.
void add_import(CLI::App& app, const Globals& globals, int& exit_code);
void add_compare(CLI::App& app, const Globals& globals, int& exit_code);
void add_micro(CLI::App& app, const Globals& globals, int& exit_code);

}  // namespace hospes::server
