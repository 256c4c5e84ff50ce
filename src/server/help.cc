#include "server/help.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "base/nearest.h"

namespace hospes::server {
namespace {

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

}  // namespace

CLI::App* add_command(CLI::App& parent, const Globals& globals, const Help& help) {
  const bool french = globals.language == Language::fr;
  CLI::App* command = parent.add_subcommand(help.name, french ? help.means_fr : help.means_en);
  std::string footer = french ? "Exemple :\n" : "Example:\n";
  const std::string_view examples = french ? help.examples_fr : help.examples_en;
  for (std::size_t at = 0; at < examples.size();) {
    const std::size_t end = std::min(examples.find('\n', at), examples.size());
    footer += fmt::format("  {}\n", examples.substr(at, end - at));
    at = end + 1;
  }
  footer += french ? "\nSortie : 0 fait ; 1 la réponse est non ; 2 ligne de commande ou "
                     "configuration fausse ; 3 disque, port ou réseau refusent."
                   : "\nExit: 0 done; 1 the answer is no; 2 command line or configuration wrong; 3 "
                     "disk, port or network refused.";
  command->footer(footer);
  return command;
}

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

bool colours() { return ::isatty(1) != 0 && std::getenv("NO_COLOR") == nullptr; }

}  // namespace hospes::server
