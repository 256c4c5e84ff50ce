// What the subcommands share. Exit codes: 0 done, 1 the answer is no (a mistake in a file, a check
// that failed), 2 the command line or the configuration is wrong, 3 the world refused (disk, port,
// network).
#pragma once

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

class Command;
/// Each adds its subcommand.
void add_segment(Command hospes);
void add_journey(Command hospes);
void add_lifecycle(Command hospes);
void add_plan(Command hospes);  // and apply
void add_campaign(Command hospes);
void add_ask(Command hospes);
void add_serve(Command hospes);
void add_demo(Command hospes);
void add_config(Command hospes);
void add_backup(Command hospes);
void add_insight(Command hospes);
void add_sql(Command hospes);
void add_job(Command hospes);
void add_doctor(Command hospes);
void add_send(Command hospes);
void add_tail(Command hospes);
void add_verify(Command hospes);
void add_guest(Command hospes);
void add_request(Command hospes);
void add_residue(Command hospes);
void add_law(Command hospes);
void add_keys(Command hospes);
void add_link(Command hospes);
void add_letters(Command hospes);
void add_message(Command hospes);
void add_segment_list(Command hospes);  // after add_segment

}  // namespace hospes::server
