// How the command line teaches: one shape for every command's help, the nearest word for one that
// is not known.
#pragma once

#include <string>
#include <string_view>

#include "server/commands.h"

namespace hospes::server {

/// `means`: one sentence. `examples`: what to type, one per line, and what it brings.
struct Help {
  const char* name;
  const char* means_en;
  const char* means_fr;
  const char* examples_en;
  const char* examples_fr;
};

/// A subcommand whose --help shows meaning, options, examples and the exit codes.
CLI::App* add_command(CLI::App& parent, const Globals& globals, const Help& help);

/// What is wrong with the words of a failed parse, with the nearest known command or option.
std::string explain_words(const CLI::App& app, const CLI::ParseError& error);

/// On a terminal, and NO_COLOR is not set.
bool colours();
inline constexpr std::string_view green = "\033[32m", red = "\033[31m", yellow = "\033[33m",
                                  plain = "\033[0m";

}  // namespace hospes::server
