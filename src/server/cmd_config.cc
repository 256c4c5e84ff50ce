// hospes config: what hospes.toml may say, and whether this one is right.
#include <fmt/format.h>

#include "config/settings.h"
#include "server/commands.h"
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
  for (const auto& key : config::keys()) {
    fmt::print(
        "{} = {}   # {}\n", key.full_name(), config::show(*settings, key),
        globals.say(key.means_en, key.means_fr)
    );
  }
  return exit_done;
}

}  // namespace

void add_config(CLI::App& app, const Globals& globals, int& exit_code) {
  auto* command =
      app.add_subcommand("config", "The configuration: check it, or print one to start from.");
  command->require_subcommand(1);
  command
      ->add_subcommand(
          "check", "Reads hospes.toml and prints what is in force, with what each key means."
      )
      ->callback([&globals, &exit_code] { exit_code = check_config(globals); });
  command
      ->add_subcommand("sample", "Prints a hospes.toml in which every key stands, commented out.")
      ->callback([] { fmt::print("{}", config::sample()); });
}

}  // namespace hospes::server
