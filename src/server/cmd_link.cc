// hospes link: a new owner link of a running house, for who lost theirs.
#include <fmt/format.h>

#include "base/json_text.h"
#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

int link(const Globals& globals, const AskOptions& options) {
  const auto house = find_house(globals, options);
  if (!house) return report(house.error());
  const auto body = ask(*house, "POST", "/v1/owner_link");
  if (!body) return report(body.error());
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  const std::string path = (*answer)["path"].text();
  const std::string link =
      fmt::format("http://{}:{}{}", house->console.host, house->console.port, path);
  if (globals.json) {
    fmt::print("{{\"link\":{},\"until\":{}}}\n", json_text(link), json_text((*answer)["until"].text()));
  } else {
    fmt::print("{}\n", link);
  }
  return exit_done;
}

constexpr Help link_help{
    "link",
    "Prints a new owner link of a running house: good once, for 15 minutes. The one before is void.",
    "Donne un nouveau lien du propriétaire d'une maison en marche : valable une fois, 15 minutes. "
    "Le précédent ne vaut plus.",
    "hospes link\n"
    "hospes link --console 127.0.0.1:8091\n"
    "Open it in a browser on this machine. It reads the staff token beside the house's data.",
    "hospes link\n"
    "hospes link --console 127.0.0.1:8091\n"
    "Ouvrez-le dans un navigateur de cette machine. La commande lit le jeton à côté des données."};

}  // namespace

void add_link(Command hospes) {
  const auto options = std::make_shared<AskOptions>();
  const Command command = hospes.command(link_help);
  add_ask_options(command, *options);
  command.run(options, link);
}

}  // namespace hospes::server
