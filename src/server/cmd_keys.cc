// hospes keys: the keys that sign a running house's transparency log.
#include <fmt/format.h>

#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

int rotate(const Globals& globals, const AskOptions& options) {
  const auto house = find_house(globals, options);
  if (!house) return report(house.error());
  const auto body = ask(*house, "POST", "/v1/audit/rotate");
  if (!body) return report(body.error());
  if (globals.json) {
    fmt::print("{}", *body);
    return exit_done;
  }
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  fmt::print(
      "{} {}\n", (*answer)["keys"].items().size(),
      globals.say(
          "keys so far; the newest signs from now on, and old receipts still hold. Back the keys up.",
          "clés à ce jour ; la plus récente signe désormais, et les anciens reçus restent valables. "
          "Sauvegardez les clés."
      )
  );
  return exit_done;
}

}  // namespace

void add_keys(Command hospes) {
  const Command keys = hospes.command({"keys", "The keys that sign receipts.", "Les clés qui signent les reçus.",
       "hospes keys rotate\n"
       "The keys that seal people's data are others: hospes backup --help",
       "hospes keys rotate\n"
       "Les clés qui scellent les données sont d'autres : hospes backup --help"}
  );
  keys.needs_command();
  const auto options = std::make_shared<AskOptions>();
  const Command command = keys.command({"rotate",
       "A new key signs a running house's receipts from now on; the one before introduces it, so old "
       "receipts still hold.",
       "Une nouvelle clé signe désormais les reçus d'une maison en marche ; l'ancienne la présente, "
       "et les anciens reçus restent valables.",
       "hospes keys rotate\n"
       "Once a year, and whenever somebody may have seen the key folder. Back the keys up afterwards.",
       "hospes keys rotate\n"
       "Une fois l'an, et dès que quelqu'un a pu voir le dossier des clés. Sauvegardez-les ensuite."}
  );
  add_ask_options(command, *options);
  command.run(options, rotate);
}

}  // namespace hospes::server
