// hospes message: what the house writes, checked before it is sent and shown as a person would get
// it.
#include <fmt/format.h>

#include "base/json_text.h"
#include "mail/lint.h"
#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

struct Check {
  std::string folder = ".";
};

/// Of the files alone: no house need run.
int check_messages(const Globals& globals, const Check& options) {
  const auto messages = mail::Messages::read(options.folder);
  if (!messages) return report(messages.error());
  bool refused = false;
  std::string json;
  for (const mail::HouseMessage& m : messages->all()) {
    const std::string file = fmt::format(
        "messages/{}.{}.liquid", m.name, m.language == liquid::Language::fr ? "fr" : "en"
    );
    for (const mail::Finding& f : mail::lint(m)) {
      refused = refused || f.refused;
      const std::string at = f.line > 0 ? fmt::format(":{}", f.line) : "";
      if (globals.json) {
        json += fmt::format(
            "{}{{\"file\":{},\"line\":{},\"code\":{},\"said\":{},\"refused\":{}}}",
            json.empty() ? "" : ",", json_text(file), f.line, json_text(f.code), json_text(f.said),
            f.refused
        );
      } else {
        fmt::print("{}{}  {}  {}\n", file, at, f.refused ? "refused" : "warning", f.said);
      }
    }
  }
  if (globals.json) fmt::print("[{}]\n", json);
  if (!globals.json && messages->all().empty())
    fmt::print("no message in {}/messages\n", options.folder);
  if (!globals.json && !refused) fmt::print("{} messages can be sent\n", messages->all().size());
  return refused ? exit_no : exit_done;
}

struct Preview {
  AskOptions options;
  std::string person, message, language;
  bool html = false;
};

int preview(const Globals& globals, const Preview& ask_for) {
  const auto house = find_house(globals, ask_for.options);
  if (!house) return report(house.error());
  std::string body = "{\"person\":" + json_text(ask_for.person);
  if (!ask_for.language.empty()) body += ",\"language\":" + json_text(ask_for.language);
  const auto said =
      ask(*house, "POST", "/v1/messages/" + url_escaped(ask_for.message) + "/preview", body + "}");
  if (!said) return report(said.error());
  if (globals.json) {
    fmt::print("{}", *said);
    return exit_done;
  }
  const auto answer = Json::parse(*said);
  if (!answer) return report(answer.error());
  const Json& a = *answer;
  if (!a["aborted"].text().empty()) {
    fmt::print("not sent to this person: {}\n", a["aborted"].text());
    return exit_done;
  }
  if (ask_for.html) {
    fmt::print("{}", a["html"].text());
    return exit_done;
  }
  fmt::print(
      "to       {}\nsubject  {}\n\n{}\n", a["to"].text(), a["subject"].text(), a["text"].text()
  );
  for (const Json& f : a["findings"].items()) fmt::print("! {}\n", f["said"].text());
  for (const Json& w : a["would"].items())
    fmt::print("{}: {}\n", w["action"].text(), w["en"].text());
  return exit_done;
}

struct Test {
  AskOptions options;
  std::string person, message, to;
};

int send_test(const Globals& globals, const Test& test) {
  const auto house = find_house(globals, test.options);
  if (!house) return report(house.error());
  const auto said =
      ask(*house, "POST", "/v1/messages/" + url_escaped(test.message) + "/test",
          "{\"person\":" + json_text(test.person) + ",\"to\":" + json_text(test.to) + "}");
  if (!said) return report(said.error());
  if (globals.json) {
    fmt::print("{}", *said);
  } else {
    fmt::print("{} {}\n", globals.say("the relay took it for", "le relais l'a pris pour"), test.to);
  }
  return exit_done;
}

struct Reopen {
  AskOptions options;
  std::string destination;
};

int reopen(const Globals& globals, const Reopen& of) {
  const auto house = find_house(globals, of.options);
  if (!house) return report(house.error());
  const auto said = ask(*house, "POST", "/v1/destinations/" + url_escaped(of.destination) + "/reopen", "{}");
  if (!said) return report(said.error());
  if (globals.json) {
    fmt::print("{}", *said);
  } else {
    fmt::print("{} {}\n", of.destination, globals.say("sends marketing again", "envoie à nouveau le marketing"));
  }
  return exit_done;
}

struct Replay {
  AskOptions options;
  std::string destination, within;
  bool uncertain = false;
};

int replay(const Globals& globals, const Replay& of) {
  const auto house = find_house(globals, of.options);
  if (!house) return report(house.error());
  std::string body = of.uncertain ? "{\"uncertain\":true" : "{\"uncertain\":false";
  if (!of.within.empty()) body += ",\"within\":" + json_text(of.within);
  const auto said = ask(*house, "POST", "/v1/destinations/" + url_escaped(of.destination) + "/replay", body + "}");
  if (!said) return report(said.error());
  if (globals.json) {
    fmt::print("{}", *said);
    return exit_done;
  }
  const auto answer = Json::parse(*said);
  if (!answer) return report(answer.error());
  fmt::print("{} {}\n", (*answer)["replayed"].text(), globals.say("are sent once more", "repartent"));
  return exit_done;
}

