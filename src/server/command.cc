#include "server/command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "base/nearest.h"
#include "clock/clock.h"

namespace hospes::server {
namespace {

constexpr std::string_view exits_en =
    "Exit: 0 done; 1 the answer is no; 2 command line or configuration wrong; 3 disk, port or "
    "network refused.";
constexpr std::string_view exits_fr =
    "Sortie : 0 fait ; 1 la réponse est non ; 2 ligne de commande ou configuration fausse ; 3 "
    "disque, port ou réseau refusent.";

/// The command that was meant so far.
const CLI::App* deepest(const CLI::App* app) {
  for (auto inner = app->get_subcommands(); !inner.empty(); inner = app->get_subcommands())
    app = inner.front();
  return app;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// What is wrong with the words of a failed parse, with the nearest known command or option.
std::string explain_words(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* at = deepest(&app);
  const auto left = app.remaining(true);
  std::string path;
  for (const CLI::App* one = at; one != nullptr; one = one->get_parent())
    path = one->get_name() + (path.empty() ? "" : " ") + path;
  const std::string look = fmt::format(". See {} --help", path);
  if (left.empty()) return error.what() + look;
  const std::string& word = left.front();
  if (word.starts_with('-')) {
    const std::string name = word.substr(0, word.find('='));
    return fmt::format("unknown option {}", name) + nearest_hint(name, options_of(at)) + look;
  }
  const auto commands = commands_of(*at);
  if (commands.empty()) return fmt::format("{}: one word too many: {}", path, word) + look;
  return fmt::format("unknown command \"{}\"", word) + nearest_hint(word, commands) + look;
}

}  // namespace

Option Option::required() {
  option_->required();
  return *this;
}

Option Option::shows_default() {
  option_->capture_default_str();
  return *this;
}

Option Option::among(std::initializer_list<const char*> words) {
  option_->check(CLI::IsMember(std::vector<std::string>(words.begin(), words.end())));
  return *this;
}

Option Option::existing_folder() {
  option_->check(CLI::ExistingDirectory);
  return *this;
}

Option Option::once_each() {
  option_->allow_extra_args(false);
  return *this;
}

Option Option::delimiter(char between) {
  option_->delimiter(between);
  return *this;
}

Command Command::command(const Help& help) const {
  CLI::App* command = app_->add_subcommand(help.name, said(help.means_en, help.means_fr));
  std::string footer = said("Example:\n", "Exemple :\n");
  const std::string examples = said(help.examples_en, help.examples_fr);
  for (std::size_t at = 0; at < examples.size();) {
    const std::size_t end = std::min(examples.find('\n', at), examples.size());
    footer += fmt::format("  {}\n", std::string_view(examples).substr(at, end - at));
    at = end + 1;
  }
  footer += "\n" + said(exits_en, exits_fr);
  command->footer(footer);
  return {*command, *globals_, *exit_code_};
}

Command Command::command(const char* name) const {
  return {*app_->get_subcommand(name), *globals_, *exit_code_};
}

void Command::needs_command() const { app_->require_subcommand(1); }

Option Command::option(
    const char* name, std::string& into, std::string_view en, std::string_view fr
) const {
  return Option(app_->add_option(name, into, said(en, fr)));
}

Option Command::option(
    const char* name, std::vector<std::string>& into, std::string_view en, std::string_view fr
) const {
  return Option(app_->add_option(name, into, said(en, fr)));
}

Option Command::option(
    const char* name, std::uint64_t& into, std::string_view en, std::string_view fr
) const {
  return Option(app_->add_option(name, into, said(en, fr)));
}

void Command::flag(const char* name, bool& into, std::string_view en, std::string_view fr) const {
  app_->add_flag(name, into, said(en, fr));
}

void Command::run(std::function<int(const Globals&)> what) const {
  app_->callback([globals = globals_, exit_code = exit_code_, what = std::move(what)] {
    *exit_code = what(*globals);
  });
}

std::string Command::said(std::string_view en, std::string_view fr) const {
  return std::string(fr.empty() ? en : globals_->say(en, fr));
}

int run_command_line(
    int count, char** words, Globals& globals, const std::function<void(Command)>& declare
) {
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
  declare(Command(app, globals, exit_code));
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error), exit_done;  // --help
    fmt::print(stderr, "error: {}\n", explain_words(app, error));
    return exit_usage;
  }
  return exit_code;
}

bool colours() { return ::isatty(1) != 0 && std::getenv("NO_COLOR") == nullptr; }

std::string today() { return to_string(SystemClock().now()).substr(0, 10); }

}  // namespace hospes::server
