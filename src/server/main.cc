// hospes: one program. Each subcommand is a file of its own, cmd_*.cc.
#include <cstdlib>

#include "server/carry_commands.h"
#include "server/staff_commands.h"
#include "server/commands.h"
#include "server/command.h"
#include "server/signals.h"

namespace hospes::server {

namespace {

/// LANG, unless `--lang` stands among the words: the help itself is in that language.
Language language_of(int count, char** words) {
  for (int i = 1; i + 1 < count; ++i)
    if (std::string_view(words[i]) == "--lang")
      return std::string_view(words[i + 1]) == "fr" ? Language::fr : Language::en;

  const char* lang = std::getenv("LANG");
  return lang != nullptr && std::string_view(lang).starts_with("fr") ? Language::fr : Language::en;
}

int run(int count, char** words) {
  Globals globals{.language = language_of(count, words)};
  return run_command_line(count, words, globals, [](Command hospes) {
    add_demo(hospes);
    add_serve(hospes);
    add_doctor(hospes);
    add_send(hospes);
    add_import(hospes);
    add_compare(hospes);
    add_micro(hospes);
    add_tail(hospes);
    add_ask(hospes);
    add_link(hospes);
    add_staff(hospes);
    add_audit(hospes);
    add_segment(hospes);
    add_segment_list(hospes);
    add_journey(hospes);
    add_letters(hospes);
    add_campaign(hospes);
    add_lifecycle(hospes);
    add_plan(hospes);
    add_message(hospes);
    add_insight(hospes);
    add_sql(hospes);
    add_job(hospes);
    add_config(hospes);
    add_backup(hospes);
    add_signal(hospes);
    add_guest(hospes);
    add_request(hospes);
    add_residue(hospes);
    add_evidence(hospes);
    add_law(hospes);
    add_keys(hospes);
    add_verify(hospes);
  });
}

}  // namespace
}  // namespace hospes::server

int main(int count, char** words) { return hospes::server::run(count, words); }
