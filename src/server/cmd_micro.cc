// hospes micro: a house in memory, for a site's own tests.
#include <fmt/format.h>

#include <fstream>

#include "catalog/house_folder.h"
#include "http/address.h"
#include "http/server.h"
#include "server/carry_commands.h"
#include "server/command.h"
#include "server/micro.h"
#include "server/settings.h"

namespace hospes::server {
namespace {

struct Choice {
  std::string listen = "127.0.0.1:8080";
  std::string house = "house/disquaire";
};

Status serve(const Globals& globals, const Choice& choice, const Signals& signals) {
  const auto address = TRY(http::parse_address(choice.listen));
  if (!http::is_loopback(address.host))
    return fail(
        Code::invalid_input, "micro shows whatever it is sent to whoever asks: it listens on "
                             "loopback only, such as --listen 127.0.0.1:8080"
    );
  auto server = TRY(http::Server::open({.listen = choice.listen}));
  std::ifstream in(choice.house + "/segments.seg");
  auto catalog = TRY(catalog::read_house_folder(choice.house));
  catalog::use(catalog.kinds);
  auto micro = TRY(Micro::open(
      std::move(catalog), std::string(std::istreambuf_iterator<char>(in), {})
  ));
  server->start([&](http::Request request, http::Responder responder) {
    micro->handle(std::move(request), std::move(responder));
  });
  fmt::print(
      "{}\n  http://127.0.0.1:{}\n",
      globals.say(
          "hospes micro: live, all in memory. Ctrl-C ends it, and all of it.",
          "hospes micro : en marche, tout en mémoire. Ctrl-C y met fin, avec tout."
      ),
      server->port()
  );
  std::fflush(stdout);
  signals.wait();
  server->stop(std::chrono::milliseconds(500));
  return {};
}

}  // namespace

void add_micro(Command hospes) {
  const auto choice = std::make_shared<Choice>();
  const Command command = hospes.command({"micro",
       "A house in memory for a site's own tests: send it events as to any house, then ask what "
       "arrived, what did not and why, and who is in which segment.",
       "Une maison en mémoire pour les tests d'un site : envoyez-lui des événements comme à toute "
       "maison, puis demandez ce qui est arrivé, ce qui ne l'est pas et pourquoi, et qui est dans "
       "quel segment.",
       "hospes micro --house house --listen 127.0.0.1:8080\n"
       "curl 127.0.0.1:8080/micro/bad         also /micro/all, /micro/good, /micro/segments\n"
       "curl -X POST 127.0.0.1:8080/micro/reset",
       "hospes micro --house house --listen 127.0.0.1:8080\n"
       "curl 127.0.0.1:8080/micro/bad         aussi /micro/all, /micro/good, /micro/segments\n"
       "curl -X POST 127.0.0.1:8080/micro/reset"}
  );
  command.option("--listen", choice->listen, "address:port; port 0 takes a free one")
      .shows_default();
  command.option("--house", choice->house, "the house's folder of definitions")
      .shows_default();
  command.run([choice](const Globals& globals) {
    const Signals signals;
    const Status served = serve(globals, *choice, signals);
    return served ? int{exit_done} : report(served.error());
  });
}

}  // namespace hospes::server
