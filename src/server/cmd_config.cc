// hospes config: what hospes.toml may say, and whether this one is right.
#include <fmt/format.h>

#include "base/json_text.h"
#include "config/settings.h"
#include "server/command.h"
#include "server/settings.h"

namespace hospes::server {

Result<config::Settings> settings_of(const Globals& globals) {
  config::Settings settings = TRY(config::read_file(globals.config_path));
  for (const auto& entry : globals.overrides) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos) {
      return fail(Code::invalid_input, fmt::format("--set {}: write section.key=value", entry));
    }
    TRY(config::set(settings, entry.substr(0, equals), entry.substr(equals + 1)));
  }
  return settings;
}

namespace {

int check_config(const Globals& globals) {
  const auto settings = settings_of(globals);
  if (!settings) return report(settings.error());
  if (globals.json) {
    std::string list;
    for (const auto& key : config::keys()) {
      list += fmt::format(
          "{}{}:{}", list.empty() ? "" : ",", json_text(key.full_name()),
          json_text(config::show(*settings, key))
      );
    }
    fmt::print("{{{}}}\n", list);
    return exit_done;
  }
  for (const auto& key : config::keys()) {
    fmt::print(
        "{} = {}   # {}\n", key.full_name(), config::show(*settings, key),
        globals.say(key.means_en, key.means_fr)
    );
  }
  return exit_done;
}

}  // namespace

void add_config(Command hospes) {
  const Command command = hospes.command({"config", "The configuration: check it, or print one to start from.",
       "La configuration : la vérifier, ou en écrire une pour commencer.",
       "hospes config sample > hospes.toml\nhospes config check",
       "hospes config sample > hospes.toml\nhospes config check"}
  );
  command.needs_command();
  command.command({"check", "Reads hospes.toml and prints what is in force, with what each key means.",
       "Lit hospes.toml et écrit ce qui vaut, avec le sens de chaque clé.",
       "hospes config check --config /etc/hospes/hospes.toml\nhospes config check --json",
       "hospes config check --config /etc/hospes/hospes.toml\nhospes config check --json"}
  )
      .run(check_config);
  command.command({"sample", "Prints a hospes.toml in which every key stands, commented out.",
       "Écrit un hospes.toml où figure chaque clé, en commentaire.",
       "hospes config sample > hospes.toml", "hospes config sample > hospes.toml"}
  )
      .run([](const Globals&) {
        fmt::print("{}", config::sample());
        return int{exit_done};
      });
}

}  // namespace hospes::server
