// What the subcommands share. Exit codes: 0 done, 1 the answer is no (a mistake in a file, a check
// that failed), 2 the command line or the configuration is wrong, 3 the world refused (disk, port,
// network).
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hospes::server {

enum Exit : int { exit_done = 0, exit_no = 1, exit_usage = 2, exit_world = 3 };

enum class Language { en, fr };
/// `--lang`, else LANG.
struct Globals {
  Language language = Language::en;
  std::string config_path = "hospes.toml";
  std::vector<std::string> overrides;  // section.key=value
  bool json = false;

  std::string_view say(std::string_view en, std::string_view fr) const {
    return language == Language::fr ? fr : en;
  }
};

/// Prints "error: …" and gives the exit code of its kind.
int report(const Error& error);
int exit_code_of(const Error& error);

/// Each adds its subcommand; when it is chosen, `exit_code` is what it came to.
void add_segment(CLI::App& app, const Globals& globals, int& exit_code);
void add_ask(CLI::App& app, const Globals& globals, int& exit_code);
void add_serve(CLI::App& app, const Globals& globals, int& exit_code);
void add_demo(CLI::App& app, const Globals& globals, int& exit_code);
void add_config(CLI::App& app, const Globals& globals, int& exit_code);
void add_backup(CLI::App& app, const Globals& globals, int& exit_code);
void add_insight(CLI::App& app, const Globals& globals, int& exit_code);
void add_doctor(CLI::App& app, const Globals& globals, int& exit_code);
void add_send(CLI::App& app, const Globals& globals, int& exit_code);
void add_tail(CLI::App& app, const Globals& globals, int& exit_code);
void add_verify(CLI::App& app, const Globals& globals, int& exit_code);
void add_guest(CLI::App& app, const Globals& globals, int& exit_code);
void add_keys(CLI::App& app, const Globals& globals, int& exit_code);
void add_link(CLI::App& app, const Globals& globals, int& exit_code);
void add_segment_list(CLI::App& app, const Globals& globals, int& exit_code);  // after add_segment

}  // namespace hospes::server
