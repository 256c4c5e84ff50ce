// hospes request, reply, requests: rights that people exercise by letter or phone, recorded with
// the reason that they read.
#include <fmt/format.h>

#include "base/json_text.h"
#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

struct RightAsk {
  AskOptions house;
  std::string right, who, reason, what, value, hours, state, id;
};

std::string pair_of(std::string_view name, std::string_view value) {
  return fmt::format(",\"{}\":{}", name, json_text(value));
}

int told(const Globals& globals, const House& house, const std::string& body) {
  if (globals.json) {
    fmt::print("{}", body);
    return exit_done;
  }
  const auto answer = Json::parse(body);
  if (!answer) return report(answer.error());
  const Json request = (*answer)["request"];
  fmt::print(
      "{}  {} {}: {}\n", request["id"].text(), request["who"].text(), request["right"].text(),
      request["state"].text()
  );
  if (const auto ends = request["ends"].text(); !ends.empty())
    fmt::print("{} {}\n", globals.say("done at", "fait à"), ends);
  else if (request["state"].text() == "open" || request["state"].text() == "extended")
    fmt::print("{} {}\n", globals.say("to be answered by", "à répondre avant"), request["deadline"].text());
  for (const char* path : {"cancel", "guest_link"}) {
    if (const auto link = (*answer)[path].text(); !link.empty())
      fmt::print(
          "{}: http://{}:{}{}\n",
          std::string_view(path) == "cancel"
              ? globals.say("the person takes it back with", "la personne le reprend par")
              : globals.say("the person comes in with", "la personne entre par"),
          house.front.host, house.front.port, link
      );
  }
  return exit_done;
}

int begin(const Globals& globals, const RightAsk& wanted) {
  const auto house = find_house(globals, wanted.house);
  if (!house) return report(house.error());
  std::string body = "{\"who\":" + std::string(json_text(wanted.who));
  std::string target = "/v1/requests";
  if (!wanted.id.empty()) {
    target += "/" + url_escaped(wanted.id);
    body += pair_of("state", wanted.state);
  } else {
    body += pair_of("right", wanted.right);
  }
  body += pair_of("reason", wanted.reason);
  if (!wanted.what.empty()) body += pair_of("what", wanted.what);
  if (!wanted.value.empty()) body += pair_of("value", wanted.value);
  if (!wanted.hours.empty()) body += pair_of("hours", wanted.hours);
  const auto answer = ask(*house, "POST", target, body + "}");
  return answer ? told(globals, *house, *answer) : report(answer.error());
}

int list(const Globals& globals, const RightAsk& wanted) {
  const auto house = find_house(globals, wanted.house);
  if (!house) return report(house.error());
  const auto body =
      get(*house, "/v1/requests" + (wanted.state.empty() ? "" : "?state=" + url_escaped(wanted.state)));
  if (!body) return report(body.error());
  if (globals.json) {
    fmt::print("{}", *body);
    return exit_done;
  }
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  const auto rows = (*answer)["requests"].items();
  if (rows.empty()) fmt::print("{}\n", globals.say("nobody asked for anything", "personne n'a rien demandé"));
  for (const Json& r : rows)
    fmt::print(
        "{}  {:<12} {:<9} {:<24} {} {}{}\n", r["id"].text(), r["right"].text(), r["state"].text(),
        r["who"].text(), r["ends"].text().empty() ? globals.say("by", "avant") : globals.say("done at", "fait à"),
        r["ends"].text().empty() ? r["deadline"].text() : r["ends"].text(),
        r["late"].truth() ? globals.say("  LATE", "  EN RETARD") : ""
    );
  return exit_done;
}

constexpr Help request_help{
    "request",
    "Records a right that somebody exercises by letter or phone: access, correction, erasure, "
    "restriction, portability, objection, withdrawal.",
    "Inscrit un droit que quelqu'un exerce par courrier ou téléphone : access, correction, erasure, "
    "restriction, portability, objection, withdrawal.",
    "hospes request access user_id:me --reason \"wrote on 3 November\"\n"
    "hospes request correction user_id:me --what city --value Lyon --reason \"called\"\n"
    "hospes request erasure email:me@shop.example --hours 24 --reason \"letter of 3 November\"\n"
    "The person reads that you did it, and why. Nobody but they can take back what stops the house.",
    "hospes request access user_id:me --reason \"a écrit le 3 novembre\"\n"
    "hospes request correction user_id:me --what city --value Lyon --reason \"a appelé\"\n"
    "hospes request erasure email:me@shop.example --hours 24 --reason \"lettre du 3 novembre\"\n"
    "La personne lit que vous l'avez fait, et pourquoi. Nul autre qu'elle ne reprend ce qui arrête "
    "la maison."};

constexpr Help requests_help{
    "requests",
    "Lists the rights that people exercised, those that wait first, with the day by which each must "
    "be answered.",
    "Donne les droits exercés, ceux qui attendent d'abord, avec le jour avant lequel répondre.",
    "hospes requests\nhospes requests --state open",
    "hospes requests\nhospes requests --state open"};

constexpr Help reply_help{
    "reply", "Answers a request: extended or denied, with the reason that the person reads; fulfilled.",
    "Répond à une demande : extended ou denied, avec la raison que la personne lit ; fulfilled.",
    "hospes reply ID user_id:me denied --reason \"two people say different things\"",
    "hospes reply ID user_id:me denied --reason \"deux personnes disent le contraire\""};

}  // namespace

void add_request(Command hospes) {
  const auto wanted = std::make_shared<RightAsk>();
  const Command command = hospes.command(request_help);
  command.option("right", wanted->right, "which one").required();
  command.option("identifier", wanted->who, "kind:value, not of a device").required();
  command.option("--reason", wanted->reason, "how they asked; the person reads it").required();
  command.option("--what", wanted->what, "the trait to correct, or the purpose");
  command.option("--value", wanted->value, "of a correction: what is right");
  command.option("--hours", wanted->hours, "of an erasure: how long it counts down, 1 to 72");
  add_ask_options(command, wanted->house);
  command.run(wanted, begin);

  const auto answered = std::make_shared<RightAsk>();
  const Command answer = hospes.command(reply_help);
  answer.option("id", answered->id, "of the request").required();
  answer.option("identifier", answered->who, "kind:value").required();
  answer.option("state", answered->state, "extended, denied or fulfilled").required();
  answer.option("--reason", answered->reason, "the person reads it");
  add_ask_options(answer, answered->house);
  answer.run(answered, begin);

  const auto listed = std::make_shared<RightAsk>();
  const Command all = hospes.command(requests_help);
  all.option("--state", listed->state, "open, extended, fulfilled, denied or revoked");
  add_ask_options(all, listed->house);
  all.run(listed, list);
}

}  // namespace hospes::server
