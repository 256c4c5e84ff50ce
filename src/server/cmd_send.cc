// hospes send: one event by hand, and what became of it.
#include <fmt/format.h>

#include <cstdlib>

#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

struct Send {
  AskOptions options;
  std::string event, source, key;
};

/// `--key`, else HOSPES_KEY, else the demo's: only hashes of keys are kept, so no file tells one.
std::string key_of(const Send& send) {
  if (!send.key.empty()) return send.key;
  if (const char* key = std::getenv("HOSPES_KEY"); key != nullptr && *key != '\0') return key;
  return send.source.empty() ? "wk_demo" : "wk_demo_" + send.source;
}

std::string named(const Json& event) {
  const std::string name = event["event"].text();
  return name.empty() ? event["type"].text() : name;
}

void tell(const Globals& globals, const Json& event, const Json& answer) {
  const auto withheld = answer["withheld"].items();
  const auto rejected = answer["rejected"].items();
  fmt::print(
      fmt::runtime(globals.say(
          "accepted {}, withheld {}, rejected {}\n", "acceptés {}, retenus {}, refusés {}\n"
      )),
      answer["accepted"].whole(), withheld.size(), rejected.size()
  );
  for (const Json& one : withheld) {
    fmt::print("  {}   {}\n", named(event), globals.say("withheld:", "retenu :"));
    for (const std::string& why : reasons_in(one["missing"].text())) fmt::print("      {}\n", why);
    fmt::print(
        "      {}\n",
        globals.say(
            "its payload was not kept. Send consent with the event, or change what the source may "
            "do without an answer (sources.toml, without_answer)",
            "son contenu n'a pas été gardé. Envoyez le consentement avec l'événement, ou changez "
            "ce que la source peut sans réponse (sources.toml, without_answer)"
        )
    );
  }
  for (const Json& one : rejected)
    fmt::print(
        "  {}   {} {}\n", named(event), globals.say("rejected:", "refusé :"), one["code"].text()
    );
}

int send_event(const Globals& globals, const Send& send) {
  const auto event = Json::parse(send.event);
  if (!event || !event->is_object()) {
    return report(
        {Code::invalid_input,
         (event ? std::string("this is JSON, but no object") : event.error().message) +
             R"(. Write an event like {"event":"Page Viewed","userId":"me"})"}
    );
  }
  const auto front = find_front(globals, send.options);
  if (!front) return report(front.error());
  const std::string typed = (*event)["type"].is_null()
                                ? send.event.substr(0, send.event.find('{') + 1) +
                                      R"("type":"track",)" +
                                      send.event.substr(send.event.find('{') + 1)
                                : send.event;
  http::Client client(*front);
  const auto answer = client.send(
      "POST", "/v1/batch", {{"X-Write-Key", key_of(send)}, {"Content-Type", "application/json"}},
      "{\"batch\":[" + typed + "]}"
  );
  if (!answer) return report(answer.error());
  if (answer->status != 200) {
    std::string why = reason_in(*answer);
    if (answer->status == 401 && send.key.empty())
      why += ". Only hashes of keys are kept: say --key KEY, or set HOSPES_KEY";
    return report({answer->status < 500 ? Code::invalid_input : Code::unavailable, why});
  }
  const auto verdict = Json::parse(answer->body);
  if (!verdict) return report(verdict.error());
  if (globals.json) {
    fmt::print("{}", answer->body);
  } else {
    tell(globals, *event, *verdict);
  }
  return (*verdict)["rejected"].items().empty() ? exit_done : exit_no;
}

constexpr Help send_help{
    "send", "Sends one event to the public listener, and says what became of it.",
    "Envoie un événement au point de collecte et dit ce qu'il est devenu.",
    R"(hospes send '{"event":"Page Viewed","userId":"me"}'
hospes send '{"event":"Page Viewed","userId":"me","context":{"consent":{"categoryPreferences":{"measure":true}}}}'
hospes send --source web --key wk_… '{"event":"Page Viewed","anonymousId":"a1"}'
The key is --key, else HOSPES_KEY, else the demo's. A public key is told only that its event came:
what a guest answered is nobody's business; hospes tail shows it.)",
    R"(hospes send '{"event":"Page Viewed","userId":"moi"}'
hospes send --source web --key wk_… '{"event":"Page Viewed","anonymousId":"a1"}'
La clé est --key, sinon HOSPES_KEY, sinon celle de la démonstration. Avec une clé publique la réponse
ne dit pas ce que la personne a répondu ; hospes tail le montre.)"};

}  // namespace

void add_send(Command hospes) {
  const auto send = std::make_shared<Send>();
  const Command command = hospes.command(send_help);
  command.option("EVENT", send->event, "JSON; without a type it is a track call").required();
  command.option("--source", send->source, "as which source of the demo: shop, web, visitors");
  command.option("--key", send->key, "the write key");
  command.option("--public", send->options.front, "the public listener's address:port");
  command.run(send, send_event);
}

}  // namespace hospes::server
