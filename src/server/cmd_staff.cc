// hospes staff and hospes approval: who works for the house, and what waits for a second person's yes.
#include <fmt/format.h>

#include "base/json_text.h"
#include "server/asking.h"
#include "server/command.h"
#include "server/staff_commands.h"

namespace hospes::server {
namespace {

struct StaffAsk {
  AskOptions house;
  std::string name, role, called, id;
};

int printed(const std::string& body) {
  fmt::print("{}", body);
  if (!body.ends_with('\n')) fmt::print("\n");
  return exit_done;
}

std::string state_of(const Globals& globals, const Json& a) {
  if (!a["on"].truth()) return std::string(globals.say("switched off", "désactivé"));
  if (!a["locked_until"].text().empty())
    return fmt::format("{} {}", globals.say("locked until", "bloqué jusqu'à"), a["locked_until"].text());
  if (a["has_password"].truth()) return std::string(globals.say("can sign in", "peut entrer"));
  if (!a["link_until"].text().empty())
    return fmt::format("{} {}", globals.say("invited until", "invité jusqu'à"), a["link_until"].text());
  return std::string(globals.say("the invitation is over", "l'invitation a expiré"));
}

void line(const Globals& globals, const Json& a) {
  fmt::print("{:<16} {:<10} {:<28} {}\n", a["name"].text(), a["role"].text(), a["called"].text(), state_of(globals, a));
}

int list(const Globals& globals, const StaffAsk& wanted) {
  const auto house = find_house(globals, wanted.house);
  if (!house) return report(house.error());
  const auto body = get(*house, "/v1/staff");
  if (!body) return report(body.error());
  if (globals.json) return printed(*body);
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  const auto rows = (*answer)["accounts"].items();
  if (rows.empty())
    fmt::print(
        "{}\n", globals.say(
                    "no accounts yet: the owner comes in by hospes link. Next: hospes staff add lea --role marketer",
                    "aucun compte : le propriétaire entre par hospes link. Ensuite : hospes staff add lea --role marketer"
                )
    );
  for (const Json& a : rows) line(globals, a);
  return exit_done;
}

/// The link that only its person shall have.
int told_link(const Globals& globals, const House& house, const std::string& body) {
  const auto answer = Json::parse(body);
  if (!answer) return report(answer.error());
  const std::string link =
      fmt::format("http://{}:{}{}", house.console.host, house.console.port, (*answer)["path"].text());
  if (globals.json) {
    fmt::print("{{\"link\":{},\"until\":{}}}\n", json_text(link), json_text((*answer)["account"]["link_until"].text()));
    return exit_done;
  }
  line(globals, (*answer)["account"]);
  fmt::print(
      "{} {}\n  {}\n",
      globals.say(
          "They choose their own password here, once, until", "Le mot de passe se choisit ici, une fois, jusqu'à"
      ),
      (*answer)["account"]["link_until"].text(), link
  );
  return exit_done;
}

int add(const Globals& globals, const StaffAsk& wanted) {
  const auto house = find_house(globals, wanted.house);
  if (!house) return report(house.error());
  std::string body = fmt::format("{{\"name\":{},\"role\":{}", json_text(wanted.name), json_text(wanted.role));
  if (!wanted.called.empty()) body += ",\"called\":" + json_text(wanted.called);
  const auto answer = ask(*house, "POST", "/v1/staff", body + "}");
  return answer ? told_link(globals, *house, *answer) : report(answer.error());
}

int link(const Globals& globals, const StaffAsk& wanted) {
  const auto house = find_house(globals, wanted.house);
  if (!house) return report(house.error());
  const auto answer = ask(*house, "POST", "/v1/staff/" + url_escaped(wanted.name) + "/link");
  return answer ? told_link(globals, *house, *answer) : report(answer.error());
}

int changed(const Globals& globals, const StaffAsk& wanted, std::string_view method, const std::string& under, const std::string& body) {
  const auto house = find_house(globals, wanted.house);
  if (!house) return report(house.error());
  const auto said = ask(*house, method, "/v1/staff/" + url_escaped(wanted.name) + under, body);
  if (!said) return report(said.error());
  if (globals.json) return printed(*said);
  const auto answer = Json::parse(*said);
  if (!answer) return report(answer.error());
  line(globals, *answer);
  return exit_done;
}

int role(const Globals& globals, const StaffAsk& wanted) {
  return changed(globals, wanted, "PATCH", "", "{\"role\":" + json_text(wanted.role) + "}");
}
int off(const Globals& globals, const StaffAsk& wanted) {
  return changed(globals, wanted, "PATCH", "", R"({"on":false})");
}
int on(const Globals& globals, const StaffAsk& wanted) {
  return changed(globals, wanted, "PATCH", "", R"({"on":true})");
}
int unlock(const Globals& globals, const StaffAsk& wanted) { return changed(globals, wanted, "POST", "/unlock", ""); }

int approvals(const Globals& globals, const StaffAsk& wanted) {
  const auto house = find_house(globals, wanted.house);
  if (!house) return report(house.error());
  const auto body = get(*house, "/v1/approvals");
  if (!body) return report(body.error());
  if (globals.json) return printed(*body);
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  const auto rows = (*answer)["approvals"].items();
  if (rows.empty())
    fmt::print("{}\n", globals.say("nothing waits for a second person", "rien n'attend une deuxième personne"));
  for (const Json& a : rows)
    fmt::print(
        "{}  {:<8} {:<8} {:<12} {} {}  {}\n", a["id"].text(), a["state"].text(), a["kind"].text(), a["by"].text(),
        globals.say("until", "jusqu'à"), a["until"].text(), a["what"].text()
    );
  return exit_done;
}

int approval_link(const Globals& globals, const StaffAsk& wanted) {
  const auto house = find_house(globals, wanted.house);
  if (!house) return report(house.error());
  const auto body = ask(*house, "POST", "/v1/approvals/" + url_escaped(wanted.id) + "/link", "{}");
  if (!body) return report(body.error());
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  const std::string url =
      fmt::format("http://{}:{}{}", house->console.host, house->console.port, (*answer)["path"].text());
  if (globals.json)
    fmt::print("{{\"link\":{},\"until\":{}}}\n", json_text(url), json_text((*answer)["until"].text()));
  else
    fmt::print("{}\n", url);
  return exit_done;
}

void with_name(const Command& staff, const Help& help, int (*what)(const Globals&, const StaffAsk&)) {
  const auto wanted = std::make_shared<StaffAsk>();
  const Command command = staff.command(help);
  command.option("name", wanted->name, "the account's name", "le nom du compte").required();
  if (what == role || what == add)
    command.option(
               what == add ? "--role" : "role", wanted->role, "owner, privacy, marketer, analyst, support or developer",
               "owner, privacy, marketer, analyst, support ou developer"
    )
        .required();
  if (what == add) command.option("--called", wanted->called, "as people call them", "comme on les appelle");
  add_ask_options(command, wanted->house);
  command.run(wanted, what);
}

}  // namespace

void add_staff(Command hospes) {
  const Command staff = hospes.command({"staff", "Who works for the house: accounts, roles, locks.",
       "Qui travaille pour la maison : comptes, rôles, blocages.",
       "hospes staff add lea --role marketer --called \"Léa Martin\"\n"
       "hospes staff list\n"
       "What each role may: docs/staff.md. The owner needs no account: hospes link",
       "hospes staff add lea --role marketer --called \"Léa Martin\"\n"
       "hospes staff list\n"
       "Ce que chaque rôle peut : docs/staff.md. Le propriétaire n'a pas besoin de compte : hospes link"});
  staff.needs_command();
  const auto listed = std::make_shared<StaffAsk>();
  const Command all = staff.command({"list", "Lists the accounts, with their roles and whether they can sign in.",
       "Donne les comptes, leurs rôles et s'ils peuvent entrer.", "hospes staff list --json", "hospes staff list --json"});
  add_ask_options(all, listed->house);
  all.run(listed, list);
  with_name(staff, {"add", "Makes an account and prints the link, good once, by which its person chooses a password.",
       "Crée un compte et donne le lien, valable une fois, où sa personne choisit son mot de passe.",
       "hospes staff add lea --role support\nGive the link to nobody else: whoever opens it first is lea.",
       "hospes staff add lea --role support\nNe donnez le lien à nul autre : qui l'ouvre le premier est lea."}, add);
  with_name(staff, {"link", "Prints a new link for who lost their password; the older link is void.",
       "Donne un nouveau lien à qui a perdu son mot de passe ; l'ancien ne vaut plus.",
       "hospes staff link lea\nTheir password stays until they choose another.",
       "hospes staff link lea\nLeur mot de passe vaut jusqu'à ce qu'un autre soit choisi."}, link);
  with_name(staff, {"role", "Gives an account another role, from its next click on.",
       "Donne un autre rôle à un compte, dès son prochain clic.", "hospes staff role lea analyst",
       "hospes staff role lea analyst"}, role);
  with_name(staff, {"off", "Switches an account off and ends its sessions. Its name is never given to anybody else.",
       "Désactive un compte et ferme ses sessions. Son nom ne sera donné à personne d'autre.", "hospes staff off lea",
       "hospes staff off lea"}, off);
  with_name(staff, {"on", "Switches an account on again, with the password it had.",
       "Réactive un compte, avec le mot de passe qu'il avait.", "hospes staff on lea", "hospes staff on lea"}, on);
  with_name(staff, {"unlock", "Ends the lock that five wrong passwords in a row brought.",
       "Lève le blocage que cinq mots de passe faux de suite ont amené.", "hospes staff unlock lea",
       "hospes staff unlock lea"}, unlock);

  const Command approval = hospes.command({"approval", "What waits for the yes of a second person.",
       "Ce qui attend le oui d'une deuxième personne.",
       "hospes approval list\nAn owner or privacy officer says yes in the console, under Staff: never this command line.",
       "hospes approval list\nUn propriétaire ou délégué dit oui dans la console, sous Équipe : jamais cette commande."});
  approval.needs_command();
  const auto waiting = std::make_shared<StaffAsk>();
  const Command every = approval.command({"list", "Lists what was asked, newest first, and what became of it.",
       "Donne ce qui fut demandé, du plus récent, et ce qu'il en est.", "hospes approval list", "hospes approval list"});
  add_ask_options(every, waiting->house);
  every.run(waiting, approvals);
  const auto linked = std::make_shared<StaffAsk>();
  const Command one = approval.command({"link", "Prints a link, good once, for a second person without an account; only while no account could say yes.",
       "Donne un lien, valable une fois, pour une deuxième personne sans compte ; seulement tant qu'aucun compte ne peut dire oui.",
       "hospes approval link 7Q2KXXXXXXXX", "hospes approval link 7Q2KXXXXXXXX"});
  one.option("id", linked->id, "of the approval", "de la demande").required();
  add_ask_options(one, linked->house);
  one.run(linked, approval_link);
}

}  // namespace hospes::server
