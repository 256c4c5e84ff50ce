// hospes: one program. Each subcommand is a file of its own, cmd_*.cc.
#include <fmt/format.h>

#include <cstdlib>

#include "server/carry_commands.h"
#include "server/commands.h"
#include "server/help.h"
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
  CLI::App app(std::string(globals.say(
      "hospes: the control tower of the customer relation. Begin with: hospes demo",
      "hospes : la tour de contrôle de la relation client. Pour commencer : hospes demo"
  )));
  app.footer(std::string(globals.say(
      "\nEach command teaches with --help. Colour only on a terminal; --json on every command that "
      "prints data.\nExit: 0 done; 1 the answer is no; 2 command line or configuration wrong; 3 "
      "disk, port or network refused.",
      "\nChaque commande s'explique avec --help. Couleur au terminal seulement ; --json partout où "
      "il y a des données.\nSortie : 0 fait ; 1 la réponse est non ; 2 ligne de commande ou "
      "configuration fausse ; 3 disque, port ou réseau refusent."
  )));
  app.set_version_flag("--version", "hospes " HOSPES_VERSION);
  app.name("hospes");
  app.require_subcommand(1);
  std::string lang;
  app.add_option(
         "--lang", lang,
         std::string(globals.say("en or fr; else as LANG says", "en ou fr ; sinon selon LANG"))
  )
      ->check(CLI::IsMember({"en", "fr"}))
      ->each([&](const std::string& l) {
        globals.language = l == "fr" ? Language::fr : Language::en;
      });
  app.add_flag(
      "--json", globals.json, std::string(globals.say("print data as JSON", "les données en JSON"))
  );
  app.add_option(
         "--config", globals.config_path,
         std::string(globals.say("the configuration file", "le fichier de configuration"))
  )
      ->capture_default_str();
  app.add_option(
      "--set", globals.overrides,
      std::string(globals.say(
          "override one key for this run: section.key=value",
          "remplace une clé pour cette fois : section.clé=valeur"
      ))
  );
  app.fallthrough();

  int exit_code = exit_done;
  add_demo(app, globals, exit_code);
  add_serve(app, globals, exit_code);
  add_doctor(app, globals, exit_code);
  add_send(app, globals, exit_code);
  add_import(app, globals, exit_code);
  add_compare(app, globals, exit_code);
  add_micro(app, globals, exit_code);
  add_tail(app, globals, exit_code);
  add_ask(app, globals, exit_code);
  add_link(app, globals, exit_code);
  add_segment(app, globals, exit_code);
  add_segment_list(app, globals, exit_code);
  add_insight(app, globals, exit_code);
  add_config(app, globals, exit_code);
  add_backup(app, globals, exit_code);
  add_signal(app, globals, exit_code);
  add_guest(app, globals, exit_code);
  add_keys(app, globals, exit_code);
  add_verify(app, globals, exit_code);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error), exit_done;  // --help
    fmt::print(stderr, "error: {}\n", explain_words(app, error));
    return exit_usage;
  }
  return exit_code;
}

}  // namespace
}  // namespace hospes::server

int main(int count, char** words) { return hospes::server::run(count, words); }
