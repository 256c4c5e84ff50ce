// hospes serve: runs a house until it is told to stop.
#include <fmt/format.h>

#include <csignal>

#include "server/command.h"
#include "server/runtime.h"
#include "server/settings.h"

namespace hospes::server {
namespace {

struct Listen {
  std::string front, console, ui_dir;
};

int serve(const Globals& globals, const Listen& listen) {
  // Before any thread starts, so that all of them leave the signals to this one.
  const Signals signals;
  auto settings = settings_of(globals);
  if (!settings) return report(settings.error());
  if (!listen.front.empty()) settings->public_listen = listen.front;
  if (!listen.console.empty()) settings->console_listen = listen.console;
  auto opened = Runtime::open(*settings, {.ui_dir = listen.ui_dir});
  if (!opened && settings->log_format == "json") return exit_code_of(opened.error());  // told there
  if (!opened) return report(opened.error());
  Runtime& house = **opened;
  fmt::print(
      "{}\n  public   http://127.0.0.1:{}\n  console  http://127.0.0.1:{}\n  {}  {}\n",
      globals.say(
          "hospes: live. Ctrl-C stops; the data stays.",
          "hospes : en marche. Ctrl-C arrête ; les données restent."
      ),
      house.opened().public_port, house.opened().console_port,
      globals.say("owner link (once, 15 minutes)", "lien du propriétaire (une fois, 15 minutes)"),
      house.opened().owner_link
  );
  std::fflush(stdout);
  signals.wait();
  house.stop();
  fmt::print("{}\n", globals.say("hospes: stopped.", "hospes : arrêté."));
  return exit_done;
}

constexpr Help serve_help{
    "serve",
    "Runs the house that hospes.toml describes, until SIGTERM or Ctrl-C: collects on the public "
    "listener, shows on the console's. It stops within 20 s, with nothing lost.",
    "Fait vivre la maison que décrit hospes.toml, jusqu'à SIGTERM ou Ctrl-C : collecte sur l'accès "
    "public, montre sur la console. S'arrête en 20 s, sans rien perdre.",
    "hospes serve --config /etc/hospes/hospes.toml\n"
    "hospes serve --public 127.0.0.1:8090 --set log.format=json\n"
    "Before the first start: hospes config sample > hospes.toml, then hospes doctor.",
    "hospes serve --config /etc/hospes/hospes.toml\n"
    "hospes serve --public 127.0.0.1:8090 --set log.format=json\n"
    "Avant le premier démarrage : hospes config sample > hospes.toml, puis hospes doctor."};

}  // namespace

void add_serve(Command hospes) {
  const auto listen = std::make_shared<Listen>();
  const Command command = hospes.command(serve_help);
  command.option("--public", listen->front, "address:port for this run");
  command.option("--console", listen->console, "address:port for this run");
  command.option("--ui-dir", listen->ui_dir, "the console's pages from this folder")
      .existing_folder();
  command.run(listen, serve);
}

}  // namespace hospes::server