constexpr Help message_help{
    "message", "What the house writes: checked, and shown as a person would get it.",
    "Ce que la maison écrit : vérifié, et montré comme une personne le recevrait.",
    "hospes message check house\nhospes message preview user_id:08231 welcome",
    "hospes message check maison\nhospes message preview user_id:08231 bienvenue"};
constexpr Help message_check_help{
    "check", "Reads messages/ of a house folder and says what mailbox providers would object to.",
    "Lit messages/ d'un dossier de maison et dit ce que les messageries refuseraient.",
    "hospes message check\nhospes message check house --json\n"
    "Ends with an error when one of them is not to be sent at all.",
    "hospes message check\nhospes message check maison --json\n"
    "Finit en erreur quand l'un d'eux ne doit pas partir."};
constexpr Help message_preview_help{
    "preview", "One message as this person would get it now, and whether it would be sent.",
    "Un message tel que cette personne le recevrait, et s'il lui serait envoyé.",
    "hospes message preview user_id:08231 welcome\n"
    "hospes message preview email:ann@shop.example welcome --language fr --html > preview.html\n"
    "The look is entered where the person reads it.",
    "hospes message preview user_id:08231 bienvenue\n"
    "hospes message preview email:ann@shop.example bienvenue --html > apercu.html\n"
    "La consultation est inscrite là où la personne la lit."};

constexpr Help message_test_help{
    "send-test", "Sends one message, as this person would get it, to an address of yours.",
    "Envoie un message, tel que cette personne le recevrait, à une adresse à vous.",
    "hospes message send-test user_id:08231 welcome you@shop.example\n"
    "Its subject begins with [test], and its way out leads nowhere.",
    "hospes message send-test user_id:08231 bienvenue vous@boutique.example\n"
    "Son objet commence par [test], et sa sortie ne mène nulle part."};

constexpr Help reopen_help{
    "reopen", "Lets a destination send marketing mail again, after too many complained.",
    "Laisse une destination envoyer à nouveau le marketing, après trop de plaintes.",
    "hospes message reopen relay\n"
    "Look first at why: whom was written to, and what. What was counted begins anew; your name is kept.",
    "hospes message reopen relais\n"
    "Regardez d'abord pourquoi : à qui, et quoi. Le compte repart de zéro ; votre nom est gardé."};

constexpr Help replay_help{
    "replay", "Sends once more what a destination could not take, or may have lost.",
    "Renvoie ce qu'une destination n'a pas pris, ou a peut-être perdu.",
    "hospes message replay crm\nhospes message replay crm --within 2h --uncertain\n"
    "Each is asked again before it leaves and bears its own id, so that a receiver knows a repetition.",
    "hospes message replay crm\nhospes message replay crm --within 2h --uncertain\n"
    "Chacun est redemandé avant de partir et porte son identifiant : le destinataire reconnaît une répétition."};

}  // namespace

void add_message(Command hospes) {
  const Command message = hospes.command(message_help);
  message.needs_command();
  const auto of_files = std::make_shared<Check>();
  const Command checks = message.command(message_check_help);
  checks.option("FOLDER", of_files->folder, "the house's folder");
  checks.run(of_files, check_messages);
  const auto of_person = std::make_shared<Preview>();
  const Command previews = message.command(message_preview_help);
  previews.option("PERSON", of_person->person, "such as user_id:08231").required();
  previews.option("MESSAGE", of_person->message, "its name in messages/").required();
  previews.option("--language", of_person->language, "fr or en; else the person's");
  previews.flag("--html", of_person->html, "the HTML part, as a file to open");
  add_ask_options(previews, of_person->options);
  previews.run(of_person, preview);
  const auto of_staff = std::make_shared<Test>();
  const Command tests = message.command(message_test_help);
  tests.option("PERSON", of_staff->person, "such as user_id:08231").required();
  tests.option("MESSAGE", of_staff->message, "its name in messages/").required();
  tests.option("ADDRESS", of_staff->to, "where the test goes").required();
  add_ask_options(tests, of_staff->options);
  tests.run(of_staff, send_test);
  const auto of_destination = std::make_shared<Reopen>();
  const Command reopens = message.command(reopen_help);
  reopens.option("DESTINATION", of_destination->destination, "its name in actions.toml").required();
  add_ask_options(reopens, of_destination->options);
  reopens.run(of_destination, reopen);
  const auto of_failed = std::make_shared<Replay>();
  const Command replays = message.command(replay_help);
  replays.option("DESTINATION", of_failed->destination, "its name in actions.toml").required();
  replays.option("--within", of_failed->within, "how long ago they ended at most; else 24h");
  replays.flag("--uncertain", of_failed->uncertain, "those too of which nobody knows whether they arrived");
  add_ask_options(replays, of_failed->options);
  replays.run(of_failed, replay);
}

}  // namespace hospes::server
