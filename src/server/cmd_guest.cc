// hospes guest: lets a customer in to their own pages, by a link that staff hand out.
#include <fmt/format.h>

#include "base/json_text.h"
#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

struct GuestAsk {
  AskOptions house;
  std::string who, reason;
};

int let_in(const Globals& globals, const GuestAsk& wanted) {
  const auto house = find_house(globals, wanted.house);
  if (!house) return report(house.error());
  const std::string target = "/v1/persons/" + url_escaped(wanted.who) + "/guest_link";
  const auto body =
      ask(*house, "POST", target, "{\"reason\":" + std::string(json_text(wanted.reason)) + "}");
  if (!body) return report(body.error());
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  const std::string link =
      fmt::format("http://{}:{}{}", house->front.host, house->front.port, (*answer)["path"].text());
  if (globals.json) {
    fmt::print(
        "{{\"link\":{},\"until\":{}}}\n", json_text(link), json_text((*answer)["until"].text())
    );
  } else {
    fmt::print("{}\n", link);
  }
  return exit_done;
}

constexpr Help guest_help{
    "guest",
    "Prints a link by which a customer comes in to their own pages: good once, for 15 minutes.",
    "Donne un lien par lequel un client entre dans ses propres pages : valable une fois, 15 "
    "minutes.",
    "hospes guest user_id:me --reason \"asked by phone\"\n"
    "hospes guest email:me@shop.example --reason \"came to the till\"\n"
    "Hand it to the person, and to nobody else: who holds it comes in. They read that you made it, "
    "and why.",
    "hospes guest user_id:me --reason \"demande par téléphone\"\n"
    "hospes guest email:me@shop.example --reason \"venue en caisse\"\n"
    "Donnez-le à la personne et à nul autre : qui le tient entre. Elle lit que vous l'avez fait, "
    "et pourquoi."};

}  // namespace

void add_guest(Command hospes) {
  const auto wanted = std::make_shared<GuestAsk>();
  const Command command = hospes.command(guest_help);
  command.option("identifier", wanted->who, "kind:value, not of a device").required();
  command.option("--reason", wanted->reason, "why you make it; the person reads it")
      .required();
  add_ask_options(command, wanted->house);
  command.run(wanted, let_in);
}

}  // namespace hospes::server
